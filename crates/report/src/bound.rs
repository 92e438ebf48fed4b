//! The least time that an operator can take on a calibrated device, and what sets it.
//!
//! The hierarchical roofline (Williams, Waterman and Patterson 2009; a roof for each level of
//! memory): an operator takes at least as long as its FLOPs at the device's peak, as its bytes across
//! each level of memory that they must cross, and as starting it. The longest of these is its bound.
//!
//! Which levels bytes must cross follows from where they lie. What the operator before left lies in
//! the first level that holds the operator's inputs, outputs and weights together; an output that takes
//! an input's place needs no room of its own. Weights were last touched a run ago: they lie in the first
//! level that holds all weights of the network and its largest operator's maps. From there they come as
//! fast as was measured with so much in use; levels nearer than that they cross as fast as can be.

use crate::ceilings::{Ceilings, Level};
use profile::{DeviceKind, OpRecord, Pattern, Profile};
use std::{cmp::Ordering, rc::Rc};

/// The name of the bound that arithmetic sets.
pub const COMPUTE: &str = "compute";
/// The name of the bound that starting work sets.
pub const OVERHEAD: &str = "overhead";

/// Bytes of an element.
const ELEMENT: u64 = 4;

/// An operator's least time.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// What sets it: [`COMPUTE`], [`OVERHEAD`] or a level of memory.
    pub limit: String,
    /// Nanoseconds.
    pub ns: f64,
}

/// The ceilings of the device that a profile was taken on, for its network.
#[derive(Clone, Debug)]
pub struct Roof {
    /// Peak of fused multiply-adds, GFLOP/s.
    pub peak: f64,
    /// Nanoseconds that starting an operator takes.
    pub overhead_ns: f64,
    ceilings: Rc<Ceilings>,
    /// Bytes that a run touches: all weights, and the maps of the operator with the largest.
    footprint: u64,
}

impl Roof {
    /// The roof over `profile`, whose device has these `ceilings`; `None` where they have no memory, or no peak
    /// of so many threads.
    pub(crate) fn of(profile: &Profile, ceilings: &Rc<Ceilings>) -> Option<Self> {
        let calibration = &ceilings.calibration;
        let maps = |op: &OpRecord| op.access.read + op.access.written;
        let weights: u64 = profile.ops.iter().map(|op| op.access.weights).sum();
        let largest = profile.ops.iter().map(maps).max().unwrap_or(0);
        // An operator on a GPU is a dispatch; on a CPU it is a step within one parallel region.
        let overhead_ns = match profile.device.kind {
            DeviceKind::Gpu => calibration.start_ns(),
            _ => profile.overhead.per_op_ns,
        };
        let peak = calibration.peak(&profile.device.arch, profile.threads)?;
        let footprint = (weights + largest) * ELEMENT;
        let ceilings = ceilings.clone();
        (!ceilings.levels.is_empty()).then_some(Self { peak, overhead_ns, ceilings, footprint })
    }

    /// Memory, fastest first; at least one level.
    pub fn levels(&self) -> &[Level] {
        &self.ceilings.levels
    }

    /// Everything that can bind an operator: arithmetic, memory from the nearest, overhead.
    pub fn limits(&self) -> impl Iterator<Item = &str> {
        let levels = self.levels().iter().map(|level| level.name.as_str());
        [COMPUTE].into_iter().chain(levels).chain([OVERHEAD])
    }

    /// The least time of `op`; a view takes none.
    pub fn bound(&self, op: &OpRecord) -> Bound {
        if op.is_view() {
            return Bound { limit: OVERHEAD.to_owned(), ns: 0.0 };
        }
        let memory = (0..self.levels().len())
            .map(|at| (self.levels()[at].name.as_str(), self.crossing(op, at)));
        let others = [(COMPUTE, op.flops as f64 / self.peak), (OVERHEAD, self.overhead_ns)];
        let longest =
            memory.chain(others).fold((OVERHEAD, 0.0), |a, b| if b.1 > a.1 { b } else { a });
        Bound { limit: longest.0.to_owned(), ns: longest.1 }
    }

    /// Nanoseconds that the bytes of `op` which come from level `at` or from behind it take there. What is
    /// written beside as much that is read goes as fast as copying, or as updating where one takes the
    /// other's place; what is read beyond it, and weights, as fast as reading.
    fn crossing(&self, op: &OpRecord, at: usize) -> f64 {
        let [read, written, weights] =
            [op.access.read, op.access.written, op.access.weights].map(|n| n * ELEMENT);
        let maps = op.access.bytes() - if op.in_place { written } else { 0 };
        let both_ways = self.rate(Pattern::Update, at, maps).filter(|_| op.in_place);
        let both_ways = both_ways.or_else(|| self.rate(Pattern::Copy, at, maps));
        let take = |bytes: u64, rate: Option<f64>| rate.map_or(0.0, |rate| bytes as f64 / rate);
        take(written + read.min(written), both_ways)
            + take(read.saturating_sub(written), self.rate(Pattern::Read, at, maps))
            + take(weights, self.rate(Pattern::Read, at, self.footprint))
    }

    /// GB/s at which what is part of a working set of `bytes` crosses level `at`; `None` where it does not,
    /// or where the pattern was not measured.
    fn rate(&self, pattern: Pattern, at: usize, bytes: u64) -> Option<f64> {
        let level = &self.levels()[at];
        match self.home(bytes).cmp(&at) {
            Ordering::Less => None,
            Ordering::Equal => self.ceilings.rate_at(pattern, bytes),
            Ordering::Greater => match pattern {
                Pattern::Read => Some(level.read),
                Pattern::Copy => Some(level.copy),
                Pattern::Triad => Some(level.triad),
                Pattern::Update => level.update,
            },
        }
    }

