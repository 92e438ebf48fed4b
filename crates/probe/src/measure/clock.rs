//! The clock of the CPU's sessions.

use std::{
    iter,
    time::{Duration, Instant},
};

/// Reads among which the smallest step is looked for.
const READS: usize = 10_000;

/// Its smallest step that was seen, nanoseconds.
pub fn resolution_ns() -> f64 {
    let start = Instant::now();
    smallest_step(&|| start.elapsed()).as_nanos() as f64
}

/// The smallest step of the clock that `now` reads.
fn smallest_step(now: &dyn Fn() -> Duration) -> Duration {
    let read = |_| {
        let start = now();
        iter::repeat_with(|| now() - start).find(|step| !step.is_zero())
    };
    (0..READS).filter_map(read).min().unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// A clock that moves at every third reading: by 280 ns, once in a while by 40.
    #[test]
    fn the_smallest_of_all_steps_is_found() {
        let reads = Cell::new(0);
        let now = || {
            reads.set(reads.get() + 1);
            let moved: u64 = reads.get() / 3;
            Duration::from_nanos(40 * (7 * moved - 6 * (moved / 50)))
        };
        assert_eq!(smallest_step(&now), Duration::from_nanos(40));
    }
}
