//! Which of the measured networks are drawn: all, unless they are too many for anybody to look at.

use crate::{format::grouped, place::Place};
use profile::{Comparison, Level, Profile, Shape};
use std::collections::{HashMap, HashSet};

/// Most measurements of one network at one place that are drawn: the last ones.
pub const REPEATS: usize = 16;
/// Most measurements that are drawn, of all networks.
pub const DRAWN: usize = 2000;

/// A network: model, level with the passes left out, and input.
pub(crate) type Network<'a> = (&'a str, Level, &'a [String], Shape);

/// The network that a profile is of.
pub(crate) fn network(profile: &Profile) -> Network<'_> {
    (&profile.model, profile.level, &profile.settings.without, profile.input)
}

/// Measurements of networks that somebody would run.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    /// All, in their order.
    pub all: Vec<&'a Profile>,
    /// Those that are drawn.
    pub drawn: Vec<&'a Profile>,
}

impl<'a> Selection<'a> {
    /// Those among `profiles`: points of experiments have sections of their own, and a network that was
    /// measured beside itself rewritten stands for itself only where it was not measured alone.
    pub fn of(profiles: &'a [Profile]) -> Self {
        let networks = || profiles.iter().filter(|p| p.is_network());
        let which = |p: &'a Profile| (network(p), Place::of(p));
        let alone =
            |p: &Profile| p.comparison.as_ref().is_none_or(|side| !Comparison::is_network(side));
        let measured: HashSet<_> = networks().filter(|p| alone(p)).map(which).collect();
        let all: Vec<&Profile> =
            networks().filter(|p| alone(p) || !measured.contains(&which(p))).collect();
        let mut repeats: HashMap<_, usize> = HashMap::new();
        let few = |p: &&&'a Profile| {
            let times = repeats.entry(which(p)).or_default();
            *times += 1;
            *times <= REPEATS
        };
        let mut drawn: Vec<&Profile> = all.iter().rev().filter(few).take(DRAWN).copied().collect();
        drawn.reverse();
        Self { all, drawn }
    }

    /// What is not drawn; `None` where all is.
    pub fn left_out(&self) -> Option<String> {
        let says = "of one network at one place at most the last";
        let all = format!("measurements, {says} {REPEATS}: the table above and ops.csv have all");
        left_out(self.drawn.len(), self.all.len(), &all)
    }
}

/// The last of `items`, at most so many.
pub fn last<T>(items: &[T], most: usize) -> &[T] {
    &items[items.len().saturating_sub(most)..]
}

/// Says that of `all` things only `drawn` are drawn; `None` where that are all.
pub fn left_out(drawn: usize, all: usize, things: &str) -> Option<String> {
    let number = |n: usize| grouped(n as f64, 0);
    (drawn < all).then(|| format!("Drawn are {} of {} {things}.", number(drawn), number(all)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_network_measured_beside_itself_rewritten_is_drawn_where_it_was_not_measured_alone() {
        let mut profiles = fixture::compared("shufflenet_v2", fixture::core());
        let count = |profiles: &[Profile]| Selection::of(profiles).all.len();
        assert_eq!(count(&profiles), 1);
        let alone = fixture::shufflenet_on(fixture::core(), 7);
        profiles.insert(0, alone.clone());
        assert_eq!(Selection::of(&profiles).all, [&alone]);
        // Two runs of it alone are two; those of another device say nothing of this one.
        profiles.push(alone);
        profiles.extend(fixture::compared("shufflenet_v2", fixture::rasteriser()));
        assert_eq!(count(&profiles), 3);
    }

    #[test]
    fn of_many_the_last_are_drawn_and_that_is_said() {
        let small = |model: &str| fixture::profile(model, fixture::plain(2), fixture::core(), 1);
        let mut profiles: Vec<Profile> = vec![small("often"); REPEATS + 3];
        profiles[3].params += 1;
        let selection = Selection::of(&profiles);
        assert_eq!((selection.all.len(), selection.drawn.len()), (REPEATS + 3, REPEATS));
        assert_eq!(selection.drawn[0].params, profiles[3].params, "the last ones, in their order");
        assert!(selection.left_out().unwrap().starts_with("Drawn are 16 of 19 measurements"));
        profiles.extend((0..DRAWN).map(|i| Profile { model: i.to_string(), ..small("") }));
        let selection = Selection::of(&profiles);
        assert_eq!(selection.drawn.len(), DRAWN);
        assert!(selection.drawn.iter().all(|p| p.model != "often"));
        assert_eq!(Selection::of(&profiles[..2]).left_out(), None);
    }
}
