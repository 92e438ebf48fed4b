//! The clock of the CPU's sessions.

use std::time::{Duration, Instant};

/// Its name in files.
pub const SOURCE: &str = "monotonic clock";

/// Reads among which the smallest step is looked for.
const READS: usize = 10_000;

/// Its smallest step that was seen, nanoseconds.
pub fn resolution_ns() -> f64 {
    let read = |_| {
        let start = Instant::now();
        std::iter::repeat_with(|| start.elapsed()).find(|step| !step.is_zero())
    };
    let step = (0..READS).filter_map(read).min().unwrap_or(Duration::ZERO);
    step.as_nanos() as f64
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_clock_moves() {
        assert!(super::resolution_ns() > 0.0);
    }
}
