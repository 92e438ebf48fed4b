//! How the runs of a session are timed.
//!
//! A whole run has a stamp at both ends of its one pass. In it, one dispatch may do two operators (`pairs`); where
//! operators are timed, each has its own. A timed run has one behind each operator as well, where the
//! device can stamp inside a pass: an operator's time is then what lies between two stamps, and all together are the
//! run. Elsewhere each operator has a pass of its own, with a stamp at both ends. Where stamps are missing, or cannot
//! be believed several times in a row, each has a submission of its own, between two looks at the wall clock.

use super::{
    clock::{Clock, Spans, Stamps},
    context::RUN,
    session::GpuSession,
    stopwatch::{Stopwatch, TRIES},
};
use crate::{Parts, SessionError};
use profile::{Timing, nanos};
use std::time::Instant;

impl GpuSession {
    /// Records a whole run.
    pub(super) fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        self.whole.iter().for_each(|step| step.record(pass));
    }

    /// Decides, from a run, how operators will be timed.
    pub(super) fn settle_timing(&mut self) -> Result<(), SessionError> {
        match self.clock.as_ref().map(|clock| clock.spans) {
            Some(Spans::OnePass) => self.timing.source = Timing::ONE_PASS.to_owned(),
            Some(Spans::Passes) => self.timing.source = Timing::PASSES.to_owned(),
            None => self.fall_back("the device has no time stamps"),
        }
        let mut times = vec![0; self.steps.len()];
        self.time_operators(&mut times).map(drop)
    }

    /// From now on, operators are timed by the wall clock, and so is all else; this is why.
    pub(super) fn fall_back(&mut self, why: &str) {
        self.clock = None;
        self.watch = Stopwatch::default();
        self.timing.source = Timing::SUBMISSIONS.to_owned();
        self.timing.resolution_ns = 1.0;
        self.timing.note =
            format!("{why}; each time includes encoding, submitting and waiting for one pass");
    }

    /// A whole run: nanoseconds of the wall clock, and what they consist of. Where its stamps cannot be believed, nor
    /// can those of operators.
    pub(super) fn run_stamped_at_its_ends(&mut self) -> Result<(u64, Parts), SessionError> {
        let timed = self.watch.time(&self.context, &|pass| self.record(pass))?;
        if let (Err(why), Some(_)) = (&timed.gpu, &self.clock) {
            self.fall_back(why);
        }
        Ok((timed.waited.ns, timed.parts()))
    }

    /// A run that puts each operator's nanoseconds into `times`; those of views are 0, whatever a pass with nothing in it
    /// takes.
    pub(super) fn time_operators(&mut self, times: &mut [u64]) -> Result<u64, SessionError> {
        self.context.check()?;
        let whole = self.run_timing_steps(times)?;
        let steps = times.iter_mut().zip(&self.steps);
        steps.filter(|(_, step)| step.is_nothing()).for_each(|(time, _)| *time = 0);
        Ok(whole)
    }

    /// A run that puts each step's nanoseconds into `times`. One whose stamps cannot be believed is run again; where
    /// that keeps happening, the wall clock serves from now on.
    fn run_timing_steps(&mut self, times: &mut [u64]) -> Result<u64, SessionError> {
        let mut reason = String::new();
        for _ in 0..TRIES {
            let Some(clock) = &self.clock else { break };
            let (whole, stamps) = self.run_stamped(clock)?;
            match stamps.durations() {
                Ok(durations) => {
                    times.copy_from_slice(&durations[..times.len()]);
                    self.timing.resolution_ns = stamps.resolution_ns();
                    return Ok(whole);
                }
                Err(why) => reason = why,
            }
        }
        if self.clock.is_some() {
            self.fall_back(&reason);
        }
        self.run_submitted_one_by_one(times)
    }

    /// A run with stamps round each operator, and round an empty one behind them: a single operator would
    /// have one distance between stamps, which could be their step as well as its time.
    fn run_stamped(&self, clock: &Clock) -> Result<(u64, Stamps), SessionError> {
        let steps = || self.steps.iter().chain([&self.floor.empty]).enumerate();
        let waited = match clock.spans {
            Spans::OnePass => self.context.timed_pass(None, |pass| {
                clock.stamp(pass, 0);
                for (i, step) in steps() {
                    step.record(pass);
                    clock.stamp(pass, i + 1);
                }
            }),
            Spans::Passes => self.context.timed(|encoder| {
                for (i, step) in steps() {
                    let descriptor = wgpu::ComputePassDescriptor {
                        label: Some(RUN),
                        timestamp_writes: Some(clock.ends(i)),
                    };
                    step.record(&mut encoder.begin_compute_pass(&descriptor));
                }
            }),
        };
        Ok((waited?.ns, clock.read(&self.context)?))
    }

    /// A run with a submission an operator.
    fn run_submitted_one_by_one(&self, times: &mut [u64]) -> Result<u64, SessionError> {
        let start = Instant::now();
        for (time, step) in times.iter_mut().zip(&self.steps) {
            *time = self.context.timed_pass(None, |pass| step.record(pass))?.ns;
        }
        Ok(nanos(start.elapsed()))
    }
}
