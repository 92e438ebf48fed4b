//! Choosing among the kernels that suit a node: by a short trial of each, or by the table's order. What is tried
//! has its weights once in buffers and once in textures; without trials they lie where maps do.
//!
//! A trial compares what a kernel computes with the reference before it takes times.

use super::{
    Adapter, AdapterLimits, Candidate, Site, Suits,
    context::{Context, Patience},
    memory::Memory,
    quads::{gathered, padded, quads, vectors},
    room::kernels,
    step::{Pipelines, Step, upload},
    stopwatch::{Stopwatch, Timed},
};
use crate::{
    Graph, MapRef, Node, SessionError, Stop, Tensor, Tune, input_tensor, verify::is_right,
};
use fnv::FnvHasher;
use profile::{Shape, nanos};
use std::{hash::Hasher, time::Instant};

/// Nanoseconds that one timing should take, so that a clock of microseconds is good enough.
const TRIAL_NS: u64 = 2_000_000;

/// The label of the maps that kernels are tried on.
const TRIAL: &str = "trial";

/// Timings of each kernel, of which the median counts.
const TIMINGS: usize = 5;

/// What the output has before a kernel is tried: nothing that a network computes.
const WRONG: f32 = 1e30;

/// Operations of the reference that a kernel is compared with.
const BUDGET: u64 = 1_000_000;

/// What a kernel is tried on.
pub(super) struct Subject<'a> {
    pub graph: &'a Graph,
    pub node: &'a Node,
    pub site: &'a Site<'a>,
    pub weights: &'a [Tensor],
    /// Of the weights.
    pub seed: u64,
}

/// What came of trying a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The kernel, as records call it.
    pub kernel: String,
    /// Whether its output is right; one whose output is wrong is not timed.
    pub right: bool,
    /// Nanoseconds on the device, where it has time stamps that can be believed.
    pub gpu_ns: Option<u64>,
    /// Nanoseconds of the wall clock, encoding and submitting included.
    pub wall_ns: u64,
}

/// Tries every kernel that can take node `i` of `graph`, those that suit it well first, and last these with their
/// weights elsewhere.
///
/// # Errors
/// Where the device is lost, no kernel takes the node, or the patience ends.
pub fn tried(
    adapter: &Adapter,
    graph: &Graph,
    i: usize,
    seed: u64,
    patience: &Patience,
) -> Result<Vec<Trial>, SessionError> {
    let context = Context::open(adapter, adapter.traits(), patience)?;
    let node = &graph.nodes[i];
    let inputs = graph.input_shapes(node);
    let site = Site::new(&inputs, node.output, context.traits);
    let weights = graph.weights(node, seed);
    let mut candidates = kernels(graph, i, &site).map_err(|e| context.error(e.to_string()))?;
    candidates.extend(elsewhere(&candidates, &context));
    let subject = Subject { graph, node, site: &site, weights: &weights, seed };
    try_all(&context, &mut Pipelines::new(false), &subject, &candidates, &patience.stop)
}

/// Chooses kernels for the nodes of one session.
pub(super) struct Tuner {
    tune: Tune,
    /// What the choices hold for, beside the shaders: adapter, driver, version of the lab.
    device: String,
    /// Whether to stop trying.
    stop: Stop,
    /// Time spent trying, nanoseconds.
    pub tune_ns: u64,
    /// Kernels that computed something else than they should, and so were left out.
    wrong: Vec<String>,
}

impl Tuner {
    /// A tuner for the device described by `device`.
    pub fn new(tune: &Tune, device: String, stop: &Stop) -> Self {
        Self { tune: tune.clone(), device, stop: stop.clone(), tune_ns: 0, wrong: Vec::new() }
    }

