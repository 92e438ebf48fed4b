//! Two measurements of other times or machines, and what can be compared between them.
//!
//! Their times cannot: one machine may be a tenth slower an hour later, another one is another. What each says of
//! itself can: shares, ranks, and how near each operator comes to its own ceilings. Only networks that were
//! measured at both times tell how far the machine drifted between them.

use super::matching::{Matched, matched};
use crate::{
    analysis::{Analysis, Operator, measured},
    group::network,
    measurements::Measurements,
    place::Place,
};
use std::collections::HashMap;

/// Two measurements that were not taken in turn.
#[derive(Clone, Debug)]
pub struct Apart<'a> {
    /// The first file's.
    pub a: &'a Analysis,
    /// The second's.
    pub b: &'a Analysis,
    /// Operators beside each other, along the network.
    pub rows: Vec<Beside<'a>>,
    /// How other networks, which were measured at this place in both files, differ.
    pub drift: Option<Drift>,
}

/// An operator of one measurement beside its counterpart.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// The first file's, and its rank by time, from 1.
    pub a: Option<(&'a Operator, usize)>,
    /// The second's.
    pub b: Option<(&'a Operator, usize)>,
}

/// How much more time networks took in the second file, as shares of what they took in the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// How many networks tell.
    pub twins: usize,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

/// What of `a` and `b` stands beside each other: each network that both have, the last measurement of each,
/// at the same place where there is one. Where they have none in common, the last of each.
pub fn apart<'a>(a: &'a Measurements, b: &'a Measurements) -> Vec<Apart<'a>> {
    let (a, b) = (latest(a.all()), latest(b.all()));
    let same_place = |x: &Analysis, y: &Analysis| Place::of(&x.profile) == Place::of(&y.profile);
    let partner = |x: &&'a Analysis| {
        let others = || b.iter().rev().filter(|y| network(&x.profile) == network(&y.profile));
        let found = others().find(|y| same_place(x, y)).or_else(|| others().next())?;
        Some((*x, *found))
    };
    let mut pairs: Vec<_> = a.iter().filter_map(partner).collect();
    if pairs.is_empty() {
        pairs.extend(a.last().copied().zip(b.last().copied()));
    }
    let twins: Vec<_> =
        pairs.iter().copied().filter(|(x, y)| same_place(x, y) && one_build(x, y)).collect();
    pairs
        .iter()
        .map(|&(a, b)| Apart { a, b, rows: rows(a, b), drift: drift(a, b, &twins) })
        .collect()
}

/// The last measurement of each network at each place, in their order.
fn latest(all: &[Analysis]) -> Vec<&Analysis> {
    let networks = all.iter().enumerate().filter(|(_, a)| a.profile.is_network());
    let last: HashMap<_, usize> =
        networks.map(|(i, a)| ((network(&a.profile), Place::of(&a.profile)), i)).collect();
    let mut last: Vec<usize> = last.into_values().collect();
    last.sort_unstable();
    last.into_iter().map(|i| &all[i]).collect()
}

/// Whether one program took both: another one may be faster.
fn one_build(a: &Analysis, b: &Analysis) -> bool {
    a.profile.build == b.profile.build
}

/// What the other `twins` of the place say.
fn drift(a: &Analysis, b: &Analysis, twins: &[(&Analysis, &Analysis)]) -> Option<Drift> {
    let place = Place::of(&a.profile);
    if place != Place::of(&b.profile) || !measured(&a.profile) {
        return None;
    }
    let others =
        twins.iter().filter(|(x, _)| !std::ptr::eq(*x, a) && Place::of(&x.profile) == place);
    let more = others.filter_map(|(x, y)| Some(y.whole?.median / x.whole?.median - 1.0));
    let more: Vec<f64> = more.filter(|more| more.is_finite()).collect();
    Some(Drift {
        twins: more.len(),
        least: more.iter().copied().reduce(f64::min)?,
        most: more.iter().copied().reduce(f64::max)?,
    })
}

