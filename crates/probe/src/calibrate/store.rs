//! Calibrations that were measured before, in a file of the user's cache folder.

use crate::output::cache_file;
use anyhow::Context;
use profile::{Calibration, Device, Machine, cache};
use std::path::{Path, PathBuf};

/// Grows when calibrations are measured in another way, so that older ones are forgotten.
const VERSION: u32 = 5;

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
        known.filter(|calibration| calibration.flaw().is_none())
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

/// What a calibration holds for: the device, its driver, the machine round it, the threads, and
/// whether the kernels that measured it check themselves, which makes them slower than memory.
pub fn key(device: &Device, machine: &Machine, threads: usize) -> String {
    let (label, driver, machine) = (device.label(), &device.driver, machine.processors());
    let kernels = if ops::CHECKED { "checked" } else { "plain" };
    format!("{VERSION} {label} {driver} | {machine} | {threads} threads, {kernels}")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let nowhere = Store { path: None };
        nowhere.put("a".into(), &measured(1.0)).unwrap();
        assert_eq!(nowhere.get("a"), None);
    }
}
