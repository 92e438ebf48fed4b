//! Two sides of one session, held against each other.

use super::{
    differences::{Difference, differences},
    matching::{Match, Matched, matched, name},
    ratio::{ALPHA, Judged, Ratio, Verdict},
};
use crate::{
    analysis::{Analysis, Operator, measured},
    group::grouped,
};
use profile::{Letter, Side};
use stats::holm_levels;

/// Two sides that were measured in turn.
#[derive(Clone, Debug)]
pub struct Pair<'a> {
    /// What B is held against.
    pub(crate) a: &'a Analysis,
    /// What is held against it.
    pub(crate) b: &'a Analysis,
    /// In which things they differ.
    pub(crate) differences: Vec<Difference>,
    /// B's whole run over A's; `None` where times mean nothing.
    whole: Option<Ratio>,
    /// Operators beside each other, along the network.
    pub(crate) rows: Vec<Row<'a>>,
}

/// An operator of one side beside its counterpart.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// A's.
    pub a: Option<&'a Operator>,
    /// B's.
    pub b: Option<&'a Operator>,
    /// How they were matched.
    pub how: Match,
    ratio: Option<Ratio>,
    /// Its ratio, at the level that is its share of the chance of a false difference.
    pub judged: Option<Judged>,
}

impl<'a> Pair<'a> {
    /// The pairs among `analyses`, in the order of first appearance.
    pub fn all(analyses: &'a [Analysis]) -> Vec<Self> {
        let sides = analyses.iter().filter_map(|a| Some((a.profile.side.as_ref()?, a)));
        let sessions = grouped(sides, |(side, _)| side.session.as_str());
        sessions.iter().filter_map(|sides| Self::of(sides)).collect()
    }

    /// The last A and the last B of a session.
    fn of(sides: &[(&'a Side, &'a Analysis)]) -> Option<Self> {
        let last = |letter| sides.iter().rev().find(|(side, _)| side.letter == letter);
        let (&(side, a), &(_, b)) = (last(Letter::A)?, last(Letter::B)?);
        let are_measured = measured(&a.profile) && measured(&b.profile);
        let ratio = |a: &[u64], b: &[u64]| {
            if are_measured { Ratio::of(a, b, side.rounds) } else { None }
        };
        let records = |a: &'a Analysis| a.ops.iter().map(|op| &*op.record).collect::<Vec<_>>();
        let row = |m: Matched| {
            let (a, b) = (m.a.map(|i| &a.ops[i]), m.b.map(|j| &b.ops[j]));
            let ratio = a.zip(b).and_then(|(a, b)| ratio(&a.rounds, &b.rounds));
            Row { a, b, how: m.how, ratio, judged: None }
        };
        let rows = matched(&records(a), &records(b)).into_iter().map(row).collect();
        let whole = ratio(&a.rounds, &b.rounds);
        let mut pair = Self { a, b, differences: differences(a, b), whole, rows };
        pair.judge();
        Some(pair)
    }

    /// Judges each operator at its level.
    fn judge(&mut self) {
        let levels = self.levels(1.0);
        let known = self.rows.iter_mut().filter(|row| row.ratio.is_some());
        for (row, level) in known.zip(levels) {
            row.judged = row.ratio.as_ref().map(|ratio| ratio.judged(level));
        }
    }

    /// The level of each operator that has a ratio, when all are held against `ratio`.
    fn levels(&self, ratio: f64) -> Vec<f64> {
        let chances: Vec<f64> = self.ratios().map(|(_, known)| known.p(ratio)).collect();
        holm_levels(&chances, ALPHA)
    }

    fn ratios(&self) -> impl Iterator<Item = (&Row<'a>, &Ratio)> {
        self.rows.iter().filter_map(|row| Some((row, row.ratio.as_ref()?)))
    }

    /// The session that measured it.
    pub fn session(&self) -> &str {
        self.a.profile.side.as_ref().map_or("", |side| side.session.as_str())
    }

    /// Rounds of a sitting.
    pub(crate) fn rounds(&self) -> usize {
        self.whole.as_ref().map_or(0, |whole| whole.rounds)
    }

    /// How many sittings were held.
    pub(crate) fn sittings(&self) -> usize {
        self.whole.as_ref().map_or(0, |whole| whole.sittings)
    }

    /// The whole run, judged; `None` where times mean nothing.
    pub fn whole(&self) -> Option<Judged> {
        Some(self.whole.as_ref()?.judged(ALPHA))
    }

    /// Whether B's whole run is slower than A's by more than `margin`, for certain.
    pub fn is_slower_by(&self, margin: f64) -> bool {
        let above = |whole: &&Ratio| whole.is_above(1.0 + margin) && whole.p(1.0 + margin) <= ALPHA;
        self.whole.as_ref().filter(above).is_some()
    }

    /// B's operators that are slower than A's by more than `margin`, for certain, in the order in which they
    /// run.
    pub fn operators_slower_by(&self, margin: f64) -> Vec<&'a str> {
        let least = 1.0 + margin;
        let slower = self
            .ratios()
            .zip(self.levels(least))
            .filter(|((_, ratio), level)| ratio.is_above(least) && ratio.p(least) <= *level);
        slower.filter_map(|((row, _), _)| Some(row.b?.record.name.as_str())).collect()
    }

    /// The bytes that each side keeps in memory when it is prepared, where both are known.
    pub fn memory(&self) -> Option<[u64; 2]> {
        let bytes = |a: &Analysis| a.profile.memory.map(|m| m.weights + m.activations + m.scratch);
        Some([bytes(self.a)?, bytes(self.b)?])
    }

    /// How many operators have a verdict.
    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter_map(|row| row.judged).filter(|j| j.verdict == verdict).count()
    }

    /// How many operators were matched so.
    pub(crate) fn matched(&self, how: Match) -> usize {
        self.rows.iter().filter(|row| row.how == how).count()
    }
}

impl<'r> Row<'r> {
    /// B's median less A's, nanoseconds; an operator that one side lacks takes no time there. `None` where a
    /// time is missing.
    pub fn difference(&self) -> Option<f64> {
        let ns = |op: Option<&Operator>| op.map_or(Some(0.0), Operator::ns);
        Some(ns(self.b)? - ns(self.a)?)
    }

    /// Whether the sides differ here for certain.
    pub fn differs(&self) -> bool {
        match self.judged {
            Some(judged) => matches!(judged.verdict, Verdict::Faster | Verdict::Slower),
            None => matches!(self.how, Match::Removed | Match::Added),
        }
    }

    /// What it is called: `old → new` where names differ.
    pub fn name(&self) -> String {
        let record = |op: Option<&'r Operator>| op.map(|op| &*op.record);
        name(record(self.a), record(self.b))
    }
}

#[cfg(test)]
mod tests;
