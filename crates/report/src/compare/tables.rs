//! Two sides in tables.

use super::{matching::Match, pair::Row, sentences::verdict};
use crate::{
    analysis::Operator,
    format::{NOTHING, change, grouped, micros},
    table::{Column, Table},
};

/// A row an operator: both times, and how they compare.
pub fn rows<'r>(rows: impl IntoIterator<Item = &'r Row<'r>>) -> Table {
    let mut table = Table::new(vec![
        Column::words("operator", 9),
        Column::words("what", 2),
        Column::numbers("A µs", 8),
        Column::numbers("B µs", 8),
        Column::numbers("B − A µs", 7),
        Column::numbers("change", 8),
        Column::words("interval", 5),
        Column::words("verdict", 9).choice(),
        Column::words("kernels", 1).optional(),
    ])
    .of_operators();
    for row in rows {
        let ns = |op: Option<&Operator>| op.and_then(Operator::ns);
        let time = |op| ns(op).map_or_else(|| NOTHING.to_owned(), micros);
        let judged = row.judged.as_ref();
        let interval = judged.and_then(|judged| judged.interval);
        table.row(vec![
            row.name(),
            row.b.or(row.a).map_or_else(String::new, Operator::what),
            time(row.a),
            time(row.b),
            row.difference().map_or_else(|| NOTHING.to_owned(), |ns| grouped(ns / 1e3, 2)),
            judged.map_or_else(|| NOTHING.to_owned(), |judged| change(judged.ratio - 1.0)),
            interval.map_or_else(String::new, |(low, high)| {
                format!("{} to {}", change(low - 1.0), change(high - 1.0))
            }),
            said(row),
            kernels(row),
        ]);
    }
    table
}

/// Both kernels, where they are not the same.
fn kernels(row: &Row<'_>) -> String {
    let both = row.a.zip(row.b).map(|(a, b)| (&a.record.kernel, &b.record.kernel));
    both.filter(|(a, b)| a != b).map_or_else(String::new, |(a, b)| format!("{a} → {b}"))
}

/// The verdict, with what else is to be known of the row.
fn said(row: &Row<'_>) -> String {
    let verdict = row.judged.as_ref().map(verdict);
    let how = match row.how {
        Match::Same | Match::Renamed => None,
        Match::Changed => Some("changed".to_owned()),
        Match::Removed => Some("only in A".to_owned()),
        Match::Added => Some("only in B".to_owned()),
    };
    [verdict, how].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
