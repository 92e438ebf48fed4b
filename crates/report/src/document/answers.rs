//! The answers before all else: what takes the time of each network, on each device.

use super::block::{Block, Section};
use crate::{
    analysis::Analysis,
    answer::{self, Prices},
    compare::{pair::Pair, sentences::whole},
    findings::Findings,
    tables,
};

const TITLE: &str = "What takes the time";

/// The section, whose rows lead to each network by its path; none where a single network says all itself.
pub fn section<'a>(
    findings: &Findings<'_>,
    prices: &Prices<'_>,
    paths: &[String],
) -> Option<Section<'a>> {
    let measurements = || {
        let each = findings.networks.iter().zip(paths);
        each.flat_map(|(group, path)| group.iter().map(move |a| (*a, path)))
    };
    let mut blocks = vec![Block::Heading(2, TITLE.to_owned())];
    let named = |pair: &Pair<'_>| {
        format!("A, {}, against B, {}: {}", pair.a.profile.model, pair.b.profile.model, whole(pair))
    };
    blocks.extend(findings.pairs.iter().map(|pair| Block::finding(named(pair))));
    if measurements().count() > 1 {
        let rows = measurements().map(|(a, path)| (a, prices.of(a), path.as_str()));
        blocks.push(Block::Table(tables::answers(rows)));
    }
    // Sections on this page say it themselves.
    if paths.iter().any(|path| !path.starts_with('#')) {
        let sentence = |(a, _): (&Analysis, &String)| {
            format!("{}. {}", a.network(), answer::sentence(a, prices.of(a)))
        };
        let sentences = Block::facts(measurements().map(sentence));
        blocks.push(Block::Fold("The same in words".to_owned(), vec![sentences]));
    }
    let (id, entry) = (Some("answers".to_owned()), Some(TITLE.to_owned()));
    (blocks.len() > 1).then_some(Section { id, entry, blocks })
}
