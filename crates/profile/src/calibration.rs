//! What a device can do at most: the ceilings that operators are judged by.

use crate::range::{RATE, between};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// How memory is touched while its bandwidth is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Pattern {
    /// The sum of a.
    Read,
    /// b = a.
    Copy,
    /// c = a + s·b (McCalpin's STREAM).
    Triad,
    /// a = −a, in place.
    Update,
}

impl Pattern {
    /// Every pattern.
    pub const ALL: [Self; 4] = [Self::Read, Self::Copy, Self::Triad, Self::Update];

    /// Its name as files and tables print it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Arrays that it touches.
    pub const fn arrays(self) -> u64 {
        match self {
            Self::Read | Self::Update => 1,
            Self::Copy => 2,
            Self::Triad => 3,
        }
    }

    /// Elements that it reads or writes, for each element of an array.
    pub const fn touches(self) -> u64 {
        match self {
            Self::Update => 2,
            _ => self.arrays(),
        }
    }
}

/// The ceilings of a device with so many threads.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// When it was measured, RFC 3339, UTC.
    pub taken_at: String,
    /// Fastest fused multiply-adds, of every instruction set and thread count that was tried.
    pub peaks: Vec<Peak>,
    /// Bandwidth by working set.
    pub mountain: Mountain,
    /// Caches that the operating system tells of, those nearest to the processor first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caches: Vec<Cache>,
    /// An empty parallel region (CPU) or an empty dispatch (GPU), nanoseconds.
    pub dispatch_ns: f64,
    /// A dispatch that reads what the one before wrote, nanoseconds; none on a CPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dependent_ns: Option<f64>,
    /// How many workgroups run side by side; none on a CPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workgroups: Option<Workgroups>,
    /// Smallest step of the clock that times operators, nanoseconds.
    pub resolution_ns: f64,
    /// What disturbed it, so that ceilings may be too low; empty if nothing did, and in files that do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// Fastest fused multiply-adds.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// Instruction set or GPU interface, as in [`Device::arch`](crate::Device).
    pub arch: String,
    /// Threads that computed together.
    pub threads: usize,
    /// GFLOP/s, 2 a multiply-add.
    pub gflops: f64,
}

/// The memory mountain: bandwidth by working set, for each [`Pattern`]. Bytes count as the program
/// asks for them: once for each element read or written.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mountain {
    /// Working sets, all arrays and threads together, bytes, ascending.
    pub bytes: Vec<u64>,
    /// GB/s at each.
    pub read: Vec<f64>,
    /// GB/s at each.
    pub copy: Vec<f64>,
    /// GB/s at each.
    pub triad: Vec<f64>,
    /// GB/s at each; none where no kernel works in place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub update: Vec<f64>,
}

impl Mountain {
    /// What is wrong with it, if anything.
    fn flaw(&self) -> Option<String> {
        if self.bytes.first() == Some(&0) || !self.bytes.is_sorted_by(|a, b| a < b) {
            return Some(
                "mountain.bytes: expected working sets, ascending from 1 byte on".to_owned(),
            );
        }
        Pattern::ALL.into_iter().find_map(|pattern| {
            let (name, rates, sets) = (pattern.name(), self.slope(pattern), self.bytes.len());
            let absent = pattern == Pattern::Update && rates.is_empty();
            if rates.len() != sets && !absent {
                let found = rates.len();
                return Some(format!("mountain.{name}: {found} rates, expected {sets}, one a set"));
            }
            impossible(rates.iter().copied())
                .map(|rate| format!("mountain.{name}: {rate:e} GB/s, expected {}", between(&RATE)))
        })
    }

    /// GB/s at each working set; none where the pattern was not measured.
    pub fn slope(&self, pattern: Pattern) -> &[f64] {
        match pattern {
            Pattern::Read => &self.read,
            Pattern::Copy => &self.copy,
            Pattern::Triad => &self.triad,
            Pattern::Update => &self.update,
        }
    }
}

/// A cache that the operating system tells of.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cache {
    /// `L1`, `L2`, …
    pub name: String,
    /// Bytes of all of them that the device's threads can use.
    pub bytes: u64,
}

/// The time of a dispatch over its number of workgroups, each of which keeps a unit of the GPU busy.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Workgroups {
    /// Numbers of workgroups, ascending, the first of them 1.
    pub counts: Vec<u64>,
    /// Nanoseconds of a dispatch of each.
    pub ns: Vec<f64>,
}

impl Workgroups {
    /// How many times as long as one workgroup several may take and still run side by side.
    pub const SIDE_BY_SIDE: f64 = 1.5;

    /// How many run side by side: the knee of the curve. `None` where the curve does not reach it.
    pub fn at_once(&self) -> Option<u64> {
        let most = Self::SIDE_BY_SIDE * self.ns.first()?;
        let knee = self.ns.iter().position(|&ns| ns > most)?;
        self.counts.get(knee.checked_sub(1)?).copied()
    }

