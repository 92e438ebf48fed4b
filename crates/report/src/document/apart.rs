//! Two measurements of other times or machines.

use super::{
    block::{Block, Section},
    figure::Figure,
};
use crate::{
    analysis::{Analysis, Operator},
    compare::{
        apart::{Apart, Beside},
        matching::name,
    },
    format::{NOTHING, change, counted, grouped},
    sentences::noise,
    table::{Column, Table},
    tables::shares,
};

/// Rows of the table of operators.
const TOP: usize = 20;

/// The section of two measurements.
pub fn section<'a>(apart: &'a Apart<'a>) -> Section<'a> {
    let Apart { a, b, .. } = apart;
    let title = format!("{} and {}, apart", a.profile.model, b.profile.model);
    let mut blocks = vec![Block::Heading(2, title.clone())];
    let one = |letter: &str, a: &Analysis| {
        format!("{letter}: {} on {}, taken {}.", a.network(), a.place(), a.profile.taken_at)
    };
    blocks.push(Block::facts([one("A", a), one("B", b), comparable(apart), incomparable(apart)]));
    let noisy =
        [("A", a), ("B", b)].into_iter().filter(|(_, a)| !a.profile.noise.reasons.is_empty());
    blocks.extend(noisy.map(|(letter, a)| Block::warning(format!("{letter}: {}", noise(a)))));
    blocks.push(Block::Heading(4, "Share of Σ operators by class".to_owned()));
    let letter = |x: &Analysis| if std::ptr::eq(x, *a) { "A" } else { "B" }.to_owned();
    blocks.push(Block::Chart(Figure::Apart(apart)));
    blocks.push(Block::Table(shares(&[a, b], "side", letter)));
    blocks.push(Block::Heading(4, format!("The {TOP} operators with the largest share in either")));
    blocks.push(Block::Table(operators(apart)));
    Section { entry: Some(title), blocks, ..Section::default() }
}

/// What the two say that can be compared.
fn comparable(apart: &Apart<'_>) -> String {
    let ceilings = [apart.a, apart.b].iter().all(|a| a.roof.is_some());
    let ceilings = if ceilings {
        ", and each operator's share of its own ceilings"
    } else {
        "; shares of ceilings are not, for one of them was not calibrated"
    };
    let ranks = apart.correlation().map_or_else(String::new, |rho| {
        format!(" Ranks of operators by time correlate by {} (Spearman).", grouped(rho, 2))
    });
    format!("Comparable: shares of time, ranks{ceilings}.{ranks}")
}

/// What cannot be compared, and why.
fn incomparable(apart: &Apart<'_>) -> String {
    if !apart.at_one_place() {
        return "Not comparable: their times, which are of other devices, machines or thread counts.".to_owned();
    }
    match apart.drift {
        None => "Not comparable: their times. One machine may be a tenth slower an hour later, and no other \
                 network that one build measured in both files tells by how much. `probe compare` measures both in \
                 turn."
            .to_owned(),
        Some(drift) => format!(
            "Their times are comparable within the machine's drift: {} measured in both files took {} to {} \
             more in B. A difference within that is none.",
            counted(drift.twins, "other network"),
            change(drift.least),
            change(drift.most),
        ),
    }
}

/// A row an operator: shares, ranks, shares of ceilings.
fn operators(apart: &Apart<'_>) -> Table {
    let mut table = Table::new(vec![
        Column::words("operator", 9),
        Column::words("what", 2),
        Column::numbers("A %", 8),
        Column::numbers("B %", 8),
        Column::numbers("A rank", 5),
        Column::numbers("B rank", 5),
        Column::numbers("A % of bound", 7).optional(),
        Column::numbers("B % of bound", 7).optional(),
        Column::words("bound in A", 3).optional(),
        Column::words("bound in B", 3).optional(),
    ]);
    let mut rows: Vec<&Beside<'_>> = apart.rows.iter().collect();
    rows.sort_by(|x, y| largest(y).total_cmp(&largest(x)));
    for row in rows.into_iter().take(TOP) {
        let share =
            |op: Option<f64>| op.map_or_else(|| NOTHING.to_owned(), |s| grouped(s * 100.0, 1));
        let rank = |side: Option<(&Operator, usize)>| {
            side.map_or_else(|| NOTHING.to_owned(), |(_, rank)| rank.to_string())
        };
        let (a, b) = (row.a.map(|a| a.0), row.b.map(|b| b.0));
        let bound = |op: Option<&Operator>| {
            op.and_then(|op| op.bound.as_ref())
                .map_or_else(String::new, |bound| bound.limit.clone())
        };
        table.row(vec![
            name(a.map(|op| &*op.record), b.map(|op| &*op.record)),
            b.or(a).map_or_else(String::new, Operator::what),
            share(a.and_then(|op| op.share)),
            share(b.and_then(|op| op.share)),
            rank(row.a),
            rank(row.b),
            share(a.and_then(Operator::of_bound)),
            share(b.and_then(Operator::of_bound)),
            bound(a),
            bound(b),
        ]);
    }
    table
}

fn largest(row: &Beside<'_>) -> f64 {
    let share = |side: Option<(&Operator, usize)>| side.and_then(|(op, _)| op.share).unwrap_or(0.0);
    share(row.a).max(share(row.b))
}
