//! Taking times: warm up until steady, then sample until the median is known well enough.
//!
//! Whole runs (nobody looks inside), instrumented runs (every operator timed) and, where the device can,
//! runs with each operator's maps in the caches alternate, so that whatever drifts meanwhile (clock,
//! temperature, neighbours) hits all alike and the account Σ operators + residual = whole run can be
//! closed. All samples are kept.

mod chain;
pub mod clock;
mod noise;
mod processors;
pub mod repeated;
mod turn;

pub use chain::mhz;
pub use noise::{Seen, Watch, undisturbed};

use anyhow::ensure;
use ops::{Parts, Session, SessionError};
use stats::Estimate;
use std::{ops::ControlFlow, time::Duration};

/// Runs that are compared with the runs before them to see whether the network still warms up.
const WINDOW: usize = 5;

/// Whole runs below which no precision is believed.
const FEWEST: usize = 20;

/// Rounds of which an interrupted measurement is kept: fewer have no interval of the median.
pub const FEWEST_KEPT: usize = 6;

/// Share of a run's time from which an operator's own median must be known as well as the run's.
const LARGE_SHARE: f64 = 0.05;

/// Share of the time that warming up may take.
const WARM_UP_SHARE: f64 = 0.2;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplingPlan {
    /// Runs before the first sample; `None`: until steady.
    pub warmup: Option<usize>,
    /// Samples at most; `None`: as many as it takes.
    pub iters: Option<usize>,
    /// Seconds at most, warming up included.
    pub max_secs: f64,
    /// Half-width of the median's 95 % interval, relative to the median, at which to stop.
    pub precision: f64,
}

/// All that was measured, nanoseconds, in the order taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// Runs before the first sample.
    pub warmup: usize,
    /// Whole runs.
    pub whole: Vec<u64>,
    /// What each of them was on the device, by its own clock; none where that is not known.
    pub gpu: Vec<u64>,
    /// What each of them took to encode commands; none where there are none.
    pub encode: Vec<u64>,
    /// What each of them took to submit commands; none where there are none.
    pub submit: Vec<u64>,
    /// What times operators; empty before the first was timed.
    pub clock: String,
    /// Instrumented runs.
    pub instrumented: Vec<u64>,
    /// Each operator's times in the instrumented runs.
    pub ops: Vec<Vec<u64>>,
    /// Each operator's times with its maps warm; none where the device cannot.
    pub warm: Vec<Vec<u64>>,
    /// Times of those operators that were [run many times in a row](repeated); none where that was not done.
    pub repeated: Vec<Vec<u64>>,
    /// Whether the measurement was ended before its time.
    pub interrupted: bool,
}

