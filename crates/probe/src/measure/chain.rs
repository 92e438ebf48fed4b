//! A fixed chain of arithmetic, each step waiting for the one before: its time is a number of
//! cycles, so when it changes, the clock's frequency did.

use profile::nanos;
use std::{
    hint::black_box,
    sync::LazyLock,
    time::{Duration, Instant},
};

/// Steps: some ten microseconds, too short to meet many interruptions.
const STEPS: u64 = 10_000;

/// Cycles of the chain that tells the frequency: long beside reading the clock.
const CYCLES: u64 = 400_000;

/// Tries of which the fastest counts, so that an interruption is not taken for a slow clock.
const TRIES: usize = 5;

/// Nanoseconds that the chain takes now.
pub fn time() -> u64 {
    let once = |_| {
        let start = now();
        black_box((0..STEPS).fold(black_box(1_u64), |x, _| step(x)));
        nanos(now().saturating_sub(start))
    };
    (0..TRIES).map(once).min().unwrap_or(0)
}

/// The processor's frequency now, MHz: by a chain of additions and exclusive ors, each of which takes a cycle
/// on every core that we know of.
pub fn mhz() -> f64 {
    let [a, b] = black_box([0x9e37_79b9_7f4a_7c15_u64, 0x6a09_e667_f3bc_c909]);
    let once = |_| {
        let start = now();
        black_box((0..CYCLES / 2).fold(black_box(1_u64), |x, _| (x ^ a).wrapping_add(b)));
        nanos(now().saturating_sub(start))
    };
    let least = (0..TRIES).map(once).min().unwrap_or(0);
    CYCLES as f64 * 1e3 / least.max(1) as f64
}

/// A step by Knuth's multiplier (MMIX) through which no compiler knows a shortcut. It stays in a register: by
/// way of memory it takes one or three times as long, as the processor guesses where a load's value comes
/// from, and another program's turn makes it guess anew.
const fn step(x: u64) -> u64 {
    x.wrapping_mul(6_364_136_223_846_793_005) ^ (x >> 32)
}

/// The time for which this thread ran: it stands still while another one has the processor. Where the system does
/// not tell, the time since a fixed moment.
#[cfg(unix)]
fn now() -> Duration {
    use rustix::time::{ClockId, DynamicClockId, clock_gettime_dynamic};
    let time = clock_gettime_dynamic(DynamicClockId::Known(ClockId::ThreadCPUTime)).ok();
    time.and_then(|time| Duration::try_from(time).ok()).unwrap_or_else(since_a_moment)
}

#[cfg(not(unix))]
fn now() -> Duration {
    since_a_moment()
}

/// The time since a fixed moment.
fn since_a_moment() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

#[cfg(all(test, unix))]
mod tests {
    use super::{mhz, now};
    use std::{thread::sleep, time::Duration};

    /// No processor that runs this is slower or faster, whatever else it does.
    #[test]
    fn the_frequency_is_one_of_a_processor() {
        let mhz = mhz();
        assert!((100.0..10_000.0).contains(&mhz), "{mhz} MHz");
    }

    #[test]
    fn the_clock_stands_still_while_the_thread_does() {
        let (before, long) = (now(), Duration::from_millis(200));
        sleep(long);
        assert!(now() - before < long);
    }
}
