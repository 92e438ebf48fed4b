//! `compare.json`: every pair, for programs.

use super::{
    differences::Difference,
    matching::Match,
    pair::{Pair, Row},
    ratio::{Judged, Verdict},
};
use crate::{
    analysis::{Analysis, Operator},
    rows::Rows,
};
use profile::{Build, Level, Memory};
use serde::Serialize;

/// Two sides, and how they compare.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairRecord {
    /// When the run of the lab began that measured them.
    pub session: String,
    /// What B is held against.
    pub a: SideRecord,
    /// What is held against it.
    pub b: SideRecord,
    /// In which things they differ.
    pub differs: Vec<Difference>,
    /// How many sittings were held.
    pub sittings: usize,
    /// Rounds of each.
    pub rounds: usize,
    /// The whole run; nothing where times mean nothing.
    pub whole: Option<RatioRecord>,
    /// Operators beside each other, along the network.
    pub operators: Vec<OperatorRecord>,
}

/// A side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SideRecord {
    /// The network as it was asked for.
    pub model: String,
    /// How far it was lowered.
    pub level: Level,
    /// Passes that were left out.
    pub without: Vec<String>,
    /// The device with its rendering.
    pub device: String,
    /// Threads that ran it.
    pub threads: usize,
    /// The program that measured it.
    pub build: Build,
    /// Median of its whole runs, nanoseconds.
    pub whole_ns: Option<f64>,
    /// What it keeps in memory.
    pub memory: Option<Memory>,
    /// Why the run was noisy.
    pub noise: Vec<String>,
}

/// B's time over A's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RatioRecord {
    /// The ratio.
    pub ratio: f64,
    /// Its interval: 95 % for the whole run, corrected for many among operators.
    pub ci: Option<[f64; 2]>,
    /// Which side is faster.
    pub verdict: Verdict,
}

/// An operator of one side beside its counterpart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OperatorRecord {
    /// A's name for it.
    pub a: Option<String>,
    /// B's.
    pub b: Option<String>,
    /// How they were matched.
    #[serde(rename = "match")]
    pub how: Match,
    /// Median of A's times, nanoseconds.
    pub a_ns: Option<f64>,
    /// Median of B's.
    pub b_ns: Option<f64>,
    /// B's over A's; nothing where one side lacks it, or it took no time.
    #[serde(flatten)]
    pub ratio: Option<RatioRecord>,
}

impl Pair<'_> {
    /// The pair for programs.
    pub fn record(&self) -> PairRecord {
        PairRecord {
            session: self.session().to_owned(),
            a: SideRecord::of(self.a),
            b: SideRecord::of(self.b),
            differs: self.differences.clone(),
            sittings: self.sittings(),
            rounds: self.rounds(),
            whole: self.whole().map(ratio),
            operators: self.rows.iter().map(operator).collect(),
        }
    }
}

impl Pair<'_> {
    /// The whole run, then the operators, a row each.
    pub fn rows(&self) -> Rows {
        let record = self.record();
        let whole = OperatorRecord {
            a: Some("whole run".to_owned()),
            b: Some("whole run".to_owned()),
            how: Match::Same,
            a_ns: record.a.whole_ns,
            b_ns: record.b.whole_ns,
            ratio: record.whole,
        };
        let titles = &["a", "b", "a_ns", "b_ns", "ratio", "low", "high", "verdict"];
        Rows {
            titles,
            rows: [whole].iter().chain(&record.operators).map(OperatorRecord::row).collect(),
        }
    }
}

impl OperatorRecord {
    fn row(&self) -> Vec<String> {
        let number = |n: Option<f64>| n.map(|n| n.to_string());
        let ci = self.ratio.and_then(|r| r.ci);
        let verdict = self.ratio.map(|r| r.verdict.name().to_owned());
        let cells = [
            self.a.clone(),
            self.b.clone(),
            number(self.a_ns),
            number(self.b_ns),
            number(self.ratio.map(|r| r.ratio)),
            number(ci.map(|[low, _]| low)),
            number(ci.map(|[_, high]| high)),
            verdict,
        ];
        cells.map(Option::unwrap_or_default).to_vec()
    }
}

impl SideRecord {
    /// What was measured, and where.
    pub fn of(a: &Analysis) -> Self {
        let p = &a.profile;
        Self {
            model: p.model.clone(),
            level: p.level,
            without: p.settings.without.clone(),
            device: p.device.label(),
            threads: p.threads,
            build: p.build.clone(),
            whole_ns: a.whole.map(|whole| whole.median),
            memory: p.memory,
            noise: p.noise.reasons.clone(),
        }
    }
}

fn ratio(judged: Judged) -> RatioRecord {
    let Judged { ratio, interval, verdict } = judged;
    RatioRecord { ratio, ci: interval.map(|(low, high)| [low, high]), verdict }
}

fn operator(row: &Row<'_>) -> OperatorRecord {
    let name = |op: Option<&Operator>| op.map(|op| op.record.name.clone());
    OperatorRecord {
        a: name(row.a),
        b: name(row.b),
        how: row.how,
        a_ns: row.a.and_then(Operator::ns),
        b_ns: row.b.and_then(Operator::ns),
        ratio: row.judged.map(ratio),
    }
}
