//! A board: what each of its cores runs at, and the memory that it sees.

use super::figure::{Described, Figure, Flaw, Sources, demand, demand_count};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A board as its file describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Its name, for people.
    pub name: String,
    sources: Sources,
    /// Its cores, by the names of their files.
    #[serde(rename = "core")]
    pub cores: BTreeMap<String, Placed>,
}

/// A core's place on a board. Rates are those of one core alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placed {
    /// Clock, GHz.
    pub clock_ghz: Figure,
    /// Sizes of its caches, KiB, the nearest first.
    pub cache_kib: Vec<Figure<usize>>,
    /// Latencies of all its caches but the first, and of memory, nanoseconds.
    pub latency_ns: Vec<Figure>,
    /// What copying reads, GB/s; it writes as much.
    pub copy_gb_s: Figure,
    /// What filling memory writes, GB/s.
    pub fill_gb_s: Figure,
    /// What reading memory reads, GB/s, where that was measured.
    #[serde(default)]
    pub read_gb_s: Option<Figure>,
    /// What reading each cache but the first reads, GB/s, where that was measured: else the core says what its first
    /// cache gets.
    #[serde(default)]
    pub refill_gb_s: Vec<Figure>,
}

impl Placed {
    /// Nanoseconds that a line of memory of so many bytes takes to be read: as measured, or what a copy
    /// takes beyond filling.
    pub fn read_ns(&self, line: f64) -> f64 {
        match &self.read_gb_s {
            Some(read) => line / read.get(),
            None => line / self.copy_gb_s.get() - self.write_ns(line),
        }
    }

    /// The same to be written.
    pub fn write_ns(&self, line: f64) -> f64 {
        line / self.fill_gb_s.get()
    }
}

impl Described for Board {
    fn check(&self) -> Result<(), Flaw> {
        for (name, placed) in &self.cores {
            placed.check(&format!("core.{name}"), &self.sources)?;
        }
        let none = || (0..0, "expected a core: [core.cortex-a53]".to_owned());
        (!self.cores.is_empty()).then_some(()).ok_or_else(none)
    }
}

impl Placed {
    fn check(&self, table: &str, sources: &Sources) -> Result<(), Flaw> {
        let rate = (1e-3, 1e5);
        let field = |name: &str| format!("{table}.{name}");
        demand(&field("clock_ghz"), &self.clock_ghz, (1e-2, 100.0), sources)?;
        demand(&field("copy_gb_s"), &self.copy_gb_s, rate, sources)?;
        demand(&field("fill_gb_s"), &self.fill_gb_s, rate, sources)?;
        if let Some(read) = &self.read_gb_s {
            demand(&field("read_gb_s"), read, rate, sources)?;
        } else if self.fill_gb_s.get() <= self.copy_gb_s.get() {
            let what = format!(
                "{}: without read_gb_s, filling must be faster than copying",
                field("fill_gb_s")
            );
            return Err((self.fill_gb_s.span(), what));
        }
        for (i, size) in self.cache_kib.iter().enumerate() {
            demand_count(&field(&format!("cache_kib[{i}]")), size, 1 << 20, sources)?;
        }
        for (i, latency) in self.latency_ns.iter().enumerate() {
            demand(&field(&format!("latency_ns[{i}]")), latency, (1e-2, 1e6), sources)?;
        }
        for (i, refill) in self.refill_gb_s.iter().enumerate() {
            demand(&field(&format!("refill_gb_s[{i}]")), refill, rate, sources)?;
        }
        Ok(())
    }
}
