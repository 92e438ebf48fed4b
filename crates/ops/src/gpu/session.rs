//! A graph prepared for a GPU, and its run.
//!
//! A run is one submission of one compute pass with all dispatches in it; wgpu puts barriers
//! between those that depend on each other. How runs are timed stands in `timed.rs`.

use super::{
    Adapter, Algorithm, Candidate, KernelPlan, Site,
    clock::Clock,
    context::{Context, Patience},
    floor::Floor,
    joined::joined,
    memory::Memory,
    pairs::Paired,
    quads::padded,
    room::{NoRoom, kernels},
    shared::SharedScratch,
    slots::Slots,
    step::{Operands, Pipelines, Step, scratch, upload},
    stopwatch::Stopwatch,
    tune::{Subject, Tuner},
};
use crate::{
    Graph, Keep, Parts, Session, SessionError, Tensor, Tune, Value, session::demand_inputs,
};
use profile::{OpRecord, Timing, nanos};
use std::time::Instant;

/// How to prepare a [`GpuSession`].
#[derive(Clone, Debug)]
pub struct GpuOptions {
    /// Whether intermediates stay readable.
    pub keep: Keep,
    /// Seed of the weights.
    pub seed: u64,
    /// Whether shaders check their own indices and loops: for tests, it costs time.
    pub checks: bool,
    /// How kernels are chosen.
    pub tune: Tune,
    /// How long to wait, for each submission and for all of the preparation.
    pub patience: Patience,
}

impl Default for GpuOptions {
    /// Keeps the output only, seed 0, no checks, no tuning.
    fn default() -> Self {
        let patience = Patience::default();
        Self { keep: Keep::Output, seed: 0, checks: false, tune: Tune::OFF, patience }
    }
}

/// The label of memory that all nodes share.
const SCRATCH: &str = "scratch";

/// Where the time of [`GpuSession::prepare`] went, nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preparation {
    /// Drawing, packing and uploading weights.
    pub pack_ns: u64,
    /// Compiling shaders, and a first run in which some drivers compile.
    pub compile_ns: u64,
    /// Trying kernels, the compiling of those that lost included.
    pub tune_ns: u64,
    /// All of it.
    pub total_ns: u64,
    /// What went wrong and did no harm: kernels that were left out, a file of choices that could not be written.
    pub note: String,
}

/// A kernel and its weights on the device.
struct Ready {
    called: String,
    label: String,
    plan: KernelPlan,
    weights: Vec<Memory>,
}

impl Ready {
    /// For the node `name`, the kernel as records call it.
    fn new(
        context: &Context,
        name: &str,
        called: String,
        kernel: Candidate<'_>,
        weights: &[Tensor],
    ) -> Result<Self, SessionError> {
        let label = format!("{name} ({called})");
        let weights = context.scoped(name, || upload(context, &label, &kernel, weights))?;
        Ok(Self { called, label, plan: kernel.plan, weights })
    }
}

/// A network prepared for a GPU.
pub struct GpuSession {
    graph: Graph,
    pub(super) context: Context,
    kernels: Vec<String>,
    /// For each node, its kernel's algorithm, where that is not the operator's definition.
    algorithms: Vec<Option<Algorithm>>,
    /// For each node, its own dispatches.
    pub(super) steps: Vec<Step>,
    /// The same where no operator is timed: one dispatch may do two.
    pub(super) whole: Vec<Step>,
    /// Bytes of packed weights.
    weights: u64,
    /// Bytes of what kernels leave for their later dispatches.
    scratch: u64,
    slots: Slots,
    memory: Vec<Memory>,
    /// What times operators; `None` where that is the wall clock.
    pub(super) clock: Option<Clock>,
    /// What times whole runs.
    pub(super) watch: Stopwatch,
    pub(super) timing: Timing,
    preparation: Preparation,
    pub(super) floor: Floor,
}

impl GpuSession {
    /// Opens the adapter, chooses and compiles kernels, uploads weights, and runs once.
    ///
    /// # Errors
    /// Where the device is lost or refuses: out of memory, an activation larger than a binding, a
    /// shader that its driver cannot compile. Where `options.patience` ends.
    pub fn prepare(
        adapter: &Adapter,
        graph: &Graph,
        options: &GpuOptions,
    ) -> Result<Self, SessionError> {
        let mut tuner = Tuner::new(&options.tune, tuning_key(adapter), &options.patience.stop);
        let mut pipelines = Pipelines::new(options.checks);
        let context = Context::open(adapter, adapter.traits(), &options.patience)?;
        let (pipelines, tried) = (&mut pipelines, &mut tuner);
        let session = Self::prepare_choosing(context, graph, options, pipelines, tried, None);
        if let Err(SessionError::Interrupted) = session {
            // What won so far need not be tried again; whoever stops has no use for a note that it must.
            let _ = tuner.save();
        }
        session
    }

