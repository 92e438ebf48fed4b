//! A kernel's instructions and accesses, as a core on a board would meet them.

use super::{
    hierarchy::{Hierarchy, Traffic},
    pages::Pages,
    window::{Latency, Window},
};
use profile::Instruction;
use std::{collections::BTreeMap, ops::AddAssign};

/// Counts what is told to it, and follows it through window and caches.
#[derive(Clone, Debug)]
pub struct Simulation {
    latencies: [Latency; Instruction::KINDS],
    counts: [u64; Instruction::KINDS],
    window: Window,
    /// When the chains had ended that were taken before.
    taken: u64,
    pages: Pages,
    caches: Hierarchy,
    line_bits: u32,
    issued_bytes: u64,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Instructions by kind; none that were not issued.
    pub instructions: BTreeMap<Instruction, u64>,
    /// Bytes that loads and stores asked for.
    pub issued_bytes: u64,
    /// Cycles of the longest chain.
    pub chain_cycles: u64,
    /// Lines that crossed between levels.
    pub traffic: Traffic,
}

impl AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        for (instruction, count) in other.instructions {
            *self.instructions.entry(instruction).or_default() += count;
        }
        self.issued_bytes += other.issued_bytes;
        self.chain_cycles += other.chain_cycles;
        self.traffic += other.traffic;
    }
}

impl Simulation {
    /// A core of these latencies, with empty caches of lines of `1 << line_bits` bytes.
    pub(super) fn new(
        latencies: [Latency; Instruction::KINDS],
        window: Window,
        caches: Hierarchy,
        line_bits: u32,
    ) -> Self {
        let counts = [0; Instruction::KINDS];
        let (taken, issued_bytes, pages) = (0, 0, Pages::default());
        Self { latencies, counts, window, taken, pages, caches, line_bits, issued_bytes }
    }

    /// An instruction whose operands are there from the cycle `operands` on, and the sum that it adds to from `sum`
    /// on (0 where it adds to none); the cycle from which its result is there.
    #[inline]
    pub fn issue(&mut self, instruction: Instruction, operands: u64, sum: u64) -> u64 {
        let kind = instruction as usize;
        self.counts[kind] += 1;
        self.window.issue(operands, sum, self.latencies[kind])
    }

    /// A load or a store of `bytes` bytes from `address` on.
    #[inline]
    pub fn touch(&mut self, address: usize, bytes: usize, write: bool) {
        self.issued_bytes += bytes as u64;
        let last = address + bytes.max(1) - 1;
        let line = self.pages.place(address) >> self.line_bits;
        self.caches.access(line, write);
        if (address ^ last) >> self.line_bits != 0 {
            let line = self.pages.place(last) >> self.line_bits;
            self.caches.access(line, write);
        }
    }

    /// What was done since the last call. Caches keep what they hold.
    pub fn take(&mut self) -> Work {
        let counts = std::mem::take(&mut self.counts);
        let issued = Instruction::all().zip(counts).filter(|(_, count)| *count > 0);
        let end = self.window.end();
        Work {
            instructions: issued.collect(),
            issued_bytes: std::mem::take(&mut self.issued_bytes),
            chain_cycles: end - std::mem::replace(&mut self.taken, end),
            traffic: self.caches.take(),
        }
    }
}
