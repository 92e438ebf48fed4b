//! A graph prepared for the CPU, and its run.

use super::{
    NoThread,
    aligned_buffer::AlignedBuffer,
    assembly::{Assembly, Choose, Null},
    kernel::Kernel,
    layout::Layout,
    machine::LINE,
    options::CpuOptions,
    plan::{MemoryPlan, Place},
    prefetch::prefetch,
    step::Step,
    team::{PerWorker, Pinned, Team, Worker},
    tune::Tuner,
};
use crate::{
    Graph, Keep, Look, MapRef, Node, Session, SessionError, Tensor, Value,
    session::demand_inputs,
    simd::{Observed, observing},
};
use profile::{Memory, nanos};
use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Instant,
};

/// A network prepared for the CPU.
pub struct CpuSession {
    graph: Graph,
    steps: Vec<Step>,
    plan: MemoryPlan,
    /// All activations; steps point into it, so it is never resized.
    arena: AlignedBuffer,
    scratch: PerWorker<AlignedBuffer>,
    memory: Memory,
    team: Team,
    note: String,
}

impl CpuSession {
    /// Chooses kernels, packs weights and plans buffers.
    ///
    /// # Errors
    /// Where the system refuses a thread, or `options.stop` is set meanwhile; the kernels chosen so far are
    /// remembered.
    pub fn prepare(graph: &Graph, options: CpuOptions) -> Result<Self, SessionError> {
        let tuner = Tuner::new(graph, &options);
        let session = Self::assemble(graph, &options, &tuner);
        let unsaved = tuner.save().err();
        let mut session = session?;
        let unpinned = match session.team.pinned() {
            Pinned::Refused(answer) => {
                Some(format!("threads are not pinned to processors ({answer})"))
            }
            Pinned::All | Pinned::NotAsked => None,
        };
        let notes = unpinned.into_iter().chain(unsaved);
        session.note = notes.collect::<Vec<_>>().join("; ");
        Ok(session)
    }

    /// Whether every worker is pinned to a processor: not all systems allow it.
    pub fn pinned(&self) -> bool {
        *self.team.pinned() == Pinned::All
    }

    /// What went wrong that does not keep it from running, if anything.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// The null device: the same buffers, workers, steps and barriers, but kernels that do nothing.
    /// What it takes is what the harness itself costs.
    ///
    /// # Errors
    /// Where the system refuses a thread.
    pub fn null(graph: &Graph, options: CpuOptions) -> Result<Self, SessionError> {
        Self::assemble(graph, &options, &Null)
    }

    /// A session whose kernels `choose` chooses.
    fn assemble(
        graph: &Graph,
        options: &CpuOptions,
        choose: &impl Choose,
    ) -> Result<Self, SessionError> {
        let mut team = Team::new(options.threads, &options.processors).map_err(NoThread::from)?;
        let plan = MemoryPlan::new(graph, options.keep);
        let mut arena = AlignedBuffer::zeros(plan.len);
        let assembly = Assembly {
            graph,
            options,
            plan: &plan,
            arena: arena.as_mut_ptr(),
            team: &mut team,
            choose,
        };
        // SAFETY: the arena is as long as the plan, and nobody has it yet.
        let steps = unsafe { assembly.steps()? };
        let most = steps.iter().map(Step::scratch).max().unwrap_or(0);
        let scratch = team.per_worker(|| AlignedBuffer::zeros(most));
        let bytes = |floats: usize| (floats * size_of::<f32>()) as u64;
        let memory = Memory {
            weights: steps.iter().flat_map(Step::kernels).map(|k| k.bytes() as u64).sum(),
            activations: bytes(arena.len()),
            scratch: options.threads as u64 * bytes(most.next_multiple_of(LINE)),
        };
        let (graph, note) = (graph.clone(), String::new());
        Ok(Self { graph, steps, plan, arena, scratch, memory, team, note })
    }

    /// Bytes of the arena that [`CpuSession::prepare`] would allocate for activations.
    pub fn activation_bytes(graph: &Graph, keep: Keep) -> u64 {
        MemoryPlan::new(graph, keep).len as u64 * 4
    }

    /// Runs the network once and tells `observer` what its kernels do, and `ended` the nodes of each step when they
    /// have run. For a session of one worker with [traced lanes](crate::simd::Isa::traced): what others do is not heard
    /// of.
    pub fn run_observed(&mut self, observer: Observed, ended: &mut dyn FnMut(Range<usize>)) {
        observing(observer, || {
            self.run_steps(RunMode::Free, &mut |moment| {
                if let StepEvent::Ends(step) = moment {
                    ended(step.nodes());
                }
                true
            });
        });
    }

