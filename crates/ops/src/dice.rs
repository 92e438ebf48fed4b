//! Random cases of tests. Each has a seed, which a failure tells.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use std::{env, ops::RangeInclusive, thread};

/// Calls `case` with `count` seeds, each with dice of its own. A failure prints its seed; with
/// `LAB_SEED` set to it, that case runs alone. Emulated processors get a quarter of the cases.
pub(crate) fn random(count: u64, mut case: impl FnMut(&mut Dice)) {
    let only = env::var("LAB_SEED").ok().and_then(|seed| seed.parse().ok());
    let count = if cfg!(target_arch = "x86_64") { count } else { count.div_ceil(4) };
    for seed in only.map_or(0..count, |seed| seed..seed + 1) {
        let _on_failure = PrintOnPanic(seed);
        case(&mut Dice(ChaCha8Rng::seed_from_u64(seed)));
    }
}

struct PrintOnPanic(u64);

impl Drop for PrintOnPanic {
    #[allow(clippy::print_stderr, reason = "a failing test tells its seed")]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("failed with LAB_SEED={}", self.0);
        }
    }
}

/// Draws the parameters of a random case.
#[derive(Clone)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// A number in `range`.
    pub fn within(&mut self, range: RangeInclusive<usize>) -> usize {
        range.start() + self.0.next_u64() as usize % (range.end() - range.start() + 1)
    }

    /// One of `choices`.
    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.within(0..=choices.len() - 1)].clone()
    }
}
