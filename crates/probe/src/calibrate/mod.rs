//! Measuring what a device can do at most: which working sets, how often, and which try counts.
//!
//! A ceiling is the best of several tries: whatever disturbs a try makes it slower. Caches and
//! bounds are read off a [`Calibration`] by the report.

mod caches;
mod latency;
mod store;

pub use caches::caches;
pub use latency::latency_ns;
pub use store::{Limits, Store, key};

use crate::{interrupt, output};
use anyhow::Result;
use ops::ceiling::Ceilings;
use profile::{Cache, Calibration, Mountain, Pattern, Peak, Workgroups, flaw_of_part};
use serde_json::json;
use std::collections::BTreeMap;

/// Tries of which the fastest counts.
const TRIES: usize = 5;

/// Working sets to a factor of two.
const STEPS: u64 = 4;

/// The largest working set where no cache is known, and the least that is largest, bytes.
const VAST: u64 = 256 << 20;
const LEAST: u64 = 64 << 20;

/// How many times the last cache the largest working set is: at four times, a pass over it still finds
/// part of it there. And at least where that would take long.
const BEYOND: u64 = 16;
const AT_LEAST_BEYOND: u64 = 4;

/// Workgroups that no device runs side by side.
const MOST_WORKGROUPS: u32 = 4096;

/// Bytes of a working set that takes long.
const LONG: u64 = 512 << 20;

/// The largest working set for a device with these caches in a machine of so much memory: well
/// beyond the last cache, and a small part of the memory.
pub fn largest(caches: &[Cache], memory_bytes: u64) -> u64 {
    let beyond = |c: &Cache| (BEYOND * c.bytes).min(LONG).max(AT_LEAST_BEYOND * c.bytes);
    let beyond = caches.iter().map(beyond).max().unwrap_or(VAST);
    beyond.max(LEAST).min(memory_bytes / 8)
}

/// What no calibration of a device is like, if `calibration` has such a thing.
pub fn flaw(calibration: &Calibration) -> Option<String> {
    flaw_of_part(&json!({"calibration": calibration})).or_else(|| calibration.flaw())
}

/// GFLOP/s.
///
/// # Errors
/// Where the device is lost.
pub fn peak(ceilings: &mut dyn Ceilings) -> Result<f64> {
    best(|| Ok(ceilings.compute()?.rate())).map(rounded)
}

/// Everything but the peaks and the caches, which are known already, and what disturbed it. `inspect` is called
/// after every few tries.
///
/// # Errors
/// Where the device is lost.
pub fn calibration(
    ceilings: &mut dyn Ceilings,
    peaks: Vec<Peak>,
    caches: Vec<Cache>,
    resolution_ns: f64,
    inspect: &mut dyn FnMut(),
) -> Result<Calibration> {
    let mountain = mountain(ceilings, inspect)?;
    let empty = (0..TRIES).map(|_| ceilings.empty_ns()).collect::<Result<Vec<_>, _>>()?;
    let dispatch_ns = rounded(empty.into_iter().fold(f64::INFINITY, f64::min));
    let dependent = (0..TRIES).map(|_| ceilings.dependent_ns()).collect::<Result<Vec<_>, _>>()?;
    Ok(Calibration {
        taken_at: output::now(),
        peaks,
        mountain,
        caches,
        dispatch_ns,
        dependent_ns: dependent.into_iter().flatten().reduce(f64::min).map(rounded),
        workgroups: workgroups(ceilings, inspect)?,
        resolution_ns,
        reasons: Vec::new(),
    })
}

