//! A latency table as text: a row an operator that was measured alone.

use crate::{
    analysis::{Analysis, Operator},
    findings::Findings,
    format::{NOTHING, grouped, micros, percent},
    table::{Column, Table},
};

/// Every operator that was measured as a network of its own, in lines of at most `width` characters.
pub fn text(findings: &Findings<'_>, width: usize) -> String {
    let words = |title: &str, worth| Column::words(title, worth);
    let numbers = |title: &str, worth| Column::numbers(title, worth);
    let mut table = Table::new(vec![
        words("operator", 9),
        words("what", 8),
        words("input", 8),
        words("output", 5),
        numbers("µs", 9),
        words("± 95 %", 8),
        numbers("GFLOP/s", 7),
        numbers("GB/s", 6),
        words("bound", 4).optional(),
        numbers("% of it", 3).optional(),
        words("on", 2),
        words("noise", 1).optional(),
    ]);
    for a in findings.analyses {
        a.ops.iter().for_each(|op| table.row(row(a, op)));
    }
    table.text(width)
}

fn row(a: &Analysis, op: &Operator) -> Vec<String> {
    let half = op.time.and_then(|time| time.half_width());
    let or_nothing = |cell: Option<String>| cell.unwrap_or_else(|| NOTHING.to_owned());
    vec![
        op.record.kind.clone(),
        op.what(),
        a.profile.inputs(),
        op.record.output.to_string(),
        or_nothing(op.ns().map(micros)),
        or_nothing(half.map(|ns| format!("± {}", micros(ns)))),
        or_nothing(op.gflops().map(|rate| grouped(rate, 1))),
        or_nothing(op.gbytes_per_s().map(|rate| grouped(rate, 1))),
        op.limit().unwrap_or_default().to_owned(),
        op.of_bound().map(percent).unwrap_or_default(),
        a.place(),
        a.noisy().to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use crate::{Findings, Measurements, fixture};

    #[test]
    fn every_operator_has_a_row() {
        let profile = fixture::shufflenet_on(fixture::core(), 1);
        let operators = profile.ops.len();
        let measured = Measurements::of(&[profile]);
        let text = super::text(&Findings::of(&measured), 200);
        assert_eq!(text.lines().count(), operators + 2, "{text}");
        assert!(text.contains("Core X-1") && text.contains("± "), "{text}");
    }
}
