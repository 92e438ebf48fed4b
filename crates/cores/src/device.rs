//! A core on a board: what is told of it, what it takes for what was done.

use super::{
    board::{Board, Placed},
    built_in,
    cache::Cache,
    core::{CacheShape, Core},
    figure::Figure,
    hierarchy::{Hierarchy, Level, Traffic},
    resource::Resource,
    simulation::{Simulation, Work},
    unknown::UnknownDevice,
    window::{Latency, Window},
};
use profile::{Instruction, Modelled, Vectors};
use std::{collections::BTreeMap, str::FromStr};

/// A core on a board.
#[derive(Clone, Debug)]
pub struct CoreOnBoard {
    name: String,
    core: Core,
    placed: Placed,
}

impl FromStr for CoreOnBoard {
    type Err = UnknownDevice;

    /// `CORE@BOARD`: names of built-in ones, or paths of TOML files.
    fn from_str(spec: &str) -> Result<Self, UnknownDevice> {
        let (core_name, board_name) =
            spec.split_once('@').ok_or_else(|| UnknownDevice::Malformed(spec.to_owned()))?;
        let (id, core) = built_in::core(core_name)?;
        let (_, board): (String, Board) = built_in::described(built_in::KIND_BOARD, board_name)?;
        let Some(placed) = board.cores.get(&id).cloned() else {
            let has = board.cores.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(UnknownDevice::NotThere { board: board.name, core: id, has });
        };
        let (levels, sizes) = (core.caches.get_ref().len(), placed.cache_kib.len());
        let latencies = placed.latency_ns.len();
        if sizes == 0 || sizes > levels || latencies != sizes {
            let (core, board) = (core.name, board.name);
            return Err(UnknownDevice::Caches { core, board, levels, sizes, latencies });
        }
        Ok(Self { name: format!("{} on {}", core.name, board.name), core, placed })
    }
}

/// What work takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Time {
    /// All of it, nanoseconds.
    pub ns: f64,
    /// What each resource takes alone, nanoseconds.
    pub resources: BTreeMap<Resource, f64>,
    /// The resource that takes longest, if any takes anything.
    pub bound_by: Option<Resource>,
}

impl CoreOnBoard {
    /// Core and board by their names.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The vectors that its core computes with.
    pub const fn vectors(&self) -> Vectors {
        self.core.vectors
    }

    /// Bytes that its caches hold together.
    pub fn cache_bytes(&self) -> u64 {
        self.cache_sizes().iter().sum()
    }

    /// Bytes that each of its caches holds, the nearest first.
    pub(super) fn cache_sizes(&self) -> Vec<u64> {
        self.placed.cache_kib.iter().map(|kib| (kib.get() as u64) << 10).collect()
    }

    /// The core.
    pub(super) const fn core(&self) -> &Core {
        &self.core
    }

    /// Nanoseconds by peak and bandwidth alone: multiply-adds at as many as a cycle has room for, and bytes at what
    /// a copy moves.
    pub fn naive_ns(&self, mul_adds: u64, bytes: u64) -> f64 {
        let Placed { clock_ghz, copy_gb_s, .. } = &self.placed;
        let lanes = self.core.vectors.lanes() as f64;
        let a_ns = lanes * self.core.cycle.vector.get() * clock_ghz.get();
        mul_adds as f64 / a_ns + bytes as f64 / (2.0 * copy_gb_s.get())
    }

    /// Bytes of a line.
    pub(super) fn line(&self) -> usize {
        self.core.caches.get_ref()[0].line.get()
    }

    /// The device with empty caches.
    pub fn simulation(&self) -> Simulation {
        let mut latencies = [Latency { result: 1, sum: 1 }; Instruction::KINDS];
        for instruction in Instruction::all() {
            let result = self.core.latency(instruction).round() as u64;
            let sum = match instruction {
                Instruction::Fma => self.core.accumulate.get().round() as u64,
                _ => result,
            };
            latencies[instruction as usize] = Latency { result, sum };
        }
        let level = |(shape, kib): (&CacheShape, &Figure<usize>)| {
            let lines = (kib.get() << 10) / self.line();
            let cache = Cache::new(lines, shape.ways.get(), shape.replacement.get());
            Level { cache, exclusive: shape.exclusive.as_ref().is_some_and(|e| e.get()) }
        };
        let levels = self.core.caches.get_ref().iter().zip(&self.placed.cache_kib).map(level);
        let caches = Hierarchy::new(levels.collect());
        let window = Window::new(self.core.window.get());
        Simulation::new(latencies, window, caches, self.line().trailing_zeros())
    }