    /// As [`Self::prepare`], on an open device; `kernel` forces the choice for every node that has
    /// a kernel of that name.
    pub(super) fn prepare_choosing(
        context: Context,
        graph: &Graph,
        options: &GpuOptions,
        pipelines: &mut Pipelines,
        tuner: &mut Tuner,
        kernel: Option<&str>,
    ) -> Result<Self, SessionError> {
        let start = Instant::now();
        let run = &joined(graph, options.keep);
        let slots = Slots::new(run, options.keep, context.traits);
        let memory = context.scoped("activations", || {
            let room = |quads: &usize| Memory::new(&context, "an activation", *quads);
            slots.quads.iter().map(room).collect::<Result<Vec<_>, _>>()
        })?;
        let mut ready = Vec::new();
        let (mut chosen_kernels, mut algorithms) = (Vec::new(), Vec::new());
        let (mut weight_bytes, mut shared) = (0, SharedScratch::default());
        for (i, node) in run.nodes.iter().enumerate() {
            options.patience.stop.check()?;
            if slots.is_done(i) {
                ready.push(None);
                chosen_kernels.push(OpRecord::VIEW.to_owned());
                algorithms.push(None);
                continue;
            }
            let (inputs, layouts) = (run.input_shapes(node), slots.layouts(run, i));
            // Kernels are tried on maps of their own: an index for another would leave them.
            let apart = Site::new(&inputs, node.output, context.traits);
            let site = apart.lying(&layouts);
            let weights = run.weights(node, options.seed);
            let refused = |e: NoRoom| context.error(e.to_string());
            let mut tried = kernels(run, i, &apart).map_err(refused)?;
            let forced = kernel.and_then(|k| tried.iter().position(|c| c.name == k));
            let subject =
                Subject { graph: run, node, site: &apart, weights: &weights, seed: options.seed };
            let choice = match forced {
                Some(choice) => tried.swap_remove(choice),
                None => tuner.choose(&context, pipelines, &subject, tried)?,
            };
            let mut candidates = kernels(run, i, &site).map_err(refused)?;
            let same = candidates.iter().position(|c| c.name == choice.name);
            let mut chosen = candidates.swap_remove(same.unwrap_or(0));
            chosen.textures = choice.textures;
            let called = chosen.called(&context.traits);
            let kernel = Ready::new(&context, &node.name, called, chosen, &weights)?;
            chosen_kernels.push(kernel.called.clone());
            algorithms.push(kernel.plan.algorithm());
            weight_bytes += kernel.plan.weight_bytes();
            shared.hold(&kernel.plan);
            ready.push(Some(kernel));
        }
        let pairs = match options.keep {
            Keep::Output => pairs(&context, run, &slots, options, kernel)?,
            _ => Vec::new(),
        };
        for (pair, ready) in &pairs {
            weight_bytes += ready.plan.weight_bytes();
            shared.hold(&ready.plan);
            chosen_kernels[pair.second - 1] += ", in whole runs with the next";
            chosen_kernels[pair.second] += &format!(", in whole runs {}", ready.called);
        }
        let scratch = context.scoped(SCRATCH, || scratch(&context, SCRATCH, &shared.quads))?;
        let mut step = |i: usize, ready: &Ready, reads: &mut dyn Iterator<Item = Value>| {
            options.patience.stop.check()?;
            let place = |v: Value| &memory[slots.place(run, v).slot];
            let inputs: Vec<&Memory> = reads.map(place).collect();
            let (weights, output) = (&ready.weights, place(Value::of_node(i)));
            let operands = Operands { weights, scratch: &scratch, inputs: &inputs, output };
            context.scoped(&run.nodes[i].name, || {
                Ok(Step::over(&context, pipelines, &ready.label, &ready.plan, &operands))
            })
        };
        let mut steps = Vec::new();
        for (i, ready) in ready.iter().enumerate() {
            steps.push(match ready {
                Some(ready) => step(i, ready, &mut slots.reads(run, i))?,
                None => Step::nothing(),
            });
        }
        let mut whole = steps.clone();
        for (pair, ready) in &pairs {
            whole[pair.second - 1] = Step::nothing();
            whole[pair.second] = step(pair.second, ready, &mut pair.reads())?;
        }
        let clock = Clock::of_operators(&context, graph.nodes.len() + 1);
        let (watch, floor) = (Stopwatch::new(&context), Floor::new(&context, pipelines)?);
        let mut session = Self {
            graph: graph.clone(),
            kernels: chosen_kernels,
            algorithms,
            steps,
            whole,
            weights: weight_bytes,
            scratch: shared.bytes(),
            slots,
            memory,
            clock,
            watch,
            timing: Timing::default(),
            preparation: Preparation::default(),
            floor,
            context,
        };
        let before = nanos(start.elapsed()) - pipelines.compile_ns.min(nanos(start.elapsed()));
        let first_run = session.run()?;
        session.preparation = Preparation {
            pack_ns: before.saturating_sub(tuner.tune_ns),
            compile_ns: pipelines.compile_ns + first_run,
            tune_ns: tuner.tune_ns,
            total_ns: 0,
            note: tuner.note(),
        };
        session.settle_timing()?;
        session.preparation.total_ns = nanos(start.elapsed());
        session.timing.prepare_ns = nanos(start.elapsed());
        Ok(session)
    }

