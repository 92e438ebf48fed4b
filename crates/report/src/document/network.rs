//! One network on every device that ran it.

use super::{
    block::{Block, Details, Fact, Form, Medium, Role, Section},
    figure::Figure,
};
use crate::{
    analysis::{Analysis, measured},
    beside::Beside,
    format::counted,
    sentences,
    table::Table,
    tables,
};

/// Operators in the table of those that take longest.
const TOP: usize = 10;

/// The section of one network's measurements.
pub fn section<'a>(group: &[&'a Analysis], form: Form) -> Section<'a> {
    let blocks = group.iter().flat_map(|a| measurement(a)).collect();
    let details = Details { summary: "Operator by operator".to_owned(), form, blocks };
    Section { blocks: overview(group), details: Some(details), ..Section::default() }
}

/// The devices side by side.
pub fn overview<'a>(group: &[&'a Analysis]) -> Vec<Block<'a>> {
    let p = &group[0].profile;
    let meaning = sentences::level(p.level);
    let lead = format!("Input {}, level {}: {meaning}.", p.inputs(), p.lowering());
    let mut blocks = vec![
        Block::Heading(2, p.model.clone()),
        Block::Paragraph(Role::Lead, lead),
        Block::Chart(Figure::Devices(group.to_vec())),
    ];
    if group.len() > 1 {
        let title = "Share of Σ operators by class:".to_owned();
        blocks.push(Block::Paragraph(Role::Title, title).only(Medium::Terminal));
        blocks.push(Block::Table(tables::shares_of_network(group)));
    }
    blocks.extend(Beside::of(group).into_iter().flat_map(|beside| moves(&beside)));
    blocks
}

/// Which operators matter on the GPU and not on the ARM core, or the other way round.
fn moves<'a>(beside: &Beside<'_>) -> Vec<Block<'a>> {
    let title = "Operators of 1 % or more whose place by time differs most:".to_owned();
    vec![
        Block::finding(sentences::beside(beside)),
        Block::Paragraph(Role::Title, title),
        Block::Table(tables::moves(beside)),
    ]
}

/// One device, operator by operator.
fn measurement(a: &Analysis) -> Vec<Block<'_>> {
    let place = a.place();
    let account = a.account().filter(|_| measured(&a.profile));
    let account = account.map(|account| sentences::account(&account));
    let parts = sentences::parts(a);
    let summary = [sentences::whole_run(a), parts, account].into_iter().flatten();
    let mut blocks = vec![Block::part(format!("{} on {place}", a.profile.model))];
    blocks.extend(summary.map(Block::finding));
    blocks.push(Block::List(facts(a)));
    blocks
        .extend([Figure::Operators(a), Figure::MulAdds(a), Figure::Roofline(a)].map(Block::Chart));
    let caution = a.caution();
    let judged = |table: Table| {
        let caution = caution.clone().map(Block::warning);
        [Block::Table(table)].into_iter().chain(caution).collect::<Vec<_>>()
    };
    let titled = |title: &str| Block::Heading(4, format!("{title} · {place}"));
    blocks.push(titled("By class"));
    blocks.extend(judged(tables::classes(&a.classes())));
    let bounds = a.bounds();
    if !bounds.is_empty() {
        blocks.push(titled("By bound"));
        blocks.extend(judged(tables::bounds(&bounds)));
    }
    let slowest = a.slowest(TOP);
    if !slowest.is_empty() {
        blocks.push(titled("Top by time"));
        blocks.extend(judged(tables::operators(slowest)));
    }
    let all = format!("All {} · {place}", counted(a.ops.len(), "operator"));
    blocks.push(Block::Fold(all, judged(tables::operators(&a.ops))));
    blocks
}

/// How it was measured.
fn facts(a: &Analysis) -> Vec<Fact> {
    let p = &a.profile;
    let facts = [
        (Some(sentences::verification(a)), !p.verification.passed),
        (Some(sentences::noise(a)), !p.noise.reasons.is_empty()),
        (Some(sentences::timing(a)), !p.timing.note.is_empty()),
        (sentences::workers(p), false),
        (sentences::memory(a), false),
        (sentences::instrumentation(a).filter(|_| measured(p)), false),
        (sentences::stamping(a), false),
        (sentences::cross_check(a), false),
    ];
    facts.into_iter().filter_map(|(text, warns)| Some(Fact { text: text?, warns })).collect()
}