    /// What `work` takes.
    pub fn time(&self, work: &Work) -> Time {
        let clock = self.placed.clock_ghz.get();
        let cycles = self.core.cycles(&work.instructions, work.chain_cycles, 1.0);
        let (core_ns, memory_ns) =
            (self.core.together(&cycles) / clock, self.memory_ns(&work.traffic));
        let ns = overlapped(core_ns, memory_ns, self.core.overlap.get());
        let mut resources: BTreeMap<Resource, f64> =
            cycles.into_iter().map(|(resource, cycles)| (resource, cycles / clock)).collect();
        resources.insert(Resource::Memory, memory_ns);
        let longest = resources.iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
        let bound_by = longest.filter(|(_, ns)| **ns > 0.0).map(|(resource, _)| *resource);
        Time { ns, resources, bound_by }
    }

    /// What `work` leaves in a profile.
    pub fn modelled(&self, work: &Work) -> (u64, Modelled) {
        let Time { ns, resources, bound_by } = self.time(work);
        let whole = |ns: f64| ns.round() as u64;
        let traffic_bytes = self.traffic_bytes(work);
        let modelled = Modelled {
            instructions: work.instructions.iter().map(|(k, n)| (k.to_string(), *n)).collect(),
            issued_bytes: work.issued_bytes,
            traffic_bytes,
            resource_ns: resources.into_iter().map(|(r, ns)| (r.to_string(), whole(ns))).collect(),
            bound_by: bound_by.map(|resource| resource.to_string()),
        };
        (whole(ns), modelled)
    }

    /// Bytes that crossed, by the level that they came from or went to.
    fn traffic_bytes(&self, work: &Work) -> BTreeMap<String, u64> {
        let crossed = work.traffic.inwards.iter().zip(&work.traffic.outwards);
        let levels = self.placed.cache_kib.len();
        let name = |level| match level {
            level if level == levels => "memory".to_owned(),
            level => format!("l{}", level + 1),
        };
        let bytes = |lines| lines * self.line() as u64;
        crossed.zip(1..).map(|((i, o), level)| (name(level), bytes(i + o))).collect()
    }

    /// What lies beyond the first-level cache. A line that continues a stream was to be foreseen: of another cache it
    /// takes its way to the first level, of memory its part of the bandwidth. Any other takes its latency, shared by
    /// the lines that are waited for at once, but no less. A line that memory gets takes that of filling.
    pub(super) fn memory_ns(&self, traffic: &Traffic) -> f64 {
        let line = self.line() as f64;
        let placed = &self.placed;
        let refill = |level: usize| {
            let measured = placed.refill_gb_s.get(level - 1).map(Figure::get);
            line / measured.unwrap_or(self.core.refill_bytes.get() * placed.clock_ghz.get())
        };
        let memory = placed.latency_ns.len();
        let of_level = |level: usize| {
            let foreseen = if level == memory { placed.read_ns(line) } else { refill(level) };
            let latency = placed.latency_ns[level - 1].get() / self.core.outstanding_lines.get();
            let streamed = traffic.streamed[level];
            let alone = traffic.served[level] - streamed;
            streamed as f64 * foreseen + alone as f64 * latency.max(foreseen)
        };
        let written = traffic.outwards.last().copied().unwrap_or(0) as f64;
        (1..=memory).map(of_level).sum::<f64>() + written * placed.write_ns(line)
    }
}

/// What a core and its memory take together, where so much of the shorter time hides behind the longer.
pub fn overlapped(core: f64, memory: f64, overlap: f64) -> f64 {
    core + memory - overlap.min(1.0) * core.min(memory)
}

#[cfg(test)]
mod tests;
