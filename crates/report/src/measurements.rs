//! Everything that was measured, reduced: what a report is made of.

use crate::{
    analysis::{Analysis, Shared},
    place,
};
use profile::Profile;

/// Profiles in their order, with their samples reduced. Devices that would have one label have names of their own.
#[derive(Clone, Debug, Default)]
pub struct Measurements(Vec<Analysis>);

impl Measurements {
    /// Those of `profiles`.
    pub fn of(profiles: &[Profile]) -> Self {
        profiles.iter().cloned().collect()
    }

    /// Each of them.
    pub(crate) fn all(&self) -> &[Analysis] {
        &self.0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Each profile is reduced as it comes: of a long file the samples of one line are held at a time.
impl FromIterator<Profile> for Measurements {
    fn from_iter<I: IntoIterator<Item = Profile>>(profiles: I) -> Self {
        let mut shared = Shared::default();
        let mut all: Vec<Analysis> =
            profiles.into_iter().map(|profile| Analysis::reduce(profile, &mut shared)).collect();
        let names = place::names(&all.iter().map(|a| &a.profile).collect::<Vec<_>>());
        for (a, place::Names { device, cpu }) in all.iter_mut().zip(names) {
            let Profile { device: on, machine, .. } = &mut a.profile;
            on.name = device.unwrap_or_else(|| std::mem::take(&mut on.name));
            machine.cpu = cpu.unwrap_or_else(|| std::mem::take(&mut machine.cpu));
        }
        Self(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use std::rc::Rc;

    #[test]
    fn of_many_measurements_of_one_network_only_the_times_are_kept_each() {
        let profiles = [1, 2, 3].map(|seed| Profile {
            ops: fixture::shufflenet_on(fixture::core(), seed).ops,
            ..fixture::calibrated()
        });
        let measured = Measurements::of(&profiles);
        let [first, others @ ..] = measured.all() else { panic!("nothing measured") };
        for other in others {
            for (one, same) in first.ops.iter().zip(&other.ops) {
                assert!(Rc::ptr_eq(&one.record, &same.record) && one.time != same.time);
                assert!(one.record.samples_ns.is_empty() && one.record.warm_ns.is_empty());
            }
            let ceilings = [first, other].map(|a| a.ceilings.clone().unwrap());
            assert!(Rc::ptr_eq(&ceilings[0], &ceilings[1]));
            assert!(other.rounds.is_empty() && other.profile.whole_ns.is_empty());
        }
    }

    #[test]
    fn a_calibration_of_the_same_moment_may_be_another() {
        let [mut one, other] = [fixture::calibrated(), fixture::calibrated()];
        one.calibration.as_mut().unwrap().dispatch_ns *= 2.0;
        let measured = Measurements::of(&[one.clone(), other.clone(), one.clone()]);
        let found = measured.all().iter().map(|a| Some(a.ceilings.as_ref()?.calibration.clone()));
        assert!(found.eq([one.calibration.clone(), other.calibration, one.calibration]));
    }
}
