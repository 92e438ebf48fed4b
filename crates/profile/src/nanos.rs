//! Durations as files have them.

use std::time::Duration;

/// Nanoseconds of `duration`; the largest number where 64 bits do not hold them.
pub fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_64_bits_do_not_hold_is_the_largest_number() {
        assert_eq!(nanos(Duration::new(2, 3)), 2_000_000_003);
        assert_eq!(nanos(Duration::MAX), u64::MAX);
    }
}