/// The time of a dispatch over its number of workgroups: twice as many each time until they do not run side by side
/// any more, then whatever lies between.
fn workgroups(
    ceilings: &mut dyn Ceilings,
    inspect: &mut dyn FnMut(),
) -> Result<Option<Workgroups>> {
    let mut taken = BTreeMap::new();
    let mut take = |count: u32| -> Result<Option<f64>> {
        interrupt::check()?;
        inspect();
        let mut fastest = None;
        for _ in 0..TRIES {
            let Some(burst) = ceilings.side_by_side(count)? else { return Ok(None) };
            let ns = rounded(burst.ns as f64 / burst.amount as f64);
            fastest = Some(fastest.map_or(ns, |known: f64| known.min(ns)));
        }
        taken.extend(fastest.map(|ns| (u64::from(count), ns)));
        Ok(fastest)
    };
    let Some(alone) = take(1)? else { return Ok(None) };
    let most = Workgroups::SIDE_BY_SIDE * alone;
    let mut fits = |count: u32| Ok::<_, anyhow::Error>(take(count)?.is_some_and(|ns| ns <= most));
    let (mut within, mut beyond) = (1, 2);
    while fits(beyond)? && beyond < MOST_WORKGROUPS {
        (within, beyond) = (beyond, 2 * beyond);
    }
    while beyond - within > 1 {
        let between = within + (beyond - within) / 2;
        if fits(between)? {
            within = between;
        } else {
            beyond = between;
        }
    }
    let (counts, ns) = taken.into_iter().unzip();
    Ok(Some(Workgroups { counts, ns }))
}

fn mountain(ceilings: &mut dyn Ceilings, inspect: &mut dyn FnMut()) -> Result<Mountain> {
    let (smallest, largest) = ceilings.working_sets();
    let bytes = working_sets(smallest, largest);
    let patterns = ceilings.patterns();
    let mut slope = |pattern: Pattern| -> Result<Vec<f64>> {
        if !patterns.contains(&pattern) {
            return Ok(Vec::new());
        }
        let mut rate = |&bytes: &u64| {
            inspect();
            best(|| Ok(ceilings.stream(pattern, bytes)?.rate()))
        };
        bytes.iter().map(|bytes| rate(bytes).map(rounded)).collect()
    };
    let (read, copy) = (slope(Pattern::Read)?, slope(Pattern::Copy)?);
    let (triad, update) = (slope(Pattern::Triad)?, slope(Pattern::Update)?);
    Ok(Mountain { bytes, read, copy, triad, update })
}

/// From `smallest` to `largest`, [`STEPS`] to each factor of two, evenly between powers of two.
fn working_sets(smallest: u64, largest: u64) -> Vec<u64> {
    let doubled = std::iter::successors(Some(smallest), |b| b.checked_mul(2));
    let all = doubled.flat_map(|from| (0..STEPS).map(move |step| from + from * step / STEPS));
    all.take_while(|&bytes| bytes <= largest).collect()
}

/// The largest of several tries.
fn best(mut one: impl FnMut() -> Result<f64>) -> Result<f64> {
    interrupt::check()?;
    (0..TRIES).try_fold(0.0, |best: f64, _| Ok(best.max(one()?)))
}

