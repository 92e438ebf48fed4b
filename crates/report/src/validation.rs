//! How far modelled cores are from real ones: what `probe validate` found, as records that come with the lab.

use crate::{
    format::{change, grouped, percent},
    table::{Column, Table},
};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};

/// The records: what `probe validate --format json` wrote, and `probe validate host --format json` on a machine.
const RECORDS: [&str; 2] = [
    include_str!("../../../experiments/arm/validation.json"),
    include_str!("../../../experiments/x86/zen4.json"),
];

/// What stands under the table.
pub const NOTE: &str = "Errors are relative, without their sign: the median, and what nine of ten are below. figures: \
     the core's and the board's files; fitted: with scalars besides; naive: mult-adds over a rate and bytes over a \
     bandwidth, with as many. Scalars of matrix products come from other kernels than those compared; those of \
     networks are told with what they were fitted to. Of a machine's own core, published stands for what the lab measured \
     there. rank: Spearman's correlation of published and modelled \
     mult-adds a second.";

/// One model in one comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What was compared.
    pub what: String,
    /// The core, or a core on a board.
    pub device: String,
    /// Where what was published stands.
    pub source: String,
    /// `figures`, `fitted` or `naive`.
    pub model: String,
    /// The scalars that were fitted.
    pub scalars: Vec<f64>,
    /// What was to be reached; `None` for what stands beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aim: Option<Aim>,
    /// How many cases were compared.
    pub compared: usize,
    /// Half of the relative errors are below this.
    pub median: f64,
    /// Nine tenths of them are.
    pub p90: f64,
    /// Spearman's rank correlation of published and modelled mult-adds a second, where there are such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<f64>,
    /// The cases, where they are networks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Case>,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// What was published: milliseconds, or a ratio or share of them.
    pub published: f64,
    /// The same modelled.
    pub modelled: f64,
    /// Mult-adds, millions, where both are milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mul_adds_m: Option<f64>,
}

/// What is to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aim {
    /// Errors: the median and, where one is given, the 90th percentile.
    Errors {
        /// The median at most.
        median: f64,
        /// The 90th percentile at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p90: Option<f64>,
    },
    /// Every modelled value within bounds, where the published one is within others.
    Within {
        /// The bounds.
        modelled: [f64; 2],
        /// The others.
        published: [f64; 2],
    },
}

impl Row {
    /// The row of relative `errors`.
    pub fn of_errors(what: &str, device: &str, model: &str, errors: &[f64]) -> Self {
        let mut sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        Self {
            what: what.to_owned(),
            device: device.to_owned(),
            source: String::new(),
            model: model.to_owned(),
            scalars: Vec::new(),
            aim: None,
            compared: sizes.len(),
            median: stats::median(&sizes).unwrap_or(0.0),
            p90: stats::quantile(&sizes, 0.9).unwrap_or(0.0),
            rank: None,
            cases: Vec::new(),
        }
    }

    /// The row of `cases`.
    pub fn of_cases(what: &str, device: &str, model: &str, cases: Vec<Case>) -> Self {
        let errors: Vec<f64> =
            cases.iter().map(|case| case.modelled / case.published - 1.0).collect();
        let rates = cases.iter().filter_map(|case| {
            case.mul_adds_m.map(|count| (count / case.published, count / case.modelled))
        });
        let rank = stats::spearman(&rates.collect::<Vec<_>>());
        Self { rank, cases, ..Self::of_errors(what, device, model, &errors) }
    }

    /// With where what was published stands.
    pub fn published_in(self, source: &str) -> Self {
        Self { source: source.to_owned(), ..self }
    }

    /// With what is to be reached.
    pub fn aiming(self, aim: Aim) -> Self {
        Self { aim: Some(aim), ..self }
    }

    /// With scalars that were fitted.
    pub fn fitted(self, scalars: &[f64]) -> Self {
        Self { scalars: scalars.to_vec(), ..self }
    }

    /// Whether the aim was reached; `None` where there was none.
    pub fn reached(&self) -> Option<bool> {
        let within = |[least, most]: [f64; 2], value: f64| (least..=most).contains(&value);
        self.aim.map(|aim| match aim {
            Aim::Errors { median, p90 } => {
                self.median <= median && p90.is_none_or(|most| self.p90 <= most)
            }
            Aim::Within { modelled, published } => self
                .cases
                .iter()
                .all(|case| !within(published, case.published) || within(modelled, case.modelled)),
        })
    }
}

