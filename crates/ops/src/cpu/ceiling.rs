//! The ceilings of some threads of the processor with one of its instruction sets.
//!
//! Fused multiply-adds run in independent chains. How many it takes to hide their latency differs
//! between processors, and too many spill, so several counts are tried and the fastest is the
//! ceiling. Memory is touched by all threads at once, each with arrays of its own that it wrote
//! first itself.

use super::{
    NoThread,
    aligned_buffer::AlignedBuffer,
    machine::{self, LINE},
    team::{PerWorker, Team},
};
use crate::{
    SessionError,
    ceiling::{Burst, Ceilings},
    simd::{Isa, Lanes, Vectorised},
};
use profile::{Pattern, nanos};
use std::{hint::black_box, time::Instant};

/// Steps of each chain in a burst: some hundred microseconds.
const STEPS: usize = 50_000;

/// Numbers of chains that are tried.
const CHAINS: [usize; 4] = [8, 12, 24, 48];

/// Bytes that a burst moves at least: a fraction of a millisecond in the fastest cache.
const TRAFFIC: u64 = 32 << 20;

/// Vectors that a loop touches between two of its branches.
const UNROLL: usize = 8;

/// Floats that every length is a multiple of: [`UNROLL`] of the widest vectors.
const BLOCK: usize = UNROLL * 16;

/// Floats in a page.
const PAGE: usize = machine::PAGE / size_of::<f32>();

/// Floats from the start of an array of `floats` to the start of the next: whole pages and a third of
/// one. A load whose address is that of a store still under way, but for whole pages, waits for it.
const fn apart(floats: usize) -> usize {
    floats.next_multiple_of(PAGE) + PAGE / 3 / LINE * LINE
}

/// Regions over which the cost of an empty one is averaged.
const REGIONS: u32 = 1000;

/// Threads of the processor.
pub struct CpuCeilings {
    isa: Isa,
    threads: usize,
    team: Team,
    /// What each worker touches.
    memory: PerWorker<AlignedBuffer>,
    largest: u64,
}

impl CpuCeilings {
    /// `threads` workers with `isa`, each pinned to its one of `processors` if there are any, and memory for
    /// working sets of up to `largest` bytes in all.
    ///
    /// # Errors
    /// Where the system refuses a thread.
    pub fn new(
        isa: Isa,
        threads: usize,
        processors: &[usize],
        largest: u64,
    ) -> Result<Self, SessionError> {
        let mut team = Team::new(threads, processors).map_err(NoThread::from)?;
        let floats = largest as usize / 4 / threads + 3 * apart(BLOCK);
        let memory = team.per_worker(|| AlignedBuffer::zeros(0));
        team.run(&|worker| {
            memory.with(worker, |own| {
                *own = AlignedBuffer::zeros(floats);
                own.as_mut_slice().fill(1.0);
            });
        });
        Ok(Self { isa, threads, team, memory, largest })
    }

    /// Runs `job` on every worker at once, with its memory; nanoseconds.
    fn timed(&mut self, job: &(dyn Fn(&mut AlignedBuffer) + Sync)) -> u64 {
        let start = Instant::now();
        self.team.run(&|worker| self.memory.with(worker, job));
        nanos(start.elapsed())
    }

    fn chains(&mut self, chains: usize) -> Burst {
        let isa = self.isa;
        let ns = self.timed(&|_| {
            black_box(isa.run(Chains { chains, steps: black_box(STEPS) }));
        });
        Burst { amount: (2 * STEPS * chains * isa.lanes() * self.threads) as u64, ns }
    }
}

impl Ceilings for CpuCeilings {
    fn compute(&mut self) -> Result<Burst, SessionError> {
        let tried = CHAINS.map(|chains| self.chains(chains));
        Ok(tried.into_iter().fold(tried[0], |a, b| if b.rate() > a.rate() { b } else { a }))
    }

    fn stream(&mut self, pattern: Pattern, bytes: u64) -> Result<Burst, SessionError> {
        let share = bytes.min(self.largest) / self.threads as u64 / pattern.arrays() / 4;
        let floats = (share as usize / BLOCK).max(1) * BLOCK;
        let once = floats as u64 * 4 * pattern.touches() * self.threads as u64;
        let passes = TRAFFIC.div_ceil(once);
        let isa = self.isa;
        let ns = self.timed(&|own| {
            isa.run(Stream { pattern, base: own.as_mut_ptr(), floats, passes });
        });
        Ok(Burst { amount: once * passes, ns })
    }

    fn empty_ns(&mut self) -> Result<f64, SessionError> {
        let start = Instant::now();
        for _ in 0..REGIONS {
            self.team.run(&|worker| _ = black_box(worker.index()));
        }
        Ok(start.elapsed().as_nanos() as f64 / f64::from(REGIONS))
    }

    fn working_sets(&self) -> (u64, u64) {
        (8 << 10, self.largest)
    }
}

/// `chains` independent chains x ← x + a·b, as kernels sum: some instruction sets add in place alone.
struct Chains {
    chains: usize,
    steps: usize,
}

impl Vectorised for Chains {
    type Output = f32;
    #[inline(always)]
    fn run<L: Lanes>(self) -> f32 {
        match self.chains {
            8 => chains::<L, 8>(self.steps),
            12 => chains::<L, 12>(self.steps),
            24 => chains::<L, 24>(self.steps),
            _ => chains::<L, 48>(self.steps),
        }
    }
}

