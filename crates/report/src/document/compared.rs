//! Two sides that were measured in turn.

use super::{
    block::{Block, Medium, Section},
    figure::Figure,
};
use crate::{
    analysis::Analysis,
    compare::{
        pair::{Pair, Row},
        sentences::{CORRECTED, memory, operators, sides, whole},
        tables::rows,
    },
    sentences::noise,
    tables::shares,
};

/// Rows of the table of the operators whose times differ most.
const TOP: usize = 10;

const TITLE: &str = "A against B";

/// The section of a pair.
pub fn section<'a>(pair: &'a Pair<'a>) -> Section<'a> {
    let heading = format!("{TITLE}: {} and {}", pair.a.profile.model, pair.b.profile.model);
    let entry = Some(heading.clone());
    let mut blocks = vec![Block::Heading(2, heading), Block::finding(whole(pair))];
    let facts = sides(pair).into_iter().chain([operators(pair)]).chain(memory(pair));
    blocks.push(Block::facts(facts));
    let noisy = [("A", pair.a), ("B", pair.b)].into_iter();
    let noisy = noisy.filter(|(_, a)| !a.profile.noise.reasons.is_empty());
    blocks.extend(noisy.map(|(letter, a)| Block::warning(format!("{letter}: {}", noise(a)))));
    blocks.push(Block::Chart(Figure::Waterfall(pair)));
    let largest = largest(pair);
    if !largest.is_empty() {
        blocks.push(Block::Heading(4, "Where the difference is".to_owned()));
        blocks.push(Block::Table(rows(largest)));
        blocks.push(Block::note(CORRECTED));
    }
    blocks.push(Block::Chart(Figure::Along(pair)));
    let both = [pair.a, pair.b];
    let letter = |a: &Analysis| if std::ptr::eq(a, pair.a) { "A" } else { "B" }.to_owned();
    blocks.push(Block::Heading(4, "By class".to_owned()));
    blocks.push(Block::Chart(Figure::Sides(pair)));
    blocks.push(Block::Table(shares(&both, "side", letter)));
    let all = Block::Fold("All operators".to_owned(), vec![Block::Table(rows(&pair.rows))]);
    blocks.push(all.only(Medium::Page));
    Section { entry, blocks, ..Section::default() }
}

/// The rows whose times differ most, the largest difference first.
fn largest<'p>(pair: &'p Pair<'_>) -> Vec<&'p Row<'p>> {
    let mut rows: Vec<(&Row<'_>, f64)> =
        pair.rows.iter().filter_map(|row| Some((row, row.difference()?.abs()))).collect();
    rows.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    rows.into_iter().take(TOP).map(|(row, _)| row).collect()
}