impl Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errors { median, p90 } => {
                write!(f, "median ≤ {}", percent(*median))?;
                p90.map_or(Ok(()), |p90| write!(f, ", 90th percentile ≤ {}", percent(p90)))
            }
            Self::Within { modelled: [a, b], published: [c, d] } => {
                write!(f, "{a} to {b} where published {c} to {d}")
            }
        }
    }
}

/// The rows of the records.
pub fn recorded() -> Vec<Row> {
    let rows = |record| serde_json::from_str::<Vec<Row>>(record).expect("a test reads this file");
    RECORDS.into_iter().flat_map(rows).collect()
}

/// All `rows`.
pub fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(vec![
        Column::words("comparison", 10),
        Column::words("core", 9),
        Column::words("model", 8),
        Column::numbers("scalars", 6),
        Column::numbers("cases", 5),
        Column::numbers("median", 8),
        Column::numbers("90 %", 7),
        Column::numbers("rank", 3).optional(),
        Column::words("to reach", 4),
        Column::words("reached", 4),
    ]);
    rows.iter().for_each(|row| table.row(cells(row)));
    table
}

/// A row's cells.
fn cells(row: &Row) -> Vec<String> {
    let reached = row.reached().map_or("", |reached| if reached { "yes" } else { "no" });
    vec![
        row.what.clone(),
        row.device.clone(),
        row.model.clone(),
        row.scalars.len().to_string(),
        grouped(row.compared as f64, 0),
        percent(row.median),
        percent(row.p90),
        row.rank.map_or(String::new(), |rank| grouped(rank, 2)),
        row.aim.map_or(String::new(), |aim| aim.to_string()),
        reached.to_owned(),
    ]
}

/// The cases of `row`.
pub fn cases(row: &Row) -> Table {
    let mut table = Table::new(vec![
        Column::words("network", 10),
        Column::numbers("published", 9),
        Column::numbers("modelled", 9),
        Column::numbers("error", 8),
    ]);
    for Case { name, published, modelled, .. } in &row.cases {
        let error = change(modelled / published - 1.0);
        table.row(vec![name.clone(), grouped(*published, 2), grouped(*modelled, 2), error]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(name: &str, published: f64, modelled: f64) -> Case {
        Case { name: name.to_owned(), published, modelled, mul_adds_m: Some(100.0) }
    }

    #[test]
    fn errors_and_ranks_by_hand() {
        let cases = vec![case("a", 10.0, 11.0), case("b", 20.0, 16.0), case("c", 40.0, 40.0)];
        let row = Row::of_cases("networks", "core", "fitted", cases);
        assert_eq!(row.compared, 3);
        assert!((row.median - 0.1).abs() < 1e-12 && (row.p90 - 0.2).abs() < 1e-12, "{row:?}");
        assert_eq!(row.rank, Some(1.0));
        let aim = |median, p90| row.clone().aiming(Aim::Errors { median, p90 }).reached();
        assert_eq!((row.reached(), aim(0.1001, None)), (None, Some(true)));
        assert_eq!((aim(0.09, None), aim(0.2, Some(0.15))), (Some(false), Some(false)));
    }

    #[test]
    fn bounds_hold_where_the_published_value_is_within_others() {
        let row = |modelled| {
            let cases = vec![case("a", 1.9, modelled), case("beyond", 3.5, 2.9)];
            let aim = Aim::Within { modelled: [1.6, 2.3], published: [1.82, 2.18] };
            Row::of_cases("ratio", "core", "figures", cases).aiming(aim).reached()
        };
        assert_eq!((row(2.2), row(2.4)), (Some(true), Some(false)));
    }

    #[test]
    fn methodology_has_every_cell() {
        let text = include_str!("../../../docs/METHODOLOGY.md");
        for row in recorded() {
            let line = format!("| {} |\n", cells(&row).join(" | "));
            assert!(text.contains(&line), "docs/METHODOLOGY.md lacks\n{line}");
        }
    }

    #[test]
    fn the_record_is_whole() {
        let rows = recorded();
        assert!(!rows.is_empty());
        for row in rows {
            assert!(row.median.is_finite() && row.median <= row.p90, "{row:?}");
            assert!(row.cases.is_empty() || row.cases.len() == row.compared, "{row:?}");
        }
    }
}