/// Measures `session`, whose input is set. `clock` tells the time since any fixed moment;
/// `between` is called after every run and may end the measurement, as may the session within a run; whole
/// rounds measured until then are kept.
///
/// # Errors
/// Where the device is lost.
pub fn sample(
    session: &mut dyn Session,
    plan: &SamplingPlan,
    clock: &dyn Fn() -> Duration,
    between: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Samples, SessionError> {
    let start = clock();
    let spent = || (clock() - start).as_secs_f64();
    let nodes = session.graph().nodes.len();
    let mut samples = Samples::none(nodes);
    let mut warming = Vec::new();
    while !warmed_up(plan, &warming, spent()) {
        match session.run() {
            Err(SessionError::Interrupted) => return Ok(Samples { interrupted: true, ..samples }),
            run => warming.push(run?),
        }
        samples.warmup = warming.len();
        if between().is_break() {
            return Ok(Samples { interrupted: true, ..samples });
        }
    }
    let mut times = vec![0; nodes];
    let mut next_look = FEWEST;
    loop {
        let before = samples.whole.len();
        let round = match samples.take_round(session, &mut times, between) {
            Err(SessionError::Interrupted) => samples.end_after(before),
            round => round?,
        };
        if round.is_break() {
            return Ok(samples);
        }
        let taken = samples.whole.len();
        if plan.iters.is_some_and(|most| taken >= most) || spent() >= plan.max_secs {
            return Ok(samples);
        }
        if taken >= next_look {
            if samples.precise(plan.precision) {
                return Ok(samples);
            }
            // Looking costs time that grows with the samples: look ever more rarely.
            next_look += taken.div_ceil(8);
        }
    }
}

/// Puts each operator's time behind its earlier ones.
fn append(all: &mut [Vec<u64>], times: &[u64]) {
    all.iter_mut().zip(times).for_each(|(all, &time)| all.push(time));
}

/// Whether the runs so far are warm-up enough: as many as asked for, if the time allows, or, where
/// nobody asked, until the latest window is no faster than the one before it.
fn warmed_up(plan: &SamplingPlan, runs: &[u64], spent: f64) -> bool {
    if let Some(asked) = plan.warmup {
        return runs.len() >= asked || spent >= plan.max_secs;
    }
    if !runs.is_empty() && spent >= plan.max_secs * WARM_UP_SHARE {
        return true;
    }
    let Some(before) = runs.len().checked_sub(2 * WINDOW) else { return false };
    let median = |w: &[u64]| Estimate::of(w).map_or(0.0, |e| e.median);
    let (earlier, later) = runs[before..].split_at(WINDOW);
    median(later) >= median(earlier) * (1.0 - plan.precision)
}

impl Samples {
    /// One run of `session`, whose input is set: all that there is to know where times are computed.
    ///
    /// # Errors
    /// Where the session cannot go on.
    pub fn of_one_run(session: &mut dyn Session) -> Result<Self, SessionError> {
        let nodes = session.graph().nodes.len();
        let (mut samples, mut times) = (Self::none(nodes), vec![0; nodes]);
        let _ = samples.take_round(session, &mut times, &mut || ControlFlow::Continue(()))?;
        Ok(samples)
    }

    /// Samples of `nodes` operators, none yet.
    pub fn none(nodes: usize) -> Self {
        let none = || vec![Vec::new(); nodes];
        Self { ops: none(), warm: none(), ..Self::default() }
    }

    /// Takes one round. Where `between` ends it, what it has of it is dropped; where another clock times operators
    /// than before, so is all that was taken before, and this round.
    fn take_round(
        &mut self,
        session: &mut dyn Session,
        times: &mut [u64],
        between: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, SessionError> {
        let before = self.whole.len();
        let (ns, parts) = session.run_in_parts()?;
        self.push_whole(ns, parts);
        if between().is_break() {
            return Ok(self.end_after(before));
        }
        self.instrument(session, times)?;
        if self.has_new_clock() {
            let none = Self::none(times.len());
            *self = Self { warmup: self.warmup, clock: self.clock.clone(), ..none };
            return Ok(ControlFlow::Continue(()));
        }
        if between().is_break() {
            return Ok(self.end_after(before));
        }
        if session.run_warm(times)? {
            append(&mut self.warm, times);
            if between().is_break() {
                return Ok(self.end_after(before + 1));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Puts a whole run behind the earlier ones. What the device's clock does not tell of each, is told of none.
    fn push_whole(&mut self, ns: u64, parts: Option<Parts>) {
        self.whole.push(ns);
        match parts.and_then(|parts| parts.gpu_ns) {
            Some(ns) => self.gpu.push(ns),
            None => self.gpu.clear(),
        }
        self.encode.extend(parts.map(|parts| parts.encode_ns));
        self.submit.extend(parts.map(|parts| parts.submit_ns));
    }

    /// Takes a run with every operator timed; `times` has room for them. Where another clock times operators than
    /// before, what it timed is forgotten: no list has times of two clocks.
    ///
    /// # Errors
    /// Where the device is lost.
    pub fn instrument(
        &mut self,
        session: &mut dyn Session,
        times: &mut [u64],
    ) -> Result<(), SessionError> {
        let instrumented = session.run_timed(times)?;
        if self.clock != session.clock() {
            session.clock().clone_into(&mut self.clock);
            self.instrumented.clear();
            self.ops.iter_mut().for_each(Vec::clear);
        }
        self.instrumented.push(instrumented);
        append(&mut self.ops, times);
        Ok(())
    }

    /// Whether there are fewer runs with every operator timed than whole ones, though each round takes both: another
    /// clock times operators than before.
    pub fn has_new_clock(&self) -> bool {
        self.instrumented.len() < self.whole.len()
    }

    /// Ends the measurement before its time, with so many rounds.
    pub fn end_after(&mut self, rounds: usize) -> ControlFlow<()> {
        let Self { whole, gpu, encode, submit, instrumented, ops, warm, interrupted, .. } = self;
        let runs = [whole, gpu, encode, submit, instrumented];
        let all = runs.into_iter().chain(ops).chain(warm);
        all.for_each(|samples| samples.truncate(rounds));
        *interrupted = true;
        ControlFlow::Break(())
    }

    /// How many rounds were measured before somebody ended it; `None` where nobody did.
    ///
    /// # Errors
    /// Where those are too few to keep.
    pub fn cut_off(&self) -> anyhow::Result<Option<usize>> {
        let rounds = self.whole.len();
        ensure!(
            !self.interrupted || rounds >= FEWEST_KEPT,
            "interrupted after {rounds} rounds, too few to keep: an interval of the median takes \
             {FEWEST_KEPT}"
        );
        Ok(self.interrupted.then_some(rounds))
    }

    /// Whether the medians that matter have a 95 % interval of at most `precision` to each side:
    /// those of the whole runs, the instrumented runs, and each operator with a [`LARGE_SHARE`].
    fn precise(&self, precision: f64) -> bool {
        let precise = |s: &[u64]| spread(s).is_some_and(|spread| spread <= precision);
        let least = self.instrumented.iter().sum::<u64>() as f64 * LARGE_SHARE;
        let large = |s: &&Vec<u64>| s.iter().sum::<u64>() as f64 >= least;
        precise(&self.whole)
            && precise(&self.instrumented)
            && self.ops.iter().filter(large).all(|s| precise(s))
    }
}

/// Half-width of the median's 95 % interval relative to the median; `None` below six samples.
pub fn spread(samples: &[u64]) -> Option<f64> {
    let estimate = Estimate::of(samples)?;
    Some(estimate.half_width()? / estimate.median.max(1.0))
}

#[cfg(test)]
mod tests;
