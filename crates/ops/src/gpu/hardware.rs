//! What the model of a dispatch wants to know of a GPU: a file each in `experiments/devices/`, every
//! figure with its source. wgpu tells none of it.

use serde::{Deserialize, de::value::MapDeserializer};
use std::{collections::BTreeMap, sync::LazyLock};

/// A GPU. A *unit* is what runs a workgroup: a streaming multiprocessor, a compute unit, a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hardware {
    /// Units.
    pub units: u32,
    /// Multiply-adds of a unit a clock.
    pub lanes: u32,
    /// The clock, megahertz.
    pub clock_mhz: u32,
    /// Invocations that run in lockstep.
    pub wave: u32,
    /// Registers of a unit, of 32 bits.
    pub registers: u32,
    /// Registers that an invocation can have.
    pub registers_each: u32,
    /// It has a multiple of so many.
    #[serde(default = "one")]
    pub register_step: u32,
    /// Quads that an invocation can read in straight text: from workgroup memory in a round, under the taps of a
    /// part, or in a loop that is unrolled. A compiler that reads all of them before it computes spills beyond that; others read as they go, and
    /// have no such limit.
    #[serde(default = "no_limit")]
    pub quads_at_once: u32,
    /// Registers of operands and sums that an invocation can hold from one barrier to the next beside many addresses: more
    /// spill. 128 where nothing is known.
    #[serde(default = "held")]
    pub registers_held: u32,
    /// Bytes of workgroup memory of a unit; 0 where it has none of its own.
    pub shared_bytes: u32,
    /// Invocations that a unit holds.
    pub invocations: u32,
    /// Workgroups that a unit holds.
    pub workgroups: u32,
    /// Bytes of workgroup memory that a unit reads a clock.
    pub shared_bytes_a_clock: u32,
    /// Bandwidth of memory, bytes a nanosecond.
    pub memory_gb_s: u32,
    /// From the loads of a round to what depends on them, nanoseconds.
    pub round_ns: u32,
    /// A dispatch that waits for the one before it and does next to nothing, nanoseconds.
    pub dispatch_ns: u32,
}

impl Hardware {
    /// A GPU of which nothing is known: one of a laptop, with the latencies that the others have.
    pub const UNKNOWN: Self = Self {
        units: 24,
        lanes: 64,
        clock_mhz: 1500,
        wave: 32,
        registers: 65_536,
        registers_each: 128,
        register_step: 1,
        quads_at_once: no_limit(),
        registers_held: held(),
        shared_bytes: 65_536,
        invocations: 1024,
        workgroups: 16,
        shared_bytes_a_clock: 128,
        memory_gb_s: 100,
        round_ns: 500,
        dispatch_ns: 2400,
    };

    /// The described GPU that an adapter of this name is most like.
    pub fn of_adapter(name: &str) -> Self {
        let like =
            |device: &&Described| device.adapters.iter().any(|part| name.contains(part.as_str()));
        DESCRIBED.iter().find(like).map_or(Self::UNKNOWN, |device| device.hardware)
    }

    /// The GPU of a file of `experiments/devices/`, by the file's name without its ending.
    pub fn described(file: &str) -> Option<Self> {
        DESCRIBED.iter().find(|device| device.file == file).map(|device| device.hardware)
    }

    /// The names of all files.
    pub fn files() -> impl Iterator<Item = &'static str> {
        FILES.iter().map(|(name, _)| *name)
    }
}

const fn one() -> u32 {
    1
}

const fn held() -> u32 {
    128
}

const fn no_limit() -> u32 {
    u32::MAX
}

/// One a file of `experiments/devices/`.
macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../../experiments/devices/", $name, ".toml")))),*]
    };
}

const FILES: [(&str, &str); 7] =
    files!("h100" "rtx-4090" "m2" "navi21" "tiger-lake" "adreno-630" "mali-g78");

static DESCRIBED: LazyLock<[Described; FILES.len()]> = LazyLock::new(|| FILES.map(read));

/// A GPU of a file.
struct Described {
    file: &'static str,
    /// Parts of names of adapters.
    adapters: Vec<String>,
    hardware: Hardware,
}

/// A file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    adapters: Vec<String>,
    sources: BTreeMap<String, String>,
    figures: BTreeMap<String, Figure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Figure {
    value: u32,
    source: String,
}

fn read((file, text): (&'static str, &str)) -> Described {
    let written: Written = toml::from_str(text).expect("a test reads every file");
    let Written { name, adapters, sources, figures } = written;
    let unknown = figures.values().find(|figure| !sources.contains_key(&figure.source));
    assert!(unknown.is_none(), "{name}: each figure has a source");
    let values = figures.iter().map(|(name, figure)| (name.as_str(), figure.value));
    let values = MapDeserializer::<_, toml::de::Error>::new(values);
    let hardware = Hardware::deserialize(values).expect("a test reads every file");
    Described { file, adapters, hardware }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_describes_a_gpu_that_adapters_are_found_by() {
        let found = |name: &str| Hardware::of_adapter(name);
        for file in Hardware::files() {
            let described = Hardware::described(file).unwrap();
            assert!(described.units * described.lanes * described.clock_mhz > 0, "{file}");
        }
        assert_eq!(found("NVIDIA H100 80GB HBM3").units, 132);
        assert_eq!(found("Apple M2 Pro").units, 10);
        assert_eq!(found("Mali-G610").registers_each, 64);
        assert_eq!(found("Intel(R) Arc(tm) A770 Graphics (DG2)").quads_at_once, 32);
        assert_eq!(found("none of these"), Hardware::UNKNOWN);
    }
}
