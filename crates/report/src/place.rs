//! Where a profile was taken: what may be compared, and what must be told apart.
//!
//! A machine is what its record says: system, kernel, processors, memory. Two whose records are the same
//! count as one, because no name of a host is kept; one whose kernel was changed counts as another. A GPU
//! with another driver is another device.

use profile::{DeviceKind, Machine, Profile, Rendering};
use std::collections::{HashMap, HashSet};

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

/// What a [device's label](profile::Device::label) says, its driver, and its bus id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Device<'a> {
    label: Label<'a>,
    driver: &'a str,
    bus: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Label<'a> {
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

impl Label<'_> {
    /// What stands beside the name.
    fn nameless(self) -> Self {
        Self { name: "", ..self }
    }
}

impl<'a> Device<'a> {
    fn of(profile: &'a Profile) -> Self {
        let profile::Device { name, kind, arch, rendering, driver, bus } = &profile.device;
        Self { label: Label { name, kind: *kind, arch, rendering: *rendering }, driver, bus }
    }
}

/// What stands in a profile for names that would not tell devices and machines apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The device's name; `None` where its own will do.
    pub device: Option<String>,
    /// The processor's.
    pub cpu: Option<String>,
}

/// Names for devices that would have one label: with their bus ids and drivers, where these differ, and with a
/// number of the machine, where that differs. Its processor gets the number as well. So every label, chart and file tells
/// them apart.
pub fn names(profiles: &[&Profile]) -> Vec<Names> {
    let mut naming = Naming::of(profiles);
    profiles.iter().map(|profile| naming.names(profile)).collect()
}

/// What shares labels, and the names given so far.
struct Naming<'a> {
    drivers: HashMap<Label<'a>, HashSet<&'a str>>,
    buses: HashMap<Label<'a>, HashSet<&'a str>>,
    machines: HashMap<Label<'a>, HashSet<&'a Machine>>,
    /// Numbers of machines that share a label, from 1 in the order of first appearance.
    numbers: HashMap<&'a Machine, usize>,
    /// Labels that no other device may get: a name, and the rest of the label.
    taken: HashSet<(String, Label<'a>)>,
    given: HashMap<(Device<'a>, &'a Machine), String>,
}