    /// How operators are timed.
    pub fn timing(&self) -> &Timing {
        &self.timing
    }

    /// Where the time of preparing went.
    pub fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    /// What a dispatch costs that does next to nothing, nanoseconds: one that touches nothing, and one that reads
    /// what the one before wrote.
    ///
    /// # Errors
    /// Where the device is lost.
    pub fn dispatch_ns(&self) -> Result<[f64; 2], SessionError> {
        let Self { floor, context, watch, .. } = self;
        Ok([floor.empty_ns(context, watch)?, floor.dependent_ns(context, watch)?])
    }
}

/// What tuning's choices hold for.
fn tuning_key(adapter: &Adapter) -> String {
    let device = adapter.device();
    format!("{} {} {} {}", device.name, device.bus, device.driver, env!("CARGO_PKG_VERSION"))
}

/// The pairs of nodes that whole runs do in one dispatch, where that pays or where `kernel` forces it.
fn pairs<'a>(
    context: &Context,
    run: &'a Graph,
    slots: &'a Slots,
    options: &GpuOptions,
    kernel: Option<&str>,
) -> Result<Vec<(Paired<'a>, Ready)>, SessionError> {
    let mut pairs = Vec::new();
    for pair in Paired::all(run, slots) {
        options.patience.stop.check()?;
        let site = pair.site(context.traits);
        let Some(both) = pair.choose(&site, kernel) else { continue };
        let called = format!("{} with the one before", both.called(&context.traits));
        let (name, weights) = (&run.nodes[pair.second].name, pair.weights(options.seed));
        let ready = Ready::new(context, name, called, both, &weights)?;
        pairs.push((pair, ready));
    }
    Ok(pairs)
}

impl Session for GpuSession {
    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn kernels(&self) -> Vec<String> {
        self.kernels.clone()
    }

    fn executed_flops(&self) -> Vec<Option<u64>> {
        self.algorithms.iter().map(|of| of.map(|algorithm| algorithm.flops)).collect()
    }

    fn tolerances(&self) -> Vec<f64> {
        self.algorithms.iter().map(|of| of.map_or(1.0, |algorithm| algorithm.tolerance)).collect()
    }

    fn memory(&self) -> Option<profile::Memory> {
        let (weights, activations, scratch) = (self.weights, self.slots.bytes(), self.scratch);
        Some(profile::Memory { weights, activations, scratch })
    }

    fn set_inputs(&mut self, inputs: &[Tensor]) -> Result<(), SessionError> {
        demand_inputs(&self.graph, inputs)?;
        self.context.check()?;
        for (i, input) in inputs.iter().enumerate() {
            let place = self.slots.place(&self.graph, Value::Input(i));
            self.memory[place.slot].write(&self.context, &padded(input));
        }
        self.context.submit([])
    }

    fn run(&mut self) -> Result<u64, SessionError> {
        let record = |pass: &mut wgpu::ComputePass<'_>| self.record(pass);
        Ok(self.context.timed_pass(None, record)?.ns)
    }

    fn run_in_parts(&mut self) -> Result<(u64, Option<Parts>), SessionError> {
        self.run_stamped_at_its_ends().map(|(ns, parts)| (ns, Some(parts)))
    }

    fn run_timed(&mut self, times: &mut [u64]) -> Result<u64, SessionError> {
        self.time_operators(times)
    }

    fn clock(&self) -> &str {
        &self.timing.source
    }

    fn run_repeated(&mut self, node: usize, times: usize) -> Result<Option<u64>, SessionError> {
        let repeat = |pass: &mut wgpu::ComputePass<'_>| {
            (0..times).for_each(|_| self.steps[node].record(pass));
        };
        Ok(Some(self.watch.time(&self.context, &repeat)?.ns()))
    }

    fn fetch(&mut self, node: usize) -> Result<Tensor, SessionError> {
        self.context.check()?;
        let place = self.slots.place(&self.graph, Value::of_node(node));
        Ok(place.of(&self.memory[place.slot].read(&self.context, place.quads())?))
    }
}
