//! Choosing among the kernels that fit a node: by a short trial of each, or by the table's order.
//!
//! A kernel that is tried again and again finds its weights in the nearest cache. In a network they
//! have been pushed out by all that ran since. So between two runs of a trial as many bytes are read
//! as the network touches between two runs of the node, and then the node's maps: in a network the inputs
//! were just written, and the output takes the place of a map that was read not long ago.

use super::{
    aligned_buffer::AlignedBuffer,
    assembly::{Choose, Chosen, Spot},
    bands::Bands,
    kernel::{Candidate, Io, Kernel, Site},
    layout::Layout,
    machine::L3_ALONE,
    options::CpuOptions,
    prefetch::{Span, prefetch},
    tasks::Tasks,
    team::Team,
};
use crate::{Graph, Node, SessionError, simd::Isa};
use fnv::FnvHasher;
use profile::nanos;
use std::{cell::OnceCell, fmt, hash::Hasher, hint::black_box, time::Instant};

/// Grows when kernels change so that others may win: earlier winners are then forgotten.
const VERSION: u32 = 22;

/// Runs of a kernel that count; the fastest does.
const TRIALS: usize = 5;

/// A kernel whose run after the first takes so many times the best one's is not tried further.
const HOPELESS: u64 = 2;

/// By how many percent a kernel must be faster than one that stands before it: less is noise.
const MARGIN: u64 = 5;

/// What is remembered of a pair of nodes that may run in bands.
const IN_BANDS: &str = "in bands";
const APART: &str = "apart";

/// Whether what takes `ns` is faster by enough than what takes `least` and stands before it.
const fn pays(ns: u64, least: u64) -> bool {
    ns.saturating_mul(100) < least.saturating_mul(100 - MARGIN)
}

/// Chooses kernels for the nodes of one session.
pub(super) struct Tuner<'a> {
    graph: &'a Graph,
    options: &'a CpuOptions,
    /// What the choices hold for: version of the kernels, instruction set, threads.
    device: String,
    /// Floats read between two runs, and what they are read from, once it is needed.
    between: (usize, OnceCell<AlignedBuffer>),
}

impl Choose for Tuner<'_> {
    unsafe fn kernel(&self, team: &mut Team, spot: &Spot<'_>) -> Result<Chosen, SessionError> {
        let &Spot { node, inputs, output, io } = spot;
        let CpuOptions { isa, threads, seed, .. } = *self.options;
        let weights = &self.graph.node_weights(node, seed);
        let site = Site { inputs, output, epilogue: node.epilogue, weights, isa, threads };
        self.options.stop.check()?;
        let contenders = contenders(node, &site);
        if !self.options.tune.is_on() || contenders.len() == 1 {
            return Ok(contenders[0].chosen());
        }
        let key = self.key(&(&node.op, &inputs, &output, &node.epilogue));
        let known = self.options.tune.get(&key);
        if let Some(known) = known.and_then(|k| contenders.iter().find(|c| c.name == k)) {
            return Ok(known.chosen());
        }
        // SAFETY: passed on from the caller.
        let best =
            unsafe { self.fastest(team, &contenders, spot.io, &spans(&io, inputs, output))? };
        self.options.tune.put(key, &best.0);
        Ok(best)
    }

    unsafe fn in_bands(
        &self,
        team: &mut Team,
        nodes: [&Node; 2],
        bands: &Bands,
    ) -> Result<bool, SessionError> {
        if !self.options.tune.is_on() {
            return Ok(bands.should_pay());
        }
        let [first, second] = nodes.map(|node| (&node.op, node.epilogue));
        let key = self.key(&(first, second, bands.layouts()));
        if let Some(known) = self.options.tune.get(&key) {
            return Ok(known == IN_BANDS);
        }
        let apart = bands.nodes().each_ref().map(|node| (&*node.kernel, node.places.io()));
        let maps = bands.maps();
        // SAFETY: passed on from the caller.
        let [apart, together] = unsafe {
            let apart = self.time(team, &apart, &maps, u64::MAX)?;
            [apart, self.time(team, &[(bands, bands.io())], &maps, apart)?]
        };
        let pays = pays(together, apart);
        self.options.tune.put(key, if pays { IN_BANDS } else { APART });
        Ok(pays)
    }
}

