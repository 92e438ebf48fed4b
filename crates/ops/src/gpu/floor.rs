//! What a dispatch costs that does next to nothing.

use super::{
    Dispatch, KernelPlan,
    context::Context,
    memory::Memory,
    step::{Pipelines, Step},
    stopwatch::Stopwatch,
};
use crate::SessionError;
use profile::Pattern;

/// Dispatches of a short pass, and of a long one.
const FEW: usize = 16;
const MANY: usize = 272;

/// Passes of each, of which the fastest counts: it is free of disturbance.
const ROUNDS: usize = 5;

/// The label of what it takes.
const FLOOR: &str = "floor";

/// Dispatches that do next to nothing.
pub(super) struct Floor {
    /// One that touches nothing.
    pub empty: Step,
    /// Two that copy a few numbers there and back, so that each waits for the one before.
    there_and_back: [Step; 2],
}

impl Floor {
    /// Makes them ready.
    pub fn new(context: &Context, pipelines: &mut Pipelines) -> Result<Self, SessionError> {
        let quads = (Dispatch::stream_bytes() / 16) as usize;
        let [a, b, c] = [(); 3].map(|()| Memory::new(context, FLOOR, quads));
        let (a, b, c) = (a?, b?, c?);
        let mut step = |dispatch: Dispatch, from: &Memory, to: &Memory| {
            let plan = KernelPlan { weights: vec![], dispatches: vec![dispatch] };
            Step::prepare(context, pipelines, FLOOR, &plan, &[], &[from, &b], to)
        };
        let copy = || Dispatch::stream(Pattern::Copy, 1);
        Ok(Self {
            empty: step(Dispatch::empty(), &a, &c)?,
            there_and_back: [step(copy(), &a, &c)?, step(copy(), &c, &a)?],
        })
    }

    /// Nanoseconds of a dispatch that touches nothing.
    pub fn empty_ns(&self, context: &Context, watch: &Stopwatch) -> Result<f64, SessionError> {
        slope_ns(context, watch, &[&self.empty])
    }

    /// Nanoseconds of a dispatch that reads what the one before wrote.
    pub fn dependent_ns(&self, context: &Context, watch: &Stopwatch) -> Result<f64, SessionError> {
        let [there, back] = &self.there_and_back;
        slope_ns(context, watch, &[there, back])
    }
}

/// Nanoseconds of a dispatch of `steps`, taken in turn: the slope of a pass's time over its dispatches.
fn slope_ns(context: &Context, watch: &Stopwatch, steps: &[&Step]) -> Result<f64, SessionError> {
    let mut fastest = [u64::MAX; 2];
    for _ in 0..ROUNDS {
        for (fastest, dispatches) in fastest.iter_mut().zip([FEW, MANY]) {
            let timed = watch.time(context, &|pass| {
                steps.iter().cycle().take(dispatches).for_each(|step| step.record(pass));
            })?;
            *fastest = timed.ns().min(*fastest);
        }
    }
    Ok((fastest[1] as f64 - fastest[0] as f64).max(0.0) / (MANY - FEW) as f64)
}