    /// Where a value is.
    fn map(&self, value: Value) -> Map {
        let Place { offset, layout } = self.plan.place(value);
        Map { from: self.arena.as_ptr().wrapping_add(offset), layout }
    }

    /// All nodes' maps.
    fn maps(&self) -> Vec<Maps> {
        let of_node = |(i, node): (usize, &Node)| {
            let output = Value::of_node(i);
            let over = |v: &Value| !node.view && self.plan.place(*v) == self.plan.place(output);
            Maps {
                inputs: node.inputs.iter().map(|&v| self.map(v)).collect(),
                output: self.map(output),
                over: node.inputs.iter().map(over).collect(),
            }
        };
        self.graph.nodes.iter().enumerate().map(of_node).collect()
    }

    /// Runs all steps, and puts into `times` what each node took, nanoseconds; returns the whole run's.
    fn time(&mut self, pace: RunMode, times: &mut [u64]) -> u64 {
        self.steps.iter().for_each(|step| step.time_nodes(true));
        let start = Instant::now();
        let mut before = start;
        self.run_steps(pace, &mut |moment| {
            let now = Instant::now();
            if let StepEvent::Ends(step) = moment {
                times[step.nodes().end - 1] = nanos(now - before);
            }
            before = now;
            true
        });
        let whole = nanos(start.elapsed());
        for step in &self.steps {
            step.time_nodes(false);
            step.share_time(&mut times[step.nodes()]);
        }
        whole
    }

    /// Runs all steps, and tells `look` of each, on the calling thread. At [`RunMode::Halted`], `look` says
    /// whether to go on.
    fn run_steps(&mut self, pace: RunMode, look: &mut dyn FnMut(StepEvent<'_>) -> bool) {
        let ended = AtomicBool::new(false);
        let walk = Run { steps: &self.steps, pace, scratch: &self.scratch, ended };
        self.team.run_led(
            |worker| {
                walk.run(worker, |moment| {
                    if !look(moment) {
                        walk.ended.store(true, Relaxed);
                    }
                });
            },
            &|worker| walk.run(worker, |_| ()),
        );
    }
}

/// A run of all steps, as its workers share it.
struct Run<'a> {
    steps: &'a [Step],
    pace: RunMode,
    scratch: &'a PerWorker<AlignedBuffer>,
    /// Whether whoever looked wants no more.
    ended: AtomicBool,
}

impl Run<'_> {
    /// What a worker does of it.
    fn run(&self, worker: &mut Worker<'_>, mut tell: impl FnMut(StepEvent<'_>)) {
        for step in self.steps {
            if self.pace == RunMode::Warm {
                // SAFETY: the maps lie in the arena, and no kernel runs.
                unsafe { prefetch(step.maps(), worker.team_size(), worker.index()) };
                worker.wait();
                tell(StepEvent::Starts);
            }
            if !step.is_empty() {
                let index = worker.index();
                // SAFETY: the plan gave disjoint room to values that live at once, but for what is done in
                // place; the barrier ends a step before the next; there is scratch memory for every step.
                self.scratch.with(worker, |own| unsafe { step.run(index, own.as_mut_slice()) });
                worker.wait();
                step.reset(index);
            }
            tell(StepEvent::Ends(step));
            if self.pace == RunMode::Halted {
                worker.wait();
                // The barrier orders it.
                if self.ended.load(Relaxed) {
                    return;
                }
            }
        }
    }
}

/// What workers do between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RunMode {
    /// Nothing.
    Free,
    /// They wait until worker 0 has looked at what the step left.
    Halted,
    /// They read the maps of the step that comes, and wait for each other.
    Warm,
}

/// What worker 0 tells of a run.
#[derive(Clone, Copy)]
enum StepEvent<'a> {
    /// A step starts; only told at [`RunMode::Warm`].
    Starts,
    /// A step was done by all.
    Ends(&'a Step),
}

/// Where a value is in the arena.
#[derive(Clone, Copy)]
struct Map {
    from: *const f32,
    layout: Layout,
}

// SAFETY: only [`Map::read`] reads it, and its caller vouches for the memory.
unsafe impl Send for Map {}
// SAFETY: as above.
unsafe impl Sync for Map {}

