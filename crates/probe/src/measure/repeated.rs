//! A cross-check of the clock that times operators: those that take longest, run many times in a row.
//!
//! N and 2 N runs take turns, and their difference over N is the time of one: whatever the clock adds to each
//! of its readings falls out. An operator finds its maps and weights nearer than in the network.

use super::Samples;
use ops::{Session, SessionError};
use stats::Estimate;

/// Operators that are checked.
const HEAVIEST: usize = 10;

/// Differences that are taken of each: enough for an interval of the median.
const ROUNDS: usize = 7;

/// Nanoseconds that the shorter row of runs should take.
const ROW_NS: f64 = 1_000_000.0;

/// Most runs of the shorter row.
const LONGEST: f64 = 64.0;

impl Samples {
    /// Checks the operators that took longest in `session`. Those that cannot be checked, or that `check` interrupts,
    /// have no times.
    ///
    /// # Errors
    /// Where the device is lost.
    pub fn take_repeated(
        &mut self,
        session: &mut dyn Session,
        check: &dyn Fn() -> Result<(), SessionError>,
    ) -> Result<(), SessionError> {
        self.repeated = vec![Vec::new(); self.ops.len()];
        for (node, median) in heaviest(&self.ops) {
            let runs = (ROW_NS / median.max(1.0)).clamp(1.0, LONGEST) as usize;
            match rows(session, node, runs, check) {
                Err(SessionError::Interrupted) => break,
                taken => self.repeated[node] = taken?,
            }
        }
        Ok(())
    }
}

/// The operators that take longest, each with its median.
fn heaviest(ops: &[Vec<u64>]) -> Vec<(usize, f64)> {
    let median = |(node, samples): (usize, &Vec<u64>)| Some((node, Estimate::of(samples)?.median));
    let mut all: Vec<(usize, f64)> = ops.iter().enumerate().filter_map(median).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all.truncate(HEAVIEST);
    all
}

/// Nanoseconds of one run, from each round of `runs` and of twice as many.
fn rows(
    session: &mut dyn Session,
    node: usize,
    runs: usize,
    check: &dyn Fn() -> Result<(), SessionError>,
) -> Result<Vec<u64>, SessionError> {
    let mut taken = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        check()?;
        let few = session.run_repeated(node, runs)?;
        let many = session.run_repeated(node, 2 * runs)?;
        let Some((few, many)) = few.zip(many) else { return Ok(Vec::new()) };
        taken.push(many.saturating_sub(few) / runs as u64);
    }
    Ok(taken)
}
