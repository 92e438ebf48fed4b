//! Choosing among the kernels that suit a node: by a short trial of each, or by the table's order.

use super::{
    Candidate, Site, Suits,
    context::Context,
    memory::Memory,
    quads::{padded, vectors},
    step::{Pipelines, Step},
};
use crate::{Op, SessionError, Stop, Tensor, Tune, input_tensor};
use fnv::FnvHasher;
use profile::{Shape, nanos};
use std::{hash::Hasher, time::Instant};

/// Nanoseconds that one trial should take, so that a clock of microseconds is good enough.
const TRIAL_NS: u64 = 2_000_000;

/// The label of the maps that kernels are tried on.
const TRIAL: &str = "trial";

/// Trials of each kernel; the fastest counts.
const TRIALS: usize = 3;

/// Chooses kernels for the nodes of one session.
pub(super) struct Tuner {
    tune: Tune,
    /// What the choices hold for, beside the shaders: adapter, driver, version of the lab.
    device: String,
    /// Whether to stop trying.
    stop: Stop,
    /// Time spent trying, nanoseconds.
    pub tune_ns: u64,
}

impl Tuner {
    /// A tuner for the device described by `device`.
    pub fn new(tune: &Tune, device: String, stop: &Stop) -> Self {
        Self { tune: tune.clone(), device, stop: stop.clone(), tune_ns: 0 }
    }

    /// The best of `candidates`, which stand best first and are not empty.
    pub fn choose(
        &mut self,
        context: &Context,
        pipelines: &mut Pipelines,
        op: &Op,
        site: &Site<'_>,
        candidates: &[Candidate<'_>],
        weights: &[Tensor],
    ) -> Result<usize, SessionError> {
        let good = candidates.iter().filter(|c| c.suits == Suits::Well).count();
        if !self.tune.is_on() || good < 2 {
            return Ok(0);
        }
        let shaders = fingerprint(&candidates[..good]);
        let key =
            format!("{} {shaders:016x} | {} {op:?} {:?}", self.device, op.kind(), site.inputs);
        let known = self.tune.get(&key).and_then(|k| candidates.iter().position(|c| c.name == k));
        if let Some(known) = known {
            return Ok(known);
        }
        let start = Instant::now();
        let bench = Bench::new(context, site)?;
        let mut best = (u64::MAX, 0);
        for (i, candidate) in candidates.iter().enumerate().take(good) {
            self.stop.check()?;
            best = best.min((bench.time(context, pipelines, candidate, weights)?, i));
        }
        self.tune.put(key, candidates[best.1].name);
        self.tune_ns += nanos(start.elapsed());
        Ok(best.1)
    }

    /// Keeps the choices; the reason where that fails.
    pub fn save(&self) -> Result<(), String> {
        self.tune.save()
    }
}

/// A number for what the candidates' shaders say and are compiled with.
fn fingerprint(candidates: &[Candidate<'_>]) -> u64 {
    let mut hasher = FnvHasher::default();
    for dispatch in candidates.iter().flat_map(|c| &c.plan.dispatches) {
        hasher.write(dispatch.source(false).as_bytes());
        hasher.write(format!("{:?}", dispatch.constants).as_bytes());
    }
    hasher.finish()
}

/// Memory to try kernels on.
struct Bench {
    inputs: Vec<Memory>,
    output: Memory,
}

impl Bench {
    fn new(context: &Context, site: &Site<'_>) -> Result<Self, SessionError> {
        // Zeros would be faster than what a network computes with.
        let input = |s: &Shape| Memory::holding(context, TRIAL, &padded(&input_tensor(0, *s)));
        Ok(Self {
            inputs: site.inputs.iter().map(input).collect::<Result<_, SessionError>>()?,
            output: Memory::new(context, TRIAL, vectors(site.output))?,
        })
    }

    /// Nanoseconds of one run of the kernel.
    fn time(
        &self,
        context: &Context,
        pipelines: &mut Pipelines,
        candidate: &Candidate<'_>,
        weights: &[Tensor],
    ) -> Result<u64, SessionError> {
        let inputs: Vec<&Memory> = self.inputs.iter().collect();
        let packed = candidate.pack(weights);
        let Candidate { name, plan, .. } = candidate;
        let step = context.scoped(name, || {
            Step::prepare(context, pipelines, name, plan, &packed, &inputs, &self.output)
        })?;
        let run =
            |repeats: u64| context.timed_pass(|pass| (0..repeats).for_each(|_| step.record(pass)));
        // The first run compiles on some drivers.
        run(1)?;
        let repeats = (TRIAL_NS / run(1)?.max(1)).clamp(1, 32);
        let mut best = u64::MAX;
        for _ in 0..TRIALS {
            best = best.min(run(repeats)? / repeats);
        }
        Ok(best)
    }
}
