//! A board for this machine: what its calibration says of one core's clock, caches and memory.

use crate::calibrate::latency_ns;
use anyhow::{Context, ensure};
use profile::{Cache, Calibration, Pattern};
use std::fmt::Write;

/// The least that is read behind the last cache, bytes: enough for any that we know of.
const MEMORY: usize = 256 << 20;

/// What is to be known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// Its name, for people.
    pub name: String,
    /// Clock, GHz.
    pub clock_ghz: f64,
    /// The caches, the nearest first.
    pub caches: Vec<Cache>,
    /// GB/s of reading what lies in each cache, and in memory.
    pub read: Vec<f64>,
    /// GB/s of memory that a copy reads; it writes as much.
    pub copy: f64,
    /// Nanoseconds of a load from each cache but the first, and from memory.
    pub latency_ns: Vec<f64>,
}

impl Board {
    /// The board of the machine that was calibrated, by a thread on the core that counts.
    ///
    /// # Errors
    /// Where the system tells of no caches.
    pub fn measured(name: &str, clock_ghz: f64, calibration: &Calibration) -> anyhow::Result<Self> {
        let caches = calibration.caches.clone();
        ensure!(!caches.is_empty(), "the system does not tell of this machine's caches");
        let rate = |pattern, bytes| rate(calibration, pattern, bytes);
        // Well within a cache, and all of the memory that was measured.
        let within = caches.iter().map(|cache| cache.bytes / 2).chain([u64::MAX]);
        let read = within.map(|bytes| rate(Pattern::Read, bytes)).collect::<Option<Vec<_>>>();
        let copy = rate(Pattern::Copy, u64::MAX).map(|both| both / 2.0);
        let last = caches.last().map_or(0, |cache| cache.bytes as usize);
        let beyond = caches[1..].iter().map(|cache| cache.bytes as usize / 2);
        Ok(Self {
            name: name.to_owned(),
            clock_ghz,
            read: read.context("a calibration without reading")?,
            copy: copy.context("a calibration without copying")?,
            latency_ns: beyond.chain([MEMORY.max(4 * last)]).map(latency_ns).collect(),
            caches,
        })
    }

    /// A board's file, on which `core` stands.
    pub fn file(&self, core: &str) -> String {
        let figure = |value: f64| format!("{{ value = {value:.4}, source = \"measured\" }}");
        let list = |values: &[f64]| {
            values.iter().map(|value| figure(*value)).collect::<Vec<_>>().join(", ")
        };
        let (memory, caches) = self.read.split_last().map_or((0.0, &[][..]), |(m, c)| (*m, c));
        let size = |cache: &Cache| {
            format!("{{ value = {}, source = \"system\" }}", (cache.bytes >> 10).max(1))
        };
        let sizes: Vec<String> = self.caches.iter().map(size).collect();
        // What a copy takes beyond reading.
        let written = 1.0 / (1.0 / self.copy - 1.0 / memory).max(1e-4);
        let mut file = format!("name = {:?}\n\n[sources]\n", self.name);
        file.push_str("measured = \"this machine's calibration\"\n");
        file.push_str("system = \"what the operating system tells\"\n");
        let _ = write!(
            file,
            "\n[core.{core}]\nclock_ghz = {}\ncache_kib = [{}]\nlatency_ns = [{}]\n\
             copy_gb_s = {}\nfill_gb_s = {}\nread_gb_s = {}\nrefill_gb_s = [{}]\n",
            figure(self.clock_ghz),
            sizes.join(", "),
            list(&self.latency_ns),
            figure(self.copy),
            figure(written),
            figure(memory),
            list(caches.get(1..).unwrap_or_default()),
        );
        file
    }
}

/// GB/s of `pattern` over the largest working set of at most `bytes`.
fn rate(calibration: &Calibration, pattern: Pattern, bytes: u64) -> Option<f64> {
    let mountain = &calibration.mountain;
    let sets = mountain.bytes.partition_point(|&set| set <= bytes);
    mountain.slope(pattern).get(sets.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cores::CoreOnBoard;
    use std::fs;

    #[test]
    fn a_board_s_file_is_read_as_any_other() {
        let cache = |name: &str, kib: u64| Cache { name: name.to_owned(), bytes: kib << 10 };
        let board = Board {
            name: "a \"machine\"".to_owned(),
            clock_ghz: 3.7,
            caches: vec![cache("L1", 32), cache("L2", 1024), cache("L3", 32 << 10)],
            read: vec![200.0, 100.0, 50.0, 25.0],
            copy: 10.0,
            latency_ns: vec![4.0, 14.0, 100.0],
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("host.toml");
        fs::write(&path, board.file("zen4")).unwrap();
        let device: CoreOnBoard = format!("zen4@{}", path.display()).parse().unwrap();
        assert_eq!(device.name(), "Zen 4 on a \"machine\"");
        // 64 bytes in and out take as long as they are copied: at 25 and 16.7 GB/s.
        assert!(
            board.file("zen4").contains("fill_gb_s = { value = 16.6667,"),
            "{}",
            board.file("")
        );
        assert!(board.file("zen4").contains("refill_gb_s = [{ value = 100.0000,"));
    }
}
