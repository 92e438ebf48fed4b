//! How a session for the CPU is prepared.

use crate::{Keep, Stop, Tune, simd::Isa};

/// How to prepare a [`CpuSession`](super::CpuSession).
#[derive(Clone, Debug)]
pub struct CpuOptions {
    /// Instruction set.
    pub isa: Isa,
    /// Workers, the caller included; at least 1.
    pub threads: usize,
    /// The processors that workers are pinned to, each to its own; none pins nobody. The calling thread is the
    /// first worker and stays pinned.
    pub processors: Vec<usize>,
    /// Whether intermediates stay readable.
    pub keep: Keep,
    /// Seed of the weights.
    pub seed: u64,
    /// Whether kernels are chosen by trial.
    pub tune: Tune,
    /// Whether to stop preparing, and looking at a run.
    pub stop: Stop,
}

impl Default for CpuOptions {
    /// The best instruction set, one unpinned thread, seed 0, no trials.
    fn default() -> Self {
        Self {
            isa: Isa::best(),
            threads: 1,
            processors: Vec::new(),
            keep: Keep::Output,
            seed: 0,
            tune: Tune::OFF,
            stop: Stop::default(),
        }
    }
}