    /// The best of `candidates`, which stand best first and are not empty, its weights where they are best.
    pub fn choose<'a>(
        &mut self,
        context: &Context,
        pipelines: &mut Pipelines,
        subject: &Subject<'_>,
        mut candidates: Vec<Candidate<'a>>,
    ) -> Result<Candidate<'a>, SessionError> {
        if self.tune.is_on() {
            let mut good = candidates.clone();
            good.retain(|c| c.suits == Suits::Well);
            good.extend(elsewhere(&good, context));
            if good.len() > 1 {
                let best = self.best_of(context, pipelines, subject, &good)?;
                return Ok(good.swap_remove(best));
            }
        }
        Ok(candidates.swap_remove(0))
    }

    /// Where the best of several stands, by an earlier trial or a new one.
    fn best_of(
        &mut self,
        context: &Context,
        pipelines: &mut Pipelines,
        subject: &Subject<'_>,
        candidates: &[Candidate<'_>],
    ) -> Result<usize, SessionError> {
        let (op, inputs) = (&subject.node.op, subject.site.inputs);
        let shaders = fingerprint(candidates, &context.traits);
        let key = format!("{} {shaders:016x} | {} {op:?} {inputs:?}", self.device, op.kind());
        let called = |c: &Candidate<'_>| c.called(&context.traits);
        let known =
            self.tune.get(&key).and_then(|k| candidates.iter().position(|c| called(c) == k));
        if let Some(known) = known {
            return Ok(known);
        }
        let start = Instant::now();
        let trials = try_all(context, pipelines, subject, candidates, &self.stop)?;
        self.tune_ns += nanos(start.elapsed());
        let wrong = trials.iter().filter(|trial| !trial.right);
        self.wrong.extend(wrong.map(|t| format!("{} of {}", t.kernel, subject.node.name)));
        let Some(best) = best(&trials) else { return Ok(0) };
        self.tune.put(key, &trials[best].kernel);
        Ok(best)
    }

    /// Keeps the choices; the reason where that fails.
    pub fn save(&self) -> Result<(), String> {
        self.tune.save()
    }

    /// [`Self::save`], and what went wrong, in words.
    pub fn note(&self) -> String {
        let wrong = match self.wrong.as_slice() {
            [] => None,
            wrong => {
                let kernels = wrong.join(", ");
                Some(format!("kernels that differ from the reference were left out: {kernels}"))
            }
        };
        wrong.into_iter().chain(self.save().err()).collect::<Vec<_>>().join("; ")
    }
}

/// The fastest kernel of those that are right: by the device's clock where it timed all of them.
fn best(trials: &[Trial]) -> Option<usize> {
    let right = || trials.iter().enumerate().filter(|(_, trial)| trial.right);
    let is_stamped = right().all(|(_, trial)| trial.gpu_ns.is_some());
    let ns = |trial: &Trial| trial.gpu_ns.filter(|_| is_stamped).unwrap_or(trial.wall_ns);
    right().min_by_key(|(_, trial)| ns(trial)).map(|(i, _)| i)
}

/// Those that suit well, with their weights elsewhere.
fn elsewhere<'a>(candidates: &[Candidate<'a>], context: &Context) -> Vec<Candidate<'a>> {
    let good = candidates.iter().filter(|c| c.suits == Suits::Well);
    good.filter_map(|c| c.elsewhere(&context.traits)).collect()
}