impl<'a> Tuner<'a> {
    /// A tuner for a session of `graph`.
    pub fn new(graph: &'a Graph, options: &'a CpuOptions) -> Self {
        let CpuOptions { isa, threads, tune, .. } = options;
        tune.keep_only(&format!("{VERSION} "));
        // More than a last-level cache holds for one core is forgotten anyway.
        let most = L3_ALONE / size_of::<f32>();
        let touched = graph.cost().access.elements().min(most as u64);
        let device = format!("{VERSION} {isa} {threads} threads");
        Self { graph, options, device, between: (touched as usize, OnceCell::new()) }
    }

    /// The fastest of some kernels, the first of those that are about as fast.
    ///
    /// # Errors
    /// Where it is to stop.
    ///
    /// # Safety
    /// As [`Choose::kernel`].
    unsafe fn fastest(
        &self,
        team: &mut Team,
        contenders: &[Contender<'_>],
        io: Io<'_>,
        maps: &[Span],
    ) -> Result<Chosen, SessionError> {
        let mut time = |kernel: &dyn Kernel, least| {
            // SAFETY: passed on from the caller.
            unsafe { self.time(team, &[(kernel, io)], maps, least) }
        };
        let mut best = contenders[0].chosen();
        let mut least = time(&*best.1, u64::MAX)?;
        for contender in &contenders[1..] {
            let contender = contender.chosen();
            let ns = time(&*contender.1, least)?;
            if pays(ns, least) {
                // All runs of the one so far may have met a slow moment: it has a second chance.
                least = least.min(time(&*best.1, ns)?);
            }
            if pays(ns, least) {
                (least, best) = (ns, contender);
            }
        }
        Ok(best)
    }

    /// What the choice for `site` is remembered by: spelled out, those of seventeen networks at two levels
    /// are 0.9 MB, which every run would hold.
    fn key(&self, site: &impl fmt::Debug) -> String {
        let mut hasher = FnvHasher::default();
        hasher.write(format!("{site:?}").as_bytes());
        format!("{} {:016x}", self.device, hasher.finish())
    }

    /// Nanoseconds of the fastest run of some kernels one after the other, or of their second where
    /// that is hopeless against `least`. They find `maps` in the caches.
    ///
    /// # Errors
    /// Where it is to stop: it looks before each run.
    ///
    /// # Safety
    /// As [`Choose::kernel`].
    unsafe fn time(
        &self,
        team: &mut Team,
        kernels: &[(&dyn Kernel, Io<'_>)],
        maps: &[Span],
        least: u64,
    ) -> Result<u64, SessionError> {
        let most = kernels.iter().map(|(kernel, _)| kernel.scratch()).max().unwrap_or(0);
        let scratch = team.per_worker(|| AlignedBuffer::zeros(most));
        let tasks: Vec<Tasks> = kernels
            .iter()
            .map(|(kernel, _)| Tasks::new(kernel.tasks(), self.options.threads))
            .collect();
        let mut run = || {
            self.options.stop.check()?;
            self.forget();
            // Wakes the workers, too.
            team.run(&|worker| {
                // SAFETY: the caller vouches for the maps, which no kernel uses now.
                unsafe { prefetch(maps, worker.team_size(), worker.index()) };
            });
            let start = Instant::now();
            for ((kernel, io), tasks) in kernels.iter().zip(&tasks) {
                team.run(&|worker| {
                    let index = worker.index();
                    scratch.with(worker, |scratch| {
                        let scratch = scratch.as_mut_slice();
                        // SAFETY: the caller's promise; each task is given to one worker.
                        tasks.each(index, |task| unsafe { kernel.run(io, task, scratch) });
                    });
                });
            }
            let ns = nanos(start.elapsed());
            let workers = (0..self.options.threads).flat_map(|w| tasks.iter().map(move |t| (w, t)));
            workers.for_each(|(worker, tasks)| tasks.reset(worker));
            Ok::<_, SessionError>(ns)
        };
        // The first run meets memory that was never touched.
        run()?;
        let second = run()?;
        if second > least.saturating_mul(HOPELESS) {
            return Ok(second);
        }
        (1..TRIALS).try_fold(second, |least, _| Ok(least.min(run()?)))
    }

    /// Pushes out of the caches what the kernel left there.
    fn forget(&self) {
        let (floats, buffer) = &self.between;
        let between = buffer.get_or_init(|| AlignedBuffer::zeros(*floats));
        // SAFETY: the buffer is there; nobody writes it.
        let between = unsafe { std::slice::from_raw_parts(between.as_ptr(), between.len()) };
        black_box(between.iter().sum::<f32>());
    }

    /// Keeps the choices; the reason where that fails.
    pub fn save(&self) -> Result<(), String> {
        self.options.tune.save()
    }
}

/// A kernel that fits a node, with the instruction set to make it for.
struct Contender<'a> {
    /// The kernel's name, and the instruction set's where it is not the one asked for.
    name: String,
    candidate: Candidate<'a>,
    site: Site<'a>,
}

impl Contender<'_> {
    fn chosen(&self) -> Chosen {
        (self.name.clone(), self.candidate.prepare(&self.site))
    }
}

/// All kernels that fit a node, those expected to be fastest first; there is always one.
fn contenders<'a>(node: &'a Node, site: &Site<'a>) -> Vec<Contender<'a>> {
    let of_set = |isa: Isa| {
        let own = isa == site.isa;
        let site = Site { isa, ..*site };
        let contender = move |candidate: Candidate<'a>| {
            let name = candidate.name;
            let name = if own { name.to_owned() } else { format!("{name}, {isa}") };
            Contender { name, candidate, site }
        };
        node.op.cpu(&site).into_iter().map(contender)
    };
    site.isa.contenders().into_iter().flat_map(of_set).collect()
}

