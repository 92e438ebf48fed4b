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