    /// What is wrong with it, if anything.
    fn flaw(&self) -> Option<String> {
        let Self { counts, ns } = self;
        let ascending = counts.first() == Some(&1) && counts.is_sorted_by(|a, b| a < b);
        if !ascending {
            return Some("workgroups.counts: expected numbers, ascending from 1 on".to_owned());
        }
        let (times, all) = (ns.len(), counts.len());
        (times != all)
            .then(|| format!("workgroups.ns: {times} times, expected {all}, one a number"))
    }
}

impl Calibration {
    /// What starting an operator of a network takes on a GPU, nanoseconds: it waits for the one before, where
    /// that was measured.
    pub fn start_ns(&self) -> f64 {
        self.dependent_ns.unwrap_or(self.dispatch_ns)
    }

    /// What no measurement leaves behind, if it has such a thing: working sets that do not ascend, rates that
    /// are not one a set or that no device reaches, a start below 0.
    pub fn flaw(&self) -> Option<String> {
        let message = |rate| format!("peaks: {rate:e} GFLOP/s, expected {}", between(&RATE));
        let peaks = || impossible(self.peaks.iter().map(|peak| peak.gflops)).map(message);
        let ns = self.dispatch_ns;
        let start = || (ns < 0.0).then(|| format!("dispatch_ns: {ns}, expected 0 or more"));
        let workgroups = || self.workgroups.as_ref()?.flaw();
        self.mountain.flaw().or_else(peaks).or_else(start).or_else(workgroups)
    }

    /// GFLOP/s of fused multiply-adds with `arch` on `threads` threads, where that was tried.
    pub fn peak(&self, arch: &str, threads: usize) -> Option<f64> {
        let found = self.peaks.iter().find(|p| p.arch == arch && p.threads == threads);
        found.map(|p| p.gflops)
    }
}

/// The first of `rates` that no device has.
fn impossible(mut rates: impl Iterator<Item = f64>) -> Option<f64> {
    rates.find(|rate| !RATE.contains(rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Calibration {
        let mountain = Mountain {
            bytes: vec![1024, 2048],
            read: vec![2.0, 1.0],
            copy: vec![2.0, 1.0],
            triad: vec![2.0, 1.0],
            update: Vec::new(),
        };
        let peak = Peak { arch: "avx2".into(), threads: 1, gflops: 10.0 };
        Calibration { peaks: vec![peak], mountain, ..Calibration::default() }
    }

    fn curve(counts: &[u64], ns: &[f64]) -> Workgroups {
        Workgroups { counts: counts.to_vec(), ns: ns.to_vec() }
    }

    #[test]
    fn workgroups_run_side_by_side_up_to_the_knee() {
        let at_once = |ns: &[f64]| curve(&[1, 2, 3, 4, 8], ns).at_once();
        assert_eq!(at_once(&[10.0, 10.1, 10.3, 20.0, 40.0]), Some(3));
        assert_eq!(at_once(&[10.0, 20.0, 30.0, 40.0, 80.0]), Some(1));
        assert_eq!(at_once(&[10.0, 10.0, 10.0, 10.0, 14.9]), None, "there is room for more");
        assert_eq!(curve(&[], &[]).at_once(), None);
    }

    #[test]
    fn what_cannot_have_been_measured_is_named() {
        assert_eq!((measured().flaw(), Calibration::default().flaw()), (None, None));
        type Change = fn(&mut Calibration);
        let flaw = |change: Change| {
            let mut calibration = measured();
            change(&mut calibration);
            calibration.flaw().unwrap_or_default()
        };
        let cases: [(Change, &str); 9] = [
            (|c| c.mountain.copy.truncate(1), "mountain.copy: 1 rates, expected 2"),
            (|c| c.mountain.bytes.truncate(1), "mountain.read: 2 rates, expected 1"),
            (|c| c.mountain.update.push(1.0), "mountain.update: 1 rates"),
            (|c| c.mountain.read[1] = 0.0, "mountain.read: 0e0 GB/s"),
            (|c| c.mountain.bytes.reverse(), "mountain.bytes"),
            (|c| c.peaks[0].gflops = f64::INFINITY, "peaks: inf GFLOP/s"),
            (|c| c.dispatch_ns = -1.0, "dispatch_ns: -1"),
            (|c| c.workgroups = Some(curve(&[2, 4], &[1.0, 2.0])), "workgroups.counts"),
            (|c| c.workgroups = Some(curve(&[1, 4], &[1.0])), "workgroups.ns: 1 times, expected 2"),
        ];
        for (change, expected) in cases {
            let found = flaw(change);
            assert!(found.starts_with(expected), "{found:?}, expected {expected:?}");
        }
    }
}