impl<'a> Naming<'a> {
    fn of(profiles: &[&'a Profile]) -> Self {
        let mut drivers: HashMap<_, HashSet<_>> = HashMap::new();
        let mut buses: HashMap<_, HashSet<_>> = HashMap::new();
        let mut machines: HashMap<_, HashSet<_>> = HashMap::new();
        let mut taken = HashSet::new();
        for profile in profiles {
            let Device { label, driver, bus } = Device::of(profile);
            drivers.entry(label).or_default().insert(driver);
            buses.entry(label).or_default().insert(bus);
            machines.entry(label).or_default().insert(&profile.machine);
            taken.insert((label.name.to_owned(), label.nameless()));
        }
        let mut numbers = HashMap::new();
        for profile in profiles.iter().filter(|p| machines[&Device::of(p).label].len() > 1) {
            let next = numbers.len() + 1;
            numbers.entry(&profile.machine).or_insert(next);
        }
        Self { drivers, buses, machines, numbers, taken, given: HashMap::new() }
    }

    fn names(&mut self, profile: &'a Profile) -> Names {
        let number = self.numbers.get(&profile.machine).map(|n| format!(" · machine {n}"));
        let cpu = number.as_ref().map(|number| profile.machine.cpu.clone() + number);
        Names { device: self.device(profile, number), cpu }
    }

    fn device(&mut self, profile: &'a Profile, number: Option<String>) -> Option<String> {
        let device = Device::of(profile);
        let Device { label, driver, bus } = device;
        let told = |text: &'a str, all: &HashMap<Label<'_>, HashSet<&str>>| {
            Some(text).filter(|text| !text.is_empty() && all[&label].len() > 1)
        };
        let (bus, driver) = (told(bus, &self.buses), told(driver, &self.drivers));
        let number = number.filter(|_| self.machines[&label].len() > 1);
        if bus.or(driver).is_none() && number.is_none() {
            return None;
        }
        let known = [bus, driver].into_iter().flatten();
        let known: String = known.map(|known| format!(" · {known}")).collect();
        let taken = &mut self.taken;
        let name = self.given.entry((device, &profile.machine)).or_insert_with(|| {
            let mut name = format!("{}{known}{}", label.name, number.unwrap_or_default());
            while !taken.insert((name.clone(), label.nameless())) {
                name.push('′');
            }
            name
        });
        Some(name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    /// The devices' names as they are shown.
    fn shown(profiles: &[Profile]) -> Vec<String> {
        let names = names(&profiles.iter().collect::<Vec<_>>()).into_iter().zip(profiles);
        names.map(|(names, p)| names.device.unwrap_or_else(|| p.device.name.clone())).collect()
    }

    #[test]
    fn machines_of_one_name_are_numbered_and_others_left_alone() {
        let here = fixture::shufflenet_on(fixture::core(), 1);
        let mut there = here.clone();
        there.machine.memory_bytes *= 2;
        let apart = fixture::shufflenet_on(fixture::adapter(), 1);
        let mut with_adapter = apart.clone();
        with_adapter.machine = there.machine.clone();
        assert_eq!(names(&[&here, &apart]), [Names::default(), Names::default()]);
        let all = [here.clone(), there.clone(), here, with_adapter];
        let expected = [
            "Synthetic Core X-1 · machine 1",
            "Synthetic Core X-1 · machine 2",
            "Synthetic Core X-1 · machine 1",
            "Synthetic GTX 1",
        ];
        assert_eq!(shown(&all), expected);
        let cpu = names(&all.each_ref())[3].cpu.clone().unwrap();
        assert!(cpu.ends_with("· machine 2"), "its processor is shared: {cpu}");
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
            let [first, second] = shown(&both).try_into().unwrap();
            assert_ne!(first, second);
            assert_ne!(Place::of(&both[0]), Place::of(&both[1]));
        }
    }

    #[test]
    fn a_device_with_another_driver_is_another_and_says_so() {
        let old = fixture::shufflenet_on(fixture::adapter(), 1);
        let mut new = old.clone();
        new.device.driver = "synthetic 2.0".into();
        assert_ne!(Place::of(&old), Place::of(&new));
        let all = [old.clone(), new.clone(), old.clone()];
        let own = &old.device.name;
        assert_eq!(shown(&all), [own.clone(), format!("{own} · synthetic 2.0"), own.clone()]);
        new.machine.kernel.push('x');
        let [first, second] = shown(&[old, new]).try_into().unwrap();
        assert_eq!(first, "Synthetic GTX 1 · machine 1");
        assert_eq!(second, "Synthetic GTX 1 · synthetic 2.0 · machine 2");
    }

    #[test]
    fn two_equal_cards_are_told_apart_by_their_buses() {
        let mut first = fixture::shufflenet_on(fixture::adapter(), 1);
        let own = first.device.name.clone();
        first.device.bus = "0000:41:00.0".into();
        let mut second = first.clone();
        assert_eq!(shown(&[first.clone(), second.clone()]), [own.clone(), own.clone()]);
        second.device.bus = "0000:a1:00.0".into();
        assert_ne!(Place::of(&first), Place::of(&second));
        let names = shown(&[first, second]);
        assert_eq!(names, ["41", "a1"].map(|bus| format!("{own} · 0000:{bus}:00.0")));
    }

    #[test]
    fn a_name_that_looks_like_a_numbered_one_stays_its_own() {
        let here = fixture::shufflenet_on(fixture::core(), 1);
        let (mut there, mut third) = (here.clone(), here.clone());
        there.machine.memory_bytes *= 2;
        third.machine.memory_bytes *= 3;
        third.device.name += " · machine 1";
        let names = shown(&[third, here, there]);
        let apart: HashSet<&String> = names.iter().collect();
        assert_eq!(apart.len(), 3, "{names:?}");
    }
}
