//! What the paper measured: tables 1 to 4.

use crate::paper::TABLES;
use profile::Guideline;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// One cell of each platform's columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// The row, as the lab's experiments label it.
    pub label: String,
    /// The column: by how much channels are multiplied.
    pub multiplier: f64,
    /// The GPU's cell (GTX 1080 Ti).
    pub gpu: Speed,
    /// The ARM core's cell (Snapdragon 810, one thread).
    pub arm: Speed,
}

/// A published speed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// Images (batches of one) per second.
    pub images_per_s: f64,
    /// Speed of the base at the same multiplier over this one.
    pub slowdown: f64,
}

/// The columns of the paper's tables.
const MULTIPLIERS: [f64; 3] = [1.0, 2.0, 4.0];

#[derive(Deserialize)]
struct PublishedTables {
    table1: PublishedTable,
    table2: PublishedTable,
    table3: PublishedTable,
    table4: PublishedTable,
}

#[derive(Deserialize)]
struct PublishedTable {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    what: What,
    gpu: [f64; 3],
    arm: [f64; 3],
}

#[derive(Deserialize)]
#[serde(untagged)]
enum What {
    Ratio { ratio: String },
    Groups { g: u32 },
    Structure { structure: String },
    Kinds { relu: bool, shortcut: bool },
}

impl What {
    fn label(&self) -> String {
        match self {
            Self::Ratio { ratio } => ratio.clone(),
            Self::Groups { g } => format!("g={g}"),
            Self::Structure { structure } => structure.clone(),
            Self::Kinds { relu, shortcut } => match (relu, shortcut) {
                (true, true) => "ReLU and shortcut",
                (true, false) => "ReLU",
                (false, true) => "shortcut",
                (false, false) => "neither",
            }
            .to_owned(),
        }
    }
}

static PARSED: LazyLock<PublishedTables> =
    LazyLock::new(|| serde_json::from_str(TABLES).expect("the test below reads this file"));

/// The paper's table of `guideline`, base first, multiplier by multiplier.
pub fn table(guideline: Guideline) -> Vec<Published> {
    let rows = match guideline {
        Guideline::G1 => &PARSED.table1.rows,
        Guideline::G2 => &PARSED.table2.rows,
        Guideline::G3 => &PARSED.table3.rows,
        Guideline::G4 => &PARSED.table4.rows,
    };
    // Table 4 prints the base, which has neither, last.
    let base = if guideline == Guideline::G4 { rows.len() - 1 } else { 0 };
    let mut cells = Vec::new();
    for (column, multiplier) in MULTIPLIERS.into_iter().enumerate() {
        let cell = |row: &Row| {
            let speed = |of: fn(&Row) -> [f64; 3]| Speed {
                images_per_s: of(row)[column],
                slowdown: of(&rows[base])[column] / of(row)[column],
            };
            let (gpu, arm) = (speed(|r| r.gpu), speed(|r| r.arm));
            Published { label: row.what.label(), multiplier, gpu, arm }
        };
        cells.push(cell(&rows[base]));
        cells.extend(rows.iter().enumerate().filter(|(i, _)| *i != base).map(|(_, r)| cell(r)));
    }
    cells
}

/// The published cell for a point, if it is one of the paper's.
pub fn cell(guideline: Guideline, label: &str, multiplier: f64) -> Option<Published> {
    table(guideline).into_iter().find(|p| p.label == label && p.multiplier == multiplier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_by_hand() {
        let cell = |g, label, multiplier| cell(g, label, multiplier).unwrap();
        let g1 = cell(Guideline::G1, "1:12", 1.0);
        assert_eq!((g1.gpu.images_per_s, g1.arm.images_per_s), (748.0, 57.6));
        assert!((g1.gpu.slowdown - 1480.0 / 748.0).abs() < 1e-12);
        let g2 = cell(Guideline::G2, "g=8", 4.0);
        assert!((g2.arm.slowdown - 2.3 / 1.8).abs() < 1e-12);
        let g3 = cell(Guideline::G3, "4-fragment-parallel", 2.0);
        assert_eq!(g3.gpu.images_per_s, 572.0);
        let g4 = cell(Guideline::G4, "ReLU and shortcut", 1.0);
        assert!((g4.gpu.slowdown - 2842.0 / 2427.0).abs() < 1e-12);
    }

    #[test]
    fn tables_are_whole_and_begin_with_their_base() {
        for (guideline, rows) in Guideline::ALL.into_iter().zip([4, 4, 5, 4]) {
            let table = table(guideline);
            assert_eq!(table.len(), 3 * rows);
            for column in table.chunks(rows) {
                assert_eq!((column[0].gpu.slowdown, column[0].arm.slowdown), (1.0, 1.0));
            }
        }
    }
}