/// A number for what the candidates are called, what their shaders say, and what they are compiled with.
fn fingerprint(candidates: &[Candidate<'_>], traits: &AdapterLimits) -> u64 {
    let mut hasher = FnvHasher::default();
    for candidate in candidates {
        hasher.write(candidate.called(traits).as_bytes());
        for dispatch in &candidate.plan.dispatches {
            hasher.write(dispatch.source(|_| false).as_bytes());
            hasher.write(format!("{:?}", dispatch.constants).as_bytes());
        }
    }
    hasher.finish()
}

fn try_all(
    context: &Context,
    pipelines: &mut Pipelines,
    subject: &Subject<'_>,
    candidates: &[Candidate<'_>],
    stop: &Stop,
) -> Result<Vec<Trial>, SessionError> {
    let bench = Bench::new(context, subject)?;
    let one = |candidate| {
        stop.check()?;
        bench.try_one(pipelines, candidate)
    };
    candidates.iter().map(one).collect()
}

/// Memory to try kernels on.
struct Bench<'a> {
    context: &'a Context,
    subject: &'a Subject<'a>,
    watch: Stopwatch,
    values: Vec<Tensor>,
    inputs: Vec<Memory>,
    output: Memory,
}

impl<'a> Bench<'a> {
    fn new(context: &'a Context, subject: &'a Subject<'a>) -> Result<Self, SessionError> {
        // Zeros would be faster than what a network computes with.
        let values: Vec<Tensor> =
            subject.site.inputs.iter().map(|s: &Shape| input_tensor(0, *s)).collect();
        let input = |values: &Tensor| Memory::holding(context, TRIAL, &padded(values));
        Ok(Self {
            context,
            subject,
            watch: Stopwatch::new(context),
            inputs: values.iter().map(input).collect::<Result<_, SessionError>>()?,
            values,
            output: Memory::new(context, TRIAL, vectors(subject.site.output))?,
        })
    }

    /// Runs a kernel, looks at what it computed and, where that is right, times it.
    fn try_one(
        &self,
        pipelines: &mut Pipelines,
        candidate: &Candidate<'_>,
    ) -> Result<Trial, SessionError> {
        let inputs: Vec<&Memory> = self.inputs.iter().collect();
        let (context, plan) = (self.context, &candidate.plan);
        let kernel = candidate.called(&context.traits);
        let step = context.scoped(&kernel, || {
            let weights = upload(context, &kernel, candidate, self.subject.weights)?;
            Step::prepare(context, pipelines, &kernel, plan, &weights, &inputs, &self.output)
        })?;
        // What an earlier kernel left would be right.
        self.output.write(context, &vec![WRONG; 4 * vectors(self.subject.site.output)]);
        // The first run compiles on some drivers.
        self.run(&step, 1)?;
        if !self.is_right(plan.tolerance())? {
            return Ok(Trial { kernel, right: false, gpu_ns: None, wall_ns: 0 });
        }
        let repeats = (TRIAL_NS / self.run(&step, 1)?.ns().max(1)).clamp(1, 32);
        let runs = (0..TIMINGS).map(|_| self.run(&step, repeats)).collect::<Result<Vec<_>, _>>()?;
        let each = |ns: Vec<u64>| median(ns) / repeats;
        let stamped: Option<Vec<u64>> = runs.iter().map(|run| run.gpu.clone().ok()).collect();
        let wall_ns = each(runs.iter().map(|run| run.waited.ns).collect());
        Ok(Trial { kernel, right: true, gpu_ns: stamped.map(each), wall_ns })
    }

    fn run(&self, step: &Step, times: u64) -> Result<Timed, SessionError> {
        self.watch.time(self.context, &|pass| (0..times).for_each(|_| step.record(pass)))
    }

    /// Whether the output is that of the node, but for so many times the usual rounding errors.
    fn is_right(&self, tolerance: f64) -> Result<bool, SessionError> {
        let Subject { graph, node, site, seed, .. } = self.subject;
        let output = self.output.read(self.context, vectors(site.output))?;
        let output = gathered(site.output, quads(site.output.c), |c| c, &output);
        let inputs: Vec<MapRef<'_>> = self.values.iter().map(Tensor::as_map).collect();
        Ok(is_right(BUDGET, graph, node, (&inputs, output.as_map()), *seed, tolerance))
    }
}

/// The middle one, the lower of two.
fn median(mut of: Vec<u64>) -> u64 {
    of.sort_unstable();
    of[(of.len() - 1) / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_right_kernel_is_best_by_one_clock() {
        let trial = |kernel: &str, right, gpu_ns, wall_ns| Trial {
            kernel: kernel.to_owned(),
            right,
            gpu_ns,
            wall_ns,
        };
        let wrong = trial("wrong", false, None, 0);
        let slow = trial("slow", true, Some(30), 31);
        let fast = trial("fast", true, Some(20), 40);
        assert_eq!(best(&[wrong.clone(), slow.clone(), fast.clone()]), Some(2));
        let unstamped = trial("unstamped", true, None, 35);
        assert_eq!(best(&[slow, fast, unstamped]), Some(0), "by the wall clock");
        assert_eq!(best(&[wrong]), None);
        assert_eq!(median(vec![9, 1, 5, 7]), 5);
    }
}
