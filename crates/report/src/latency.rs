//! A latency table as text: a row an operator that was measured alone.

use crate::{
    analysis::{Analysis, Operator},
    findings::Findings,
    format::{NOTHING, change, grouped, micros, percent},
    table::{Column, Table},
};
use serde::Serialize;

/// How far a machine drifted while a latency table was measured: an object of `drift.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// The device with its rendering, and the threads.
    pub place: String,
    /// The operator that was in every set.
    pub operator: String,
    /// How many sets there were.
    pub sets: usize,
    /// Its slowest median over its fastest.
    pub slowest_over_fastest: f64,
}

impl Drift {
    /// What the medians of `operator`, one a set, say; `None` where they are fewer than two.
    pub fn of(medians: &[f64], operator: &str, place: &str) -> Option<Self> {
        let least = medians.iter().copied().fold(f64::MAX, f64::min);
        let most = medians.iter().copied().fold(0.0, f64::max);
        (medians.len() > 1 && least > 0.0).then(|| Self {
            place: place.to_owned(),
            operator: operator.to_owned(),
            sets: medians.len(),
            slowest_over_fastest: most / least,
        })
    }

    /// The same in words.
    pub fn sentence(&self) -> String {
        let Self { place, operator, sets, slowest_over_fastest } = self;
        let apart = change(slowest_over_fastest - 1.0);
        format!(
            "Drift on {place}: {operator} was in each of {sets} sets, its slowest {apart} from its fastest."
        )
    }
}

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
    use super::Drift;
    use crate::{Findings, Measurements, fixture};

    #[test]
    fn drift_is_between_the_slowest_and_the_fastest() {
        let drift = Drift::of(&[100.0, 125.0, 110.0], "relu", "here").unwrap();
        assert_eq!((drift.sets, drift.slowest_over_fastest), (3, 1.25));
        assert!(drift.sentence().contains("its slowest +25.0 % from its fastest"));
        assert_eq!(Drift::of(&[100.0], "relu", "here"), None);
        assert_eq!(Drift::of(&[0.0, 1.0], "relu", "here"), None);
    }

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