    /// The first level that holds `bytes`.
    fn home(&self, bytes: u64) -> usize {
        let holds = |level: &Level| level.bytes.is_none_or(|size| bytes <= size);
        self.levels().iter().position(holds).unwrap_or(self.levels().len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use profile::Access;

    fn roof_of(profile: &Profile) -> Option<Roof> {
        Roof::of(profile, &Rc::new(Ceilings::of(profile.calibration.clone()?)))
    }

    /// A profile of operators with these FLOPs and accesses (read, written, weights) in elements, on
    /// a device of 100 GFLOP/s whose caches of 32 KiB, 512 KiB and 16 MiB copy 150, 80, 30 GB/s and
    /// read 200, 100, 40; DRAM copies 8 and reads 12.
    fn bounds(ops: &[(u64, [u64; 3])]) -> Vec<(String, f64)> {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        profile.calibration = Some(fixture::calibration());
        profile.overhead.per_op_ns = 50.0;
        profile.ops.truncate(ops.len());
        for (op, (flops, [read, written, weights])) in profile.ops.iter_mut().zip(ops) {
            op.flops = *flops;
            op.access = Access { read: *read, written: *written, weights: *weights };
        }
        let roof = roof_of(&profile).unwrap();
        let bound = |op| {
            let Bound { limit, ns } = roof.bound(op);
            (limit, ns)
        };
        profile.ops.iter().map(bound).collect()
    }

    fn one(flops: u64, access: [u64; 3]) -> (String, f64) {
        bounds(&[(flops, access)]).remove(0)
    }

    #[test]
    fn bounds_by_hand() {
        let is = |limit: &str, ns: f64| (limit.to_owned(), ns);
        assert_eq!(one(1_000_000, [100, 100, 100]), is(COMPUTE, 10_000.0));
        assert_eq!(one(0, [10, 10, 0]), is(OVERHEAD, 50.0));
        // 12 000 bytes each way lie in L1.
        assert_eq!(one(0, [3000, 3000, 0]), is("L1", 24_000.0 / 150.0));
        // 200 000 bytes each way lie in L2; 2 000 000 behind it; 20 000 000 behind all caches.
        assert_eq!(one(0, [50_000, 50_000, 0]), is("L2", 400_000.0 / 80.0));
        assert_eq!(one(0, [500_000, 500_000, 0]), is("L3", 4_000_000.0 / 30.0));
        assert_eq!(one(0, [5_000_000, 5_000_000, 0]), is("DRAM", 40_000_000.0 / 8.0));
        // Two maps read, one written: one is copied, the other read.
        let add = 8.0 * 20_000.0 / 80.0 + 4.0 * 20_000.0 / 100.0;
        assert_eq!(one(0, [40_000, 20_000, 0]), is("L2", add));
    }

    #[test]
    fn what_is_done_in_place_needs_room_for_one_map() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        profile.calibration = Some(fixture::calibration());
        profile.ops.truncate(1);
        let op = &mut profile.ops[0];
        (op.flops, op.in_place) = (0, true);
        op.access = Access { read: 100_000, written: 100_000, weights: 0 };
        let roof = roof_of(&profile).unwrap();
        // 400 000 bytes lie in L2, and are updated there.
        let is = |ns| Bound { limit: "L2".to_owned(), ns };
        assert_eq!(roof.bound(&profile.ops[0]), is(800_000.0 / 90.0));
        // A calibration without updates, of before they were measured: as fast as copying.
        profile.calibration.as_mut().unwrap().mountain.update.clear();
        let at_copy = roof_of(&profile).unwrap();
        assert_eq!(at_copy.bound(&profile.ops[0]), is(800_000.0 / 80.0));
    }

    #[test]
    fn weights_come_from_where_the_whole_network_lies() {
        // Alone, weights of 40 000 bytes lie in L2. Beside another operator's 40 MB they come from DRAM,
        // while the maps of the operator are still near.
        let small = (0, [1000, 1000, 10_000]);
        assert_eq!(one(small.0, small.1).0, "L2");
        let beside = bounds(&[small, (0, [10, 10, 10_000_000])]);
        assert_eq!(beside[0], ("DRAM".to_owned(), 40_000.0 / 12.0));
        assert_eq!(beside[1].0, "DRAM");
    }

    #[test]
    fn no_bound_is_shorter_than_any_of_its_limits() {
        for flops in [0, 1 << 10, 1 << 20, 1 << 30] {
            for elements in [1, 1 << 12, 1 << 16, 1 << 20, 1 << 24] {
                let (_, ns) = one(flops, [elements, elements, elements]);
                let least = [
                    50.0,
                    flops as f64 / 100.0,
                    (8 * elements) as f64 / 150.0 + (4 * elements) as f64 / 200.0,
                ];
                assert!(least.into_iter().all(|l| ns >= l * 0.999_999), "{flops} {elements}");
                let (_, more) = one(flops * 2, [2 * elements, 2 * elements, 2 * elements]);
                assert!(more >= ns, "more work takes no less");
            }
        }
    }

    #[test]
    fn devices_without_ceilings_have_no_roof() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        assert!(roof_of(&profile).is_none());
        profile.calibration = Some(fixture::calibration());
        profile.threads = 7;
        assert!(roof_of(&profile).is_none(), "the peak of 7 threads is not known");
    }
}
