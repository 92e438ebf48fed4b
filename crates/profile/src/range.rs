//! Ranges of numbers that a device can have, and how they read.

use std::ops::RangeInclusive;

/// Rates in GB/s and GFLOP/s.
pub(crate) const RATE: RangeInclusive<f64> = 1e-9..=1e9;

/// `range` in words.
pub(crate) fn between(range: &RangeInclusive<f64>) -> String {
    format!("{} to {}", plain(*range.start()), plain(*range.end()))
}

/// A number as short as it can be written: `1e18`, but `9007199254740992`.
pub(crate) fn plain(number: f64) -> String {
    let (digits, power) = (number.to_string(), format!("{number:e}"));
    let usual = number == 0.0 || (1e-3..1e6).contains(&number.abs());
    if usual || digits.len() <= power.len() { digits } else { power }
}