fn rows<'a>(a: &'a Analysis, b: &'a Analysis) -> Vec<Beside<'a>> {
    let records = |a: &'a Analysis| a.ops.iter().map(|op| &*op.record).collect::<Vec<_>>();
    let ranks = [a, b].map(ranks);
    let row = |Matched { a: i, b: j, .. }| Beside {
        a: i.map(|i| (&a.ops[i], ranks[0][i])),
        b: j.map(|j| (&b.ops[j], ranks[1][j])),
    };
    matched(&records(a), &records(b)).into_iter().map(row).collect()
}

/// The rank of each operator by its time, from 1, the longest first.
fn ranks(a: &Analysis) -> Vec<usize> {
    let ns = |i: &usize| a.ops[*i].ns().unwrap_or(0.0);
    let mut order: Vec<usize> = (0..a.ops.len()).collect();
    order.sort_by(|i, j| ns(j).total_cmp(&ns(i)));
    let mut ranks = vec![0; order.len()];
    order.iter().enumerate().for_each(|(rank, &i)| ranks[i] = rank + 1);
    ranks
}

impl Apart<'_> {
    /// Spearman's correlation of the operators' times; `None` where fewer than three have counterparts.
    pub fn correlation(&self) -> Option<f64> {
        let both = |row: &Beside<'_>| Some((row.a?.0.ns()?, row.b?.0.ns()?));
        stats::spearman(&self.rows.iter().filter_map(both).collect::<Vec<_>>())
    }

    /// Whether both were taken at one place.
    pub fn at_one_place(&self) -> bool {
        Place::of(&self.a.profile) == Place::of(&self.b.profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use profile::Profile;

    fn slower(mut profile: Profile, percent: u64) -> Profile {
        profile.whole_ns.iter_mut().for_each(|ns| *ns = *ns * (100 + percent) / 100);
        profile
    }

    fn net(model: &str) -> Profile {
        fixture::profile(model, fixture::plain(6), fixture::core(), 1)
    }

    #[test]
    fn other_networks_of_both_files_bound_the_drift() {
        let a = [net("one"), net("two"), net("three")];
        let b = [slower(net("one"), 50), slower(net("two"), 3), slower(net("three"), 1)];
        let measured = [&a, &b].map(|profiles| Measurements::of(profiles));
        let found = apart(&measured[0], &measured[1]);
        let drift = found[0].drift.unwrap();
        assert_eq!(drift.twins, 2);
        assert!((drift.least - 0.01).abs() < 1e-3 && (drift.most - 0.03).abs() < 1e-3, "{drift:?}");
        assert_eq!(found[0].correlation(), Some(1.0));
        // Another build may be faster: its networks bound nothing. Nor does another machine.
        let mut other = b.clone();
        other.iter_mut().for_each(|p| p.build.commit.push('x'));
        let built = Measurements::of(&other);
        assert!(apart(&measured[0], &built).iter().all(|apart| apart.drift.is_none()));
        let mut there = b;
        there.iter_mut().for_each(|p| p.machine.cores += 1);
        let there = Measurements::of(&there);
        let found = apart(&measured[0], &there);
        assert!(found.iter().all(|apart| apart.drift.is_none() && !apart.at_one_place()));
    }

    #[test]
    fn files_with_no_network_in_common_show_the_last_of_each() {
        let [a, b] = [[net("one"), net("two")], [net("three"), net("four")]];
        let measured = [&a, &b].map(|profiles| Measurements::of(profiles));
        let found = apart(&measured[0], &measured[1]);
        let names: Vec<_> =
            found.iter().map(|f| (&*f.a.profile.model, &*f.b.profile.model)).collect();
        assert_eq!(names, [("two", "four")]);
    }

    #[test]
    fn ranks_are_by_time() {
        let profiles = [fixture::shufflenet_on(fixture::core(), 1)];
        let measured = Measurements::of(&profiles);
        let a = &measured.all()[0];
        let ranks = ranks(a);
        let first = ranks.iter().position(|rank| *rank == 1).unwrap();
        assert_eq!(a.slowest(1)[0].record.name, a.ops[first].record.name);
    }
}
