//! Calibrations that were measured before, in a file of the user's cache folder.

use super::flaw;
use crate::{cgroup, output::cache_file};
use anyhow::Context;
use profile::{Calibration, Device, Machine, cache};
use std::path::{Path, PathBuf};

/// Grows when calibrations are measured in another way, so that older ones are forgotten.
const VERSION: u32 = 6;

/// The calibrations of this user's devices.
#[derive(Debug)]
pub struct Store {
    path: Option<PathBuf>,
}

impl Store {
    /// The user's; where there is no place for a file, nothing is remembered.
    pub fn of_user() -> Self {
        Self { path: cache_file("calibration.json") }
    }

    /// Those that the file at `path` keeps.
    pub fn at(path: &Path) -> Self {
        Self { path: Some(path.to_owned()) }
    }

    /// What was measured for `key`; nothing where the file is none of ours, or damaged.
    pub fn get(&self, key: &str) -> Option<Calibration> {
        let known: Option<Calibration> =
            self.path.as_deref().and_then(|path| cache::load(path).remove(key));
        known.filter(|calibration| flaw(calibration).is_none())
    }

    /// Remembers what was measured for `key`.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn put(&self, key: String, calibration: &Calibration) -> anyhow::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        cache::update(path, |all| _ = all.insert(key, calibration.clone()))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// What a calibration holds for: the device, its driver, the machine round it, the threads, the types of their
/// cores, whether the kernels that measured it check themselves, which makes them slower than memory, and what the groups round
/// the program leave it of the machine.
pub fn key(
    device: &Device,
    machine: &Machine,
    threads: usize,
    cores: &str,
    limits: &Limits,
) -> String {
    let (label, bus, driver) = (device.label(), &device.bus, &device.driver);
    let processors = machine.processors();
    let kernels = if ops::CHECKED { "checked" } else { "plain" };
    let limits = limits.of(machine);
    let cores = if cores.is_empty() { String::new() } else { format!(" on {cores}") };
    format!(
        "{VERSION} {label} {bus} {driver} | {processors} | {threads} threads{cores}, {kernels}{limits}"
    )
}

/// What control groups leave a program.
#[derive(Debug, Default)]
pub struct Limits {
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Processor time, in processors.
    pub quota: Option<f64>,
}

impl Limits {
    /// Those of this program.
    pub fn own() -> Self {
        let root = Path::new("/");
        Self { memory: cgroup::memory_limit(root), quota: cgroup::quota(root) }
    }

    /// What of `machine` they take away, in words; nothing where it has no more.
    fn of(&self, machine: &Machine) -> String {
        let memory = self.memory.filter(|&bytes| bytes == machine.memory_bytes);
        let quota = self.quota.filter(|&quota| quota < machine.cores as f64);
        let memory = memory.map(|bytes| format!(", {bytes} bytes of memory"));
        let quota = quota.map(|quota| format!(", {quota} of a processor"));
        memory.unwrap_or_default() + &quota.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use profile::{Cache, DeviceKind, Rendering};

    #[test]
    fn a_calibration_within_limits_is_none_of_the_whole_machine() {
        let (kind, rendering) = (DeviceKind::X86, Rendering::Real);
        let [name, arch, driver, bus] = ["a", "avx2", "", ""].map(str::to_owned);
        let device = Device { name, kind, arch, rendering, driver, bus };
        let whole = Machine { cores: 2, memory_bytes: 1 << 34, ..Machine::default() };
        let within = |memory: Option<u64>, quota| {
            let machine = Machine {
                memory_bytes: whole.memory_bytes.min(memory.unwrap_or(u64::MAX)),
                ..whole.clone()
            };
            key(&device, &machine, 1, "", &Limits { memory, quota })
        };
        let keys = [
            within(None, None),
            within(Some(1 << 28), None),
            within(None, Some(0.5)),
            within(Some(1 << 28), Some(0.5)),
        ];
        assert!((1..keys.len()).all(|i| !keys[..i].contains(&keys[i])), "{keys:?}");
        assert_eq!(within(Some(1 << 40), Some(2.0)), keys[0], "as much as there is");
        let of_cores = |cores| key(&device, &whole, 1, cores, &Limits::default());
        let types = ["", "Cortex-A76 2400 MHz", "Cortex-A76 2352 MHz"].map(of_cores);
        let card = Device { bus: "0000:41:00.0".to_owned(), ..device.clone() };
        assert_ne!(key(&card, &whole, 1, "", &Limits::default()), keys[0], "another card");
        assert!(types[0] == keys[0] && types[1] != types[2] && !types[1..].contains(&keys[0]));
    }

    #[test]
    fn sound_calibrations_are_remembered_where_there_is_a_place() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(&folder.path().join("calibration.json"));
        let measured = |dispatch_ns| Calibration { dispatch_ns, ..Calibration::default() };
        assert_eq!(store.get("a"), None);
        store.put("a".into(), &measured(1.0)).unwrap();
        store.put("b".into(), &measured(2.0)).unwrap();
        store.put("a".into(), &measured(3.0)).unwrap();
        assert_eq!(store.get("a"), Some(measured(3.0)));
        assert_eq!(store.get("b"), Some(measured(2.0)));
        store.put("a".into(), &measured(-1.0)).unwrap();
        assert_eq!(store.get("a"), None, "damaged");
        let caches = vec![Cache { name: "L1".into(), bytes: 1 << 63 }];
        let reasons = vec!["r".repeat(20_000)];
        for damaged in [
            Calibration { caches, ..measured(1.0) },
            Calibration { reasons, ..measured(1.0) },
            measured(1e15),
        ] {
            store.put("a".into(), &damaged).unwrap();
            assert_eq!(store.get("a"), None, "no profile could have it: {damaged:?}");
        }
        let nowhere = Store { path: None };
        nowhere.put("a".into(), &measured(1.0)).unwrap();
        assert_eq!(nowhere.get("a"), None);
    }
}
