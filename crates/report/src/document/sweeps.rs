//! Networks over batches and sizes of input.

use super::{
    block::{Block, Section},
    figure::Figure,
};
use crate::{
    findings::Findings,
    format::{NOTHING, grouped},
    sweep::Sweep,
    table::{Column, Table},
};

/// A section a network and axis.
pub fn sections<'a>(findings: &'a Findings<'a>) -> Vec<Section<'a>> {
    findings.sweeps.iter().map(section).collect()
}

fn section<'a>(sweep: &'a Sweep<'a>) -> Section<'a> {
    let p = &sweep.first().profile;
    let title = format!("{}, {}, over {}", p.model, p.lowering(), sweep.axis.name());
    let blocks = vec![
        Block::Heading(2, title),
        Block::Chart(Figure::Sweep(sweep)),
        Block::Table(table(sweep)),
    ];
    Section { blocks, ..Section::default() }
}

/// A row a measurement.
fn table(sweep: &Sweep<'_>) -> Table {
    let mut table = Table::new(vec![
        Column::words(sweep.axis.name(), 9),
        Column::numbers("ms", 9),
        Column::words("± 95 %", 7),
        Column::numbers("images/s", 8),
        Column::numbers("ms an image", 6),
        Column::words("on", 5),
        Column::words("noise", 3).optional(),
    ]);
    let milliseconds = |ns: f64| grouped(ns / 1e6, 3);
    for line in &sweep.lines {
        for a in &line.points {
            let whole = a.whole;
            let or_nothing = |cell: Option<String>| cell.unwrap_or_else(|| NOTHING.to_owned());
            let half = whole.and_then(|w| w.half_width());
            table.row(vec![
                sweep.axis.value(&a.profile),
                or_nothing(whole.map(|w| milliseconds(w.median))),
                or_nothing(half.map(|ns| format!("± {}", milliseconds(ns)))),
                or_nothing(a.images_per_s().map(|rate| grouped(rate, 1))),
                or_nothing(whole.map(|w| milliseconds(w.median / a.profile.batch as f64))),
                line.label(sweep.axis),
                a.noisy().to_owned(),
            ]);
        }
    }
    table
}
