//! Ranges of numbers that a device can have, and how they read.

use std::ops::RangeInclusive;

/// Rates in GB/s and GFLOP/s.
pub(crate) const RATE: RangeInclusive<f64> = 1e-9..=1e9;

/// `range` in words.
pub(crate) fn between(range: &RangeInclusive<f64>) -> String {
    let plain = |number: f64| match number.abs() {
        n if n == 0.0 || (1e-3..1e6).contains(&n) => number.to_string(),
        _ => format!("{number:e}"),
    };
    format!("{} to {}", plain(*range.start()), plain(*range.end()))
}
