//! What was measured where, what was modelled, and how.

use super::block::{Block, Medium, Section};
use crate::{
    analysis::Analysis,
    findings::Findings,
    format::counted,
    selection::{last, left_out},
    sentences, tables,
};
use indexmap::IndexSet;
use profile::{Profile, Rendering};

/// Most machines, programs and ways to measure that are listed.
const FACTS: usize = 100;

const TITLE: &str = "What was measured";
const MODELLED: &str = "What was modelled, not measured";

/// The section.
pub fn section<'a>(findings: &Findings<'a>) -> Section<'a> {
    let (modelled, others): (Vec<&Analysis>, Vec<&Analysis>) =
        findings.selection.all.iter().partition(|a| is_modelled(&a.profile));
    let mut blocks = Vec::new();
    if !others.is_empty() {
        blocks.push(Block::Table(tables::measurements(&others)));
    }
    if !modelled.is_empty() {
        blocks.push(Block::part(MODELLED));
        blocks.push(Block::Table(tables::measurements(&modelled)));
    }
    blocks.push(Block::facts(facts(findings)).only(Medium::Page));
    blocks.extend(findings.unused().iter().map(Block::warning));
    let (id, entry) = (Some("measured".to_owned()), Some(TITLE.to_owned()));
    Section { id, entry, blocks: vec![Block::folded(TITLE.to_owned(), blocks)] }
}

fn is_modelled(p: &Profile) -> bool {
    p.device.rendering == Rendering::Modelled
}

/// Machines, programs, how each was asked to measure; what is not drawn, what stands elsewhere.
fn facts(findings: &Findings<'_>) -> Vec<String> {
    let profiles = || findings.analyses.iter().map(|a| &a.profile);
    let settings = profiles().map(sentences::setting);
    // A side of a comparison has whatever its network's seconds left it; a model is asked for no samples.
    let own = |p: &&Profile| p.comparison.is_none() || p.is_network();
    let asked = profiles().filter(|p| own(p) && !is_modelled(p));
    let all: IndexSet<String> = settings.chain(asked.map(sentences::asked_for)).collect();
    let all: Vec<String> = all.into_iter().collect();
    let mut facts = last(&all, FACTS).to_vec();
    facts.extend(left_out(facts.len(), all.len(), "settings, the last ones"));
    facts.extend(findings.selection.left_out());
    let sides = profiles().filter(|p| p.comparison.is_some() && !p.is_network()).count();
    if sides > 0 {
        facts.push(format!(
            "{} of comparisons; prices are in the section on architectures.",
            counted(sides, "side")
        ));
    }
    let points = profiles().filter(|p| p.experiment.is_some()).count();
    if points > 0 {
        facts.push(format!(
            "{} of experiments; verdicts are in the sections on the guidelines.",
            counted(points, "point")
        ));
    }
    facts
}
