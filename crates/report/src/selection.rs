//! Which of the measured networks are drawn: all, unless they are too many for anybody to look at.

use crate::{analysis::Analysis, format::grouped, group::network, place::Place};
use profile::Comparison;
use std::collections::{HashMap, HashSet};

/// Most measurements of one network at one place that are drawn: the last ones.
pub const REPEATS: usize = 16;
/// Most measurements that are drawn, of all networks.
pub const DRAWN: usize = 2000;

/// Measurements of networks that somebody would run.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    /// All, in their order.
    pub all: Vec<&'a Analysis>,
    /// Those that are drawn.
    pub rendered: Vec<&'a Analysis>,
}

impl<'a> Selection<'a> {
    /// Those among `analyses`: points of experiments have sections of their own, and a network that was
    /// measured beside itself rewritten stands for itself only where it was not measured alone.
    pub fn of(analyses: &'a [Analysis]) -> Self {
        let networks = || analyses.iter().filter(|a| a.profile.is_network());
        let which = |a: &'a Analysis| (network(&a.profile), Place::of(&a.profile));
        let alone = |a: &Analysis| {
            a.profile.comparison.as_ref().is_none_or(|side| !Comparison::is_network(side))
        };
        let measured: HashSet<_> = networks().filter(|a| alone(a)).map(which).collect();
        let all: Vec<&Analysis> =
            networks().filter(|a| alone(a) || !measured.contains(&which(a))).collect();
        let mut repeats: HashMap<_, usize> = HashMap::new();
        let few = |a: &&&'a Analysis| {
            let times = repeats.entry(which(a)).or_default();
            *times += 1;
            *times <= REPEATS
        };
        let mut rendered: Vec<&Analysis> =
            all.iter().rev().filter(few).take(DRAWN).copied().collect();
        rendered.reverse();
        Self { all, rendered }
    }

    /// What is not drawn; `None` where all is.
    pub fn left_out(&self) -> Option<String> {
        let says = "of one network at one place at most the last";
        let all = format!("measurements, {says} {REPEATS}: the table above and ops.csv have all");
        left_out(self.rendered.len(), self.all.len(), &all)
    }
}

/// The last of `items`, at most so many.
pub fn last<T>(items: &[T], most: usize) -> &[T] {
    &items[items.len().saturating_sub(most)..]
}

/// Says that of `all` things only `drawn` are drawn; `None` where that are all.
pub fn left_out(rendered: usize, all: usize, things: &str) -> Option<String> {
    let number = |n: usize| grouped(n as f64, 0);
    (rendered < all).then(|| format!("Drawn are {} of {} {things}.", number(rendered), number(all)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, measurements::Measurements};
    use profile::Profile;

    #[test]
    fn a_network_measured_beside_itself_rewritten_is_drawn_where_it_was_not_measured_alone() {
        let mut profiles = fixture::compared("shufflenet_v2", fixture::core());
        let all = |profiles: &[Profile]| -> Vec<usize> {
            let measured = Measurements::of(profiles);
            let at =
                |a: &&Analysis| measured.all().iter().position(|b| std::ptr::eq(*a, b)).unwrap();
            Selection::of(measured.all()).all.iter().map(at).collect()
        };
        assert_eq!(all(&profiles), [1], "the network, not its sides");
        let alone = fixture::shufflenet_on(fixture::core(), 7);
        profiles.insert(0, alone.clone());
        assert_eq!(all(&profiles), [0]);
        // Two runs of it alone are two; those of another device say nothing of this one.
        profiles.push(alone);
        profiles.extend(fixture::compared("shufflenet_v2", fixture::rasteriser()));
        assert_eq!(all(&profiles), [0, 3, 5]);
    }

    #[test]
    fn of_many_the_last_are_drawn_and_that_is_said() {
        let small = |model: &str| fixture::profile(model, fixture::plain(2), fixture::core(), 1);
        let mut profiles: Vec<Profile> = vec![small("often"); REPEATS + 3];
        profiles[3].params += 1;
        let measured = Measurements::of(&profiles);
        let selection = Selection::of(measured.all());
        assert_eq!((selection.all.len(), selection.rendered.len()), (REPEATS + 3, REPEATS));
        let first = &selection.rendered[0].profile;
        assert_eq!(first.params, profiles[3].params, "the last ones, in their order");
        assert!(selection.left_out().unwrap().starts_with("Drawn are 16 of 19 measurements"));
        profiles.extend((0..DRAWN).map(|i| Profile { model: i.to_string(), ..small("") }));
        let measured = Measurements::of(&profiles);
        let selection = Selection::of(measured.all());
        assert_eq!(selection.rendered.len(), DRAWN);
        assert!(selection.rendered.iter().all(|a| a.profile.model != "often"));
        assert_eq!(Selection::of(&measured.all()[..2]).left_out(), None);
    }
}
