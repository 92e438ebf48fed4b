//! Architectures as tables.

use super::{axis::Axis, record::Architecture};
use crate::{
    format::{NOTHING, grouped},
    table::{Column, Table},
};
use profile::Guideline;

/// What the columns of [`figures`] mean.
pub const FIGURES: &str = "G1 MAC/bound: memory access cost of all dense convolutions over the sum of \
     their lower bounds; G1 time: in those over 1.5 times theirs. G2 MAC/dense: that of convolutions in \
     groups, depthwise ones left out, over that of dense ones of equal mult-adds; G2 time: in them. \
     ops/block: operators of a building block of two convolutions or more. widest: most operators \
     that could run at once. G3 dispatch: what the device takes for as many operators that compute \
     nothing. G4: element-wise and data operators. Times are shares of the sum of the operators' \
     medians; G3's is a share of the run.";

/// A row a network and place: its year, mult-adds, run and prices.
pub fn prices(found: &[&Architecture]) -> Table {
    let mut columns = vec![
        Column::words("network", 9),
        Column::numbers("year", 5).optional(),
        Column::words("level", 8),
        Column::words("device", 3),
        Column::numbers("M mult-adds", 4),
        Column::numbers("run ms", 8),
    ];
    columns.extend(Guideline::ALL.map(|g| Column::numbers(&format!("{g} %"), 9)));
    columns.push(Column::words("noise", 1));
    let mut table = Table::new(columns);
    for a in found {
        let year = a.year.map_or_else(|| NOTHING.to_owned(), |year| year.to_string());
        let mut row = vec![a.model.clone(), year, a.level.to_string(), a.place.clone()];
        row.push(grouped(a.mul_adds as f64 / 1e6, 1));
        row.push(a.run_ms.map_or(NOTHING.into(), |ms| grouped(ms, 2)));
        row.extend(Guideline::ALL.map(|g| price(a.axis(g))));
        row.push(if a.noise.is_empty() { "quiet" } else { "NOISY" }.to_owned());
        table.row(row);
    }
    table
}

/// `12.3 (11.9 to 12.8)`.
pub(super) fn price(axis: &Axis) -> String {
    let percent = |share: f64| grouped(share * 100.0, 1);
    let Some(share) = axis.price_share else { return NOTHING.to_owned() };
    let interval = axis.price_share_ci.filter(|[low, high]| low < high);
    let ends = |[low, high]: [f64; 2]| format!(" ({} to {})", percent(low), percent(high));
    percent(share) + &interval.map_or(String::new(), ends)
}

/// A row a network and place: what the formulas say, and where the time goes.
pub fn figures(found: &[&Architecture]) -> Table {
    let mut table = Table::new(vec![
        Column::words("network", 9),
        Column::words("level", 8),
        Column::words("device", 1),
        Column::numbers("G1 MAC/bound", 9),
        Column::numbers("G1 time %", 8),
        Column::numbers("G2 MAC/dense", 7),
        Column::numbers("G2 time %", 7),
        Column::numbers("grouped GFLOP/s", 4),
        Column::numbers("dense GFLOP/s", 4),
        Column::numbers("G3 ops/block", 6),
        Column::numbers("widest", 5),
        Column::numbers("ops/M mult-adds", 5),
        Column::numbers("G3 dispatch %", 6),
        Column::numbers("G4 time %", 9),
        Column::numbers("G4 FLOPs %", 8),
    ]);
    let or_nothing = |value: Option<f64>, decimals| {
        value.map_or_else(|| NOTHING.to_owned(), |v| grouped(v, decimals))
    };
    let percent = |share: Option<f64>| or_nothing(share.map(|s| s * 100.0), 1);
    for a in found {
        table.row(vec![
            a.model.clone(),
            a.level.to_string(),
            a.place.clone(),
            or_nothing(a.g1.access_over_bound, 2),
            percent(a.g1.time_share),
            or_nothing(a.g2.axis.access_over_bound, 2),
            percent(a.g2.axis.time_share),
            or_nothing(a.g2.grouped_gflops, 1),
            or_nothing(a.g2.dense_gflops, 1),
            or_nothing(a.g3.operators_per_block, 1),
            a.g3.widest.map_or_else(|| NOTHING.to_owned(), |n| n.to_string()),
            grouped(a.g3.dispatches_per_million_mul_adds, 2),
            percent(a.g3.axis.time_share),
            percent(a.g4.axis.time_share),
            percent(Some(a.g4.flop_share)),
        ]);
    }
    table
}

/// A row a network and guideline: what it loses, and what was rewritten to find that.
pub fn rewritings(found: &[&Architecture]) -> Table {
    let mut table = Table::new(vec![
        Column::words("network", 9),
        Column::words("guideline", 8),
        Column::numbers("ms", 7),
        Column::words("95 %", 3),
        Column::words("rewritten", 9),
    ]);
    let ms = |ms: f64| grouped(ms, 3);
    for (a, guideline) in found.iter().flat_map(|a| Guideline::ALL.map(|g| (a, g))) {
        let axis = a.axis(guideline);
        let ends = |[low, high]: [f64; 2]| format!("{} to {}", ms(low), ms(high));
        table.row(vec![
            a.model.clone(),
            guideline.to_string(),
            axis.price_ms.map_or_else(|| NOTHING.to_owned(), ms),
            axis.price_ms_ci.map_or_else(|| NOTHING.to_owned(), ends),
            axis.changed.clone(),
        ]);
    }
    table
}