impl Map {
    /// What it is now.
    ///
    /// # Safety
    /// As long as the borrow lasts the arena is there, and nobody writes the value.
    unsafe fn read<'a>(self) -> MapRef<'a> {
        let Self { from, layout } = self;
        // SAFETY: the plan reserved as many elements there; the caller vouches for the rest.
        let data = unsafe { std::slice::from_raw_parts(from, layout.span()) };
        MapRef::new(layout, data)
    }
}

/// A node's maps.
struct Maps {
    inputs: Vec<Map>,
    output: Map,
    /// For each input, whether the output takes its place.
    over: Vec<bool>,
}

impl Maps {
    /// Whether the output takes the place of an input.
    fn in_place(&self) -> bool {
        self.over.contains(&true)
    }

    /// The inputs, of which `before` is what the output took the place of, and the output.
    ///
    /// # Safety
    /// As [`Map::read`], for all of them.
    unsafe fn read<'a>(&self, before: Option<&'a Tensor>) -> (Vec<MapRef<'a>>, MapRef<'a>) {
        let input = |(map, over): (&Map, &bool)| match before.filter(|_| *over) {
            Some(before) => before.as_map(),
            // SAFETY: passed on from the caller.
            None => unsafe { map.read() },
        };
        // SAFETY: as above.
        (self.inputs.iter().zip(&self.over).map(input).collect(), unsafe { self.output.read() })
    }
}

impl Session for CpuSession {
    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn kernels(&self) -> Vec<String> {
        self.steps.iter().flat_map(Step::names).collect()
    }

    fn executed_flops(&self) -> Vec<Option<u64>> {
        self.steps.iter().flat_map(Step::kernels).map(Kernel::executed_flops).collect()
    }

    fn tolerances(&self) -> Vec<f64> {
        self.steps.iter().flat_map(Step::kernels).map(Kernel::tolerance).collect()
    }

    fn in_place(&self) -> Vec<bool> {
        self.maps().iter().map(Maps::in_place).collect()
    }

    fn memory(&self) -> Option<Memory> {
        Some(self.memory)
    }

    fn set_inputs(&mut self, inputs: &[Tensor]) -> Result<(), SessionError> {
        demand_inputs(&self.graph, inputs)?;
        let arena = self.arena.as_mut_ptr();
        for (i, input) in inputs.iter().enumerate() {
            let at = self.plan.place(Value::Input(i)).offset;
            // SAFETY: the plan reserved the input's elements at its offset; no run is under way.
            unsafe {
                arena.add(at).copy_from_nonoverlapping(input.data().as_ptr(), input.data().len());
            }
        }
        Ok(())
    }

    fn run(&mut self) -> Result<u64, SessionError> {
        let start = Instant::now();
        self.run_steps(RunMode::Free, &mut |_| true);
        Ok(nanos(start.elapsed()))
    }

    fn run_timed(&mut self, times: &mut [u64]) -> Result<u64, SessionError> {
        Ok(self.time(RunMode::Free, times))
    }

    fn run_warm(&mut self, times: &mut [u64]) -> Result<bool, SessionError> {
        self.time(RunMode::Warm, times);
        Ok(true)
    }

    /// Nodes that run in bands are shown together, when both have run.
    fn run_each(&mut self, inputs: &[Tensor], look: &mut Look<'_>) -> Result<(), SessionError> {
        self.set_inputs(inputs)?;
        let maps = self.maps();
        let mut looked = Ok(Ok(()));
        // What the node that comes next writes over.
        let mut before = None;
        self.run_steps(RunMode::Halted, &mut |moment| {
            let StepEvent::Ends(step) = moment else { return true };
            let nodes = step.nodes();
            let look_at = |i: usize| {
                // SAFETY: these nodes have run, their maps live, and all workers wait.
                let (inputs, output) = unsafe { maps[i].read(before.as_ref()) };
                look(i, &inputs, output)
            };
            // A panic waits until the workers are done with the run.
            looked = catch_unwind(AssertUnwindSafe(|| nodes.clone().try_for_each(look_at)));
            let next = maps.get(nodes.end).filter(|next| next.in_place());
            // SAFETY: the node before has run, and all workers wait.
            before = next.map(|next| unsafe { next.output.read() }.to_tensor());
            matches!(looked, Ok(Ok(())))
        });
        looked.unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn fetch(&mut self, node: usize) -> Result<Tensor, SessionError> {
        // SAFETY: no run is under way, and the session is borrowed while its map is.
        Ok(unsafe { self.map(Value::of_node(node)).read() }.to_tensor())
    }
}