#[inline(always)]
fn chains<L: Lanes, const C: usize>(steps: usize) -> f32 {
    let (a, b) = (L::splat(black_box(0.999)), L::splat(black_box(1e-3)));
    let mut x = [L::splat(1.0); C];
    for _ in 0..steps {
        for x in &mut x {
            *x = x.fma(a, b);
        }
    }
    let mut all = x[0];
    for x in &x[1..] {
        all = all.add(*x);
    }
    all.sum()
}

/// One worker's part of a pattern:
///
/// ```text
/// passes times, for i in 0 .. floats:
///     read:  sum += a[i]      copy:   b[i] = a[i]
///     triad: c[i] = a[i] + s·b[i]     update: a[i] = −a[i]
/// ```
struct Stream {
    pattern: Pattern,
    /// Start of a; b and c stand behind it.
    base: *mut f32,
    /// Elements of each array, a multiple of [`BLOCK`].
    floats: usize,
    passes: u64,
}

impl Vectorised for Stream {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { pattern, floats, passes, .. } = self;
        let mut sums = [L::splat(0.0); UNROLL];
        let s = L::splat(0.5);
        // What is updated again and again must not fade away.
        let minus = L::splat(black_box(-1.0));
        for _ in 0..passes {
            // Unknown to the compiler, or it would see that every pass does the same. Not by way of
            // `black_box`, which writes it: a load at an address like that would wait, see `apart`.
            // SAFETY: a field of a value that lives.
            let a = unsafe { std::ptr::read_volatile(&raw const self.base) };
            for at in (0..floats).step_by(UNROLL * L::N) {
                for (v, sum) in sums.iter_mut().enumerate() {
                    // SAFETY: `CpuCeilings` made room for three arrays of `floats` elements, their
                    // starts `apart`; `floats` is a multiple of what a step takes.
                    unsafe {
                        let a = a.add(at + v * L::N);
                        let b = a.add(apart(floats));
                        match pattern {
                            Pattern::Read => *sum = sum.add(L::load(a)),
                            Pattern::Copy => L::load(a).store(b),
                            Pattern::Triad => {
                                let c = b.add(apart(floats));
                                L::load(a).fma(s, L::load(b)).store(c);
                            }
                            Pattern::Update => L::load(a).mul(minus).store(a),
                        }
                    }
                }
            }
        }
        for sum in sums {
            black_box(sum.sum());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_what_is_done() {
        for threads in [1, 3] {
            let mut ceilings = CpuCeilings::new(Isa::SCALAR, threads, &[], 1 << 20).unwrap();
            let flops = ceilings.compute().unwrap().amount;
            let possible = CHAINS.map(|chains| (2 * STEPS * chains * threads) as u64);
            assert!(possible.contains(&flops), "{flops}");
            for pattern in Pattern::ALL {
                let amount = ceilings.stream(pattern, 1 << 18).unwrap().amount;
                let once = (1 << 18) / pattern.arrays() * pattern.touches();
                assert!((TRAFFIC..TRAFFIC + once).contains(&amount), "{amount}");
                assert_eq!(amount % (pattern.touches() * threads as u64 * 4), 0);
            }
        }
    }

    /// Every instruction set touches the same elements: the last of each array, and none behind it.
    #[test]
    fn patterns_write_their_arrays_and_nothing_else() {
        let floats = 2 * BLOCK;
        let step = apart(floats);
        for isa in Isa::for_tests() {
            for pattern in Pattern::ALL {
                let mut memory: Vec<f32> = (0..3 * step).map(|i| i as f32).collect();
                let before = memory.clone();
                isa.run(Stream { pattern, base: memory.as_mut_ptr(), floats, passes: 3 });
                let expected = |i: usize| match (pattern, i / step, i % step < floats) {
                    (Pattern::Copy, 1, true) => before[i - step],
                    (Pattern::Triad, 2, true) => before[i - 2 * step] + 0.5 * before[i - step],
                    (Pattern::Update, 0, true) => -before[i],
                    _ => before[i],
                };
                for (i, x) in memory.iter().enumerate() {
                    assert_eq!(*x, expected(i), "{isa} {pattern:?} at {i}");
                }
            }
        }
    }

    /// Neither the next array nor the one after it lies a few lines off by whole pages.
    #[test]
    fn arrays_of_any_length_stand_apart_within_a_page() {
        for floats in (BLOCK..20 * BLOCK).step_by(BLOCK) {
            for arrays in [1, 2] {
                let within = arrays * apart(floats) % PAGE;
                assert!((PAGE / 4..3 * PAGE / 4).contains(&within), "{floats} {arrays}: {within}");
                assert!(within.is_multiple_of(16), "{floats}: {within}");
            }
        }
    }

    #[test]
    fn chains_of_every_count_add_up() {
        for isa in Isa::for_tests() {
            for chains in CHAINS {
                // Each lane of each chain goes from 1 to 1 + 100·a·b.
                let sum = isa.run(Chains { chains, steps: 100 });
                let expected = (chains * isa.lanes()) as f32 * (1.0 + 100.0 * 0.999e-3);
                assert!((sum - expected).abs() < 1e-3 * expected, "{isa} {chains}: {sum}");
            }
        }
    }
}
