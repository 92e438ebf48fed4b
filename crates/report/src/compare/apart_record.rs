//! `apart.json`: measurements of other times or machines beside each other, for programs.

use super::{
    apart::{Apart, Beside},
    record::SideRecord,
};
use crate::{
    analysis::{Analysis, Operator},
    rows::Rows,
};
use serde::Serialize;

/// Two measurements, and what of them can be compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ApartRecord {
    /// The first file's.
    pub a: TakenRecord,
    /// The second's.
    pub b: TakenRecord,
    /// Whether both were taken at one place: only there can times be compared, within the drift.
    pub at_one_place: bool,
    /// How other networks, which one build measured at this place in both files, differ; nothing where none tells.
    pub drift: Option<DriftRecord>,
    /// Spearman's correlation of the operators' times.
    pub correlation: Option<f64>,
    /// Operators beside each other, along the network.
    pub operators: Vec<BesideRecord>,
}

/// A measurement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TakenRecord {
    /// When it was taken.
    pub taken_at: String,
    /// What was measured, and where.
    #[serde(flatten)]
    pub side: SideRecord,
}

/// How much more time networks took in the second file, as shares of what they took in the first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DriftRecord {
    /// How many networks tell.
    pub twins: usize,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

/// An operator of one measurement beside its counterpart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BesideRecord {
    /// The first file's; nothing where it has none.
    pub a: Option<OwnRecord>,
    /// The second's.
    pub b: Option<OwnRecord>,
}

/// What an operator says of itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OwnRecord {
    /// Its name.
    pub name: String,
    /// Its share of the operators' time, from 0 to 1.
    pub share: Option<f64>,
    /// Its rank by time, from 1.
    pub rank: usize,
    /// How much of its own ceiling it reaches, from 0 to 1.
    pub of_bound: Option<f64>,
    /// What that ceiling is.
    pub bound: Option<String>,
}

impl Apart<'_> {
    /// The two for programs.
    pub fn record(&self) -> ApartRecord {
        ApartRecord {
            a: taken(self.a),
            b: taken(self.b),
            at_one_place: self.at_one_place(),
            drift: self.drift.map(|drift| DriftRecord {
                twins: drift.twins,
                least: drift.least,
                most: drift.most,
            }),
            correlation: self.correlation(),
            operators: self.rows.iter().map(beside).collect(),
        }
    }
}

/// A row an operator of all of them, with the networks that it is of.
pub fn rows(all: &[Apart<'_>]) -> Rows {
    let titles = &[
        "a_model",
        "b_model",
        "a",
        "b",
        "a_share",
        "b_share",
        "a_rank",
        "b_rank",
        "a_of_bound",
        "b_of_bound",
        "a_bound",
        "b_bound",
    ];
    let row = |record: &ApartRecord, BesideRecord { a, b }: &BesideRecord| {
        let cell = |own: &Option<OwnRecord>, of: fn(&OwnRecord) -> Option<String>| {
            own.as_ref().and_then(of).unwrap_or_default()
        };
        let both = |of| [cell(a, of), cell(b, of)];
        let models = [&record.a, &record.b].map(|taken| taken.side.model.clone());
        let cells = [
            models,
            both(|own| Some(own.name.clone())),
            both(|own| own.share.map(|share| share.to_string())),
            both(|own| Some(own.rank.to_string())),
            both(|own| own.of_bound.map(|share| share.to_string())),
            both(|own| own.bound.clone()),
        ];
        cells.concat()
    };
    let records: Vec<ApartRecord> = all.iter().map(Apart::record).collect();
    let operators = records
        .iter()
        .flat_map(|record| record.operators.iter().map(move |operator| row(record, operator)));
    Rows { titles, rows: operators.collect() }
}

fn taken(a: &Analysis) -> TakenRecord {
    TakenRecord { taken_at: a.profile.taken_at.clone(), side: SideRecord::of(a) }
}

fn beside(row: &Beside<'_>) -> BesideRecord {
    let own = |(op, rank): (&Operator, usize)| OwnRecord {
        name: op.record.name.clone(),
        share: op.share,
        rank,
        of_bound: op.of_bound(),
        bound: op.bound.as_ref().map(|bound| bound.limit.clone()),
    };
    BesideRecord { a: row.a.map(own), b: row.b.map(own) }
}
