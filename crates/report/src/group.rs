//! Measurements that belong together: of one network, or of one place.

use crate::{analysis::Analysis, place::Place};
use indexmap::IndexMap;
use profile::{Level, Profile, Shape};
use std::hash::Hash;

/// A network: model, level with the passes left out, and inputs.
pub type Network<'a> = (&'a str, Level, &'a [String], Shape, &'a [Shape]);

/// The network that a profile is of.
pub fn network(profile: &Profile) -> Network<'_> {
    let without = &profile.settings.without;
    (&profile.model, profile.level, without, profile.input, &profile.more_inputs)
}

/// Groups analyses of one network (model, level, input), in the order of first appearance: within
/// a group only the device, its threads and the moment differ.
pub fn by_network<'a>(analyses: &[&'a Analysis]) -> Vec<Vec<&'a Analysis>> {
    grouped(analyses.iter().copied(), |a| network(&a.profile))
}

/// Groups analyses of one place (machine, device, threads) that ran at one level and batch size,
/// in the order of first appearance: within a group only the network differs.
pub fn by_place<'a>(analyses: &[&'a Analysis]) -> Vec<Vec<&'a Analysis>> {
    grouped(analyses.iter().copied(), |a| {
        let p = &a.profile;
        (Place::of(p), p.level, &p.settings.without, p.batch)
    })
}

/// Items of one `key` together, in the order of first appearance.
pub fn grouped<T, K: Hash + Eq>(
    items: impl Iterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> Vec<Vec<T>> {
    let mut groups: IndexMap<K, Vec<T>> = IndexMap::new();
    for item in items {
        groups.entry(key(&item)).or_default().push(item);
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn groups_follow_network_and_place() {
        let other = fixture::profile("other", fixture::shufflenet([1, 1, 1]), fixture::core(), 2);
        let profiles = [
            fixture::shufflenet_on(fixture::core(), 1),
            other,
            fixture::shufflenet_on(fixture::adapter(), 1),
        ];
        let analyses = profiles.each_ref().map(Analysis::of);
        let analyses = analyses.each_ref();
        let sizes = |groups: Vec<Vec<&Analysis>>| groups.iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(by_network(&analyses)), [2, 1]);
        assert_eq!(sizes(by_place(&analyses)), [2, 1]);
    }
}