/// The maps of `io`.
fn spans(io: &Io<'_>, inputs: &[Layout], output: Layout) -> Vec<Span> {
    let span = |(&from, layout): (&*const f32, &Layout)| Span { from, len: layout.span() };
    let output = Span { from: io.output.cast_const(), len: output.span() };
    io.inputs.iter().zip(inputs).map(span).chain([output]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conv2d, GraphBuilder, Stop, Tune, Value};
    use profile::Shape;
    use std::sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    };

    /// A kernel during whose third run somebody wants to stop.
    struct Impatient {
        runs: AtomicUsize,
        stop: Arc<AtomicBool>,
    }

    impl Kernel for Impatient {
        fn tasks(&self) -> usize {
            1
        }

        unsafe fn run(&self, _: &Io, _: usize, _: &mut [f32]) {
            self.stop.store(self.runs.fetch_add(1, Relaxed) == 2, Relaxed);
        }
    }

    #[test]
    fn a_trial_ends_with_the_run_in_which_it_is_to_stop() {
        let mut b = GraphBuilder::new("net", Shape::new(1, 4, 8, 8));
        let y = b.push("conv", Conv2d::new(4, 1), &[Value::INPUT]).unwrap();
        let flag = Arc::new(AtomicBool::new(false));
        let stop = Stop::once(Arc::clone(&flag));
        let options = CpuOptions { tune: Tune::on(None), stop, ..CpuOptions::default() };
        let graph = b.finish(y);
        let tuner = Tuner::new(&graph, &options);
        let kernel = Impatient { runs: AtomicUsize::new(0), stop: flag };
        let io = Io { inputs: &[], output: std::ptr::null_mut() };
        let mut team = Team::new(1, &[]).unwrap();
        // SAFETY: the kernel touches nothing.
        let timed = unsafe { tuner.time(&mut team, &[(&kernel, io)], &[], u64::MAX) };
        assert!(matches!(timed, Err(SessionError::Interrupted)), "{timed:?}");
        assert_eq!(kernel.runs.load(Relaxed), 3);
    }
}