/// Three digits behind the point: a calibration stands in every profile.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// The thread counts that peaks are taken with: powers of two up to `cores`, `cores`, and `own`.
pub fn thread_counts(cores: usize, own: usize) -> Vec<usize> {
    let powers = std::iter::successors(Some(1), |n: &usize| n.checked_mul(2));
    let mut counts: Vec<usize> = powers.take_while(|&n| n < cores).chain([cores, own]).collect();
    counts.sort_unstable();
    counts.dedup();
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use ops::{SessionError, ceiling::Burst};

    /// A device of known ceilings whose tries are slowed by turns.
    struct Invented {
        tries: u64,
    }

    impl Invented {
        /// A burst at `rate` or, in all but every third try, slower.
        fn burst(&mut self, rate: u64) -> Result<Burst, SessionError> {
            self.tries += 1;
            let slow = if self.tries.is_multiple_of(3) { 1 } else { 1 + self.tries % 5 };
            Ok(Burst { amount: rate * 1000, ns: 1000 * slow })
        }
    }

    impl Ceilings for Invented {
        fn compute(&mut self) -> Result<Burst, SessionError> {
            self.burst(100)
        }
        fn stream(&mut self, pattern: Pattern, bytes: u64) -> Result<Burst, SessionError> {
            self.burst(pattern.arrays() * if bytes > 1 << 20 { 10 } else { 60 })
        }
        fn empty_ns(&mut self) -> Result<f64, SessionError> {
            Ok(self.burst(1)?.ns as f64)
        }
        fn dependent_ns(&mut self) -> Result<Option<f64>, SessionError> {
            Ok(Some(self.burst(3)?.ns as f64))
        }
        /// Eleven units, each of which takes one workgroup at a time.
        fn side_by_side(&mut self, workgroups: u32) -> Result<Option<Burst>, SessionError> {
            let Burst { ns, .. } = self.burst(1)?;
            Ok(Some(Burst { amount: 1, ns: ns * u64::from(workgroups.div_ceil(11)) }))
        }
        fn working_sets(&self) -> (u64, u64) {
            (1 << 18, 1 << 22)
        }
    }

    #[test]
    fn the_best_of_disturbed_tries_is_the_ceiling() {
        let mut device = Invented { tries: 0 };
        assert_eq!(peak(&mut device).unwrap(), 100.0);
        let mut looks = 0;
        let mut inspect = || looks += 1;
        let found = calibration(&mut device, Vec::new(), Vec::new(), 1.0, &mut inspect).unwrap();
        assert_eq!(found.dispatch_ns, 1000.0);
        assert_eq!(found.dependent_ns, Some(1000.0));
        let curve = found.workgroups.unwrap();
        assert_eq!(curve.counts, [1, 2, 4, 8, 10, 11, 12, 16]);
        assert_eq!((curve.at_once(), curve.ns[7]), (Some(11), 2000.0));
        assert_eq!(looks, found.mountain.bytes.len() * Pattern::ALL.len() + curve.counts.len());
        let mountain = found.mountain;
        for pattern in Pattern::ALL {
            let slope = mountain.slope(pattern);
            assert_eq!(slope.len(), mountain.bytes.len());
            for (&bytes, &rate) in mountain.bytes.iter().zip(slope) {
                let expected = if bytes > 1 << 20 { 10 } else { 60 };
                assert_eq!(rate, (pattern.arrays() * expected) as f64, "{pattern:?} {bytes}");
            }
        }
    }

    #[test]
    fn working_sets_meet_the_usual_sizes_of_caches() {
        let all = working_sets(8 << 10, 64 << 20);
        for usual in [32 << 10, 48 << 10, 512 << 10, 1280 << 10, 32 << 20, 64 << 20] {
            assert!(all.contains(&usual), "{usual}");
        }
        assert!(all.is_sorted() && all.len() == 13 * 4 + 1);
        assert!(working_sets(8, 7).is_empty());
    }

    #[test]
    fn the_largest_working_set_leaves_the_last_cache_and_fits_into_memory() {
        let cache = |mib: u64| vec![Cache { name: "L3".into(), bytes: mib << 20 }];
        assert_eq!(largest(&cache(8), 64 << 30), 128 << 20);
        assert_eq!(largest(&cache(64), 64 << 30), 512 << 20);
        assert_eq!(largest(&cache(256), 64 << 30), 1 << 30);
        assert_eq!(largest(&cache(1), 64 << 30), LEAST);
        assert_eq!(largest(&[], 64 << 30), VAST);
        assert_eq!(largest(&[], 1 << 30), 128 << 20);
    }

    #[test]
    fn peaks_are_taken_with_few_thread_counts() {
        assert_eq!(thread_counts(1, 1), [1]);
        assert_eq!(thread_counts(2, 1), [1, 2]);
        assert_eq!(thread_counts(12, 3), [1, 2, 3, 4, 8, 12]);
    }
}
