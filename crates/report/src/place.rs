//! Where a profile was taken: what may be compared, and what must be told apart.
//!
//! A machine is what its record says: system, kernel, processors, memory. Two whose records are the same
//! count as one, because no name of a host is kept; one whose kernel was changed counts as another.

use profile::{DeviceKind, Machine, Profile, Rendering};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

/// A device of a machine and the threads that ran on it: times of one place can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place<'a> {
    /// The device.
    pub device: Device<'a>,
    /// The machine round it.
    pub machine: &'a Machine,
    /// Threads; 1 on a GPU, where they do not matter.
    pub threads: usize,
}

/// What a [device's label](profile::Device::label) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Device<'a> {
    name: &'a str,
    kind: DeviceKind,
    arch: &'a str,
    rendering: Rendering,
}

impl<'a> Place<'a> {
    /// Where `profile` was taken.
    pub fn of(profile: &'a Profile) -> Self {
        let threads = if profile.device.kind == DeviceKind::Gpu { 1 } else { profile.threads };
        Self { device: Device::of(profile), machine: &profile.machine, threads }
    }
}

impl<'a> Device<'a> {
    fn of(profile: &'a Profile) -> Self {
        let profile::Device { name, kind, arch, rendering, .. } = &profile.device;
        Self { name, kind: *kind, arch, rendering: *rendering }
    }
}

/// The profiles with a number in the names of those devices that several machines have, and in the names of
/// these machines' processors: every label, chart and file tells them apart.
pub fn told_apart(profiles: &[Profile]) -> Cow<'_, [Profile]> {
    let numbers = numbers(profiles);
    if numbers.is_empty() {
        return Cow::Borrowed(profiles);
    }
    let named = profiles.iter().map(|profile| {
        let Some(machine) = numbers.get(&profile.machine) else { return profile.clone() };
        let mut named = profile.clone();
        if machine.devices.contains(&Device::of(profile)) {
            named.device.name += &format!(" · machine {}", machine.number);
        }
        named.machine.cpu += &format!(" · machine {}", machine.number);
        named
    });
    Cow::Owned(named.collect())
}

/// A machine that shares a device's label with others.
#[derive(Default)]
struct Shared<'a> {
    /// Its number, from 1 in the order of first appearance.
    number: usize,
    /// The devices that others have as well.
    devices: HashSet<Device<'a>>,
}

fn numbers(profiles: &[Profile]) -> HashMap<&Machine, Shared<'_>> {
    let mut first: HashMap<Device<'_>, &Machine> = HashMap::new();
    let several: HashSet<Device<'_>> = profiles
        .iter()
        .filter(|p| *first.entry(Device::of(p)).or_insert(&p.machine) != &p.machine)
        .map(Device::of)
        .collect();
    let mut shared: HashMap<&Machine, Shared<'_>> = HashMap::new();
    for profile in profiles.iter().filter(|p| several.contains(&Device::of(p))) {
        let number = shared.len() + 1;
        let machine = shared.entry(&profile.machine).or_default();
        machine.number = if machine.number == 0 { number } else { machine.number };
        machine.devices.insert(Device::of(profile));
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn machines_of_one_name_are_numbered_and_others_left_alone() {
        let here = fixture::shufflenet_on(fixture::core(), 1);
        let mut there = here.clone();
        there.machine.memory_bytes *= 2;
        let apart = fixture::shufflenet_on(fixture::adapter(), 1);
        let mut with_adapter = apart.clone();
        with_adapter.machine = there.machine.clone();
        let alone = [here.clone(), apart];
        assert!(matches!(told_apart(&alone), Cow::Borrowed(_)));
        let all = [here.clone(), there.clone(), here, with_adapter];
        let named = told_apart(&all);
        let names: Vec<&str> = named.iter().map(|p| p.device.name.as_str()).collect();
        let expected = [
            "Synthetic Core X-1 · machine 1",
            "Synthetic Core X-1 · machine 2",
            "Synthetic Core X-1 · machine 1",
            "Synthetic GTX 1",
        ];
        assert_eq!(names, expected);
        assert!(named[3].machine.processors().contains("· machine 2"), "its processor is shared");
    }

    #[test]
    fn whatever_differs_in_a_machine_makes_another() {
        type Change = fn(&mut Machine);
        let changes: [Change; 6] = [
            |m| m.os.push('x'),
            |m| m.kernel.push('x'),
            |m| m.cpu.push('x'),
            |m| m.model.push('x'),
            |m| m.cores += 1,
            |m| m.memory_bytes += 1,
        ];
        let here = fixture::shufflenet_on(fixture::core(), 1);
        for change in changes {
            let mut there = here.clone();
            change(&mut there.machine);
            let both = [here.clone(), there];
            let labels: HashSet<String> =
                told_apart(&both).iter().map(|p| p.device.label()).collect();
            assert_eq!(labels.len(), 2, "{labels:?}");
            assert_ne!(Place::of(&both[0]), Place::of(&both[1]));
        }
    }
}
