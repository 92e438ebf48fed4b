//! How long a load takes that nobody foresees.

use profile::nanos;
use std::{hint::black_box, time::Instant};

/// Bytes between two places that are read: those of a cache line on all machines that we know of.
const LINE: usize = 64;

/// Loads that are timed.
const LOADS: usize = 1 << 19;

/// Tries of which the fastest counts.
const TRIES: usize = 5;

/// Nanoseconds of a load within `bytes` of memory: each load's address comes of the one before it, and all lines are
/// met in an order drawn by chance.
pub fn latency_ns(bytes: usize) -> f64 {
    let lines = cycle((bytes / LINE).max(2));
    let once = |_| {
        let start = Instant::now();
        black_box((0..LOADS).fold(0, |at, _| lines[at].0[0] as usize));
        nanos(start.elapsed())
    };
    let least = (0..TRIES).map(once).min().unwrap_or(0);
    least as f64 / LOADS as f64
}

/// A cache line, whose first number says which line comes next.
#[derive(Clone)]
#[repr(align(64))]
struct Line([u32; LINE / size_of::<u32>()]);

/// Lines of which each leads to another, all in one circle (Sattolo's).
fn cycle(lines: usize) -> Vec<Line> {
    let mut next: Vec<u32> = (0..lines as u32).collect();
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for i in (1..lines).rev() {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        next.swap(i, (random >> 33) as usize % i);
    }
    let line = |next| Line([next; LINE / size_of::<u32>()]);
    next.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_met_before_the_first_comes_again() {
        for lines in [2, 3, 64, 1000] {
            let cycle = cycle(lines);
            let mut at = 0;
            for met in 1..=lines {
                at = cycle[at].0[0] as usize;
                assert_eq!(at == 0, met == lines, "{lines} lines: {met}");
            }
        }
    }
}
