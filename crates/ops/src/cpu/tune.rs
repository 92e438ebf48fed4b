//! Choosing among the kernels that fit a node: by a short trial of each, or by the table's order.
//!
//! A kernel that is tried again and again finds its weights in the nearest cache. In a network they
//! have been pushed out by all that ran since. So between two runs of a trial as many bytes are read
//! as the network touches between two runs of the node, and then the node's maps: in a network the inputs
//! were just written, and the output takes the place of a map that was read not long ago.

use super::{
    bands::Bands,
    kernel::{Candidate, Io, Kernel, Layout, Site},
    lines::Lines,
    near::{Span, bring},
    session::{CpuOptions, nanos},
    tasks::Tasks,
    team::Team,
};
use crate::{Graph, Node, SessionError, Stop, Tune, simd::Isa};
use fnv::FnvHasher;
use std::{cell::OnceCell, fmt, hash::Hasher, hint::black_box, time::Instant};

/// Grows when kernels change so that others may win: earlier winners are then forgotten.
const VERSION: u32 = 22;

/// Runs of a kernel that count; the fastest does.
const TRIALS: usize = 5;

/// A kernel whose run after the first takes so many times the best one's is not tried further.
const HOPELESS: u64 = 2;

/// By how many percent a kernel must be faster than one that stands before it: less is noise.
const MARGIN: u64 = 5;

/// Most bytes read between two runs: more than what last-level caches hold for one core.
const MOST_BETWEEN: u64 = 64 << 20;

/// What is remembered of a pair of nodes that may run in bands.
const IN_BANDS: &str = "in bands";
const APART: &str = "apart";

/// Whether what takes `ns` is faster by enough than what takes `least` and stands before it.
const fn pays(ns: u64, least: u64) -> bool {
    ns.saturating_mul(100) < least.saturating_mul(100 - MARGIN)
}

/// Chooses kernels for the nodes of one session.
pub(super) struct Tuner {
    tune: Tune,
    /// What the choices hold for: version of the kernels, instruction set, threads.
    device: String,
    threads: usize,
    /// Floats read between two runs, and what they are read from, once it is needed.
    between: (usize, OnceCell<Lines>),
    /// Whether to stop trying.
    stop: Stop,
}

impl Tuner {
    /// A tuner for a session of `graph`.
    pub fn new(graph: &Graph, options: &CpuOptions) -> Self {
        let CpuOptions { isa, threads, ref tune, ref stop, .. } = *options;
        tune.keep_only(&format!("{VERSION} "));
        let touched = graph.cost().access.elements().min(MOST_BETWEEN / 4);
        Self {
            tune: tune.clone(),
            device: format!("{VERSION} {isa} {threads} threads"),
            threads,
            between: (touched as usize, OnceCell::new()),
            stop: stop.clone(),
        }
    }

    /// The best kernel for a node, prepared, and its name.
    ///
    /// # Errors
    /// Where it is to stop.
    ///
    /// # Safety
    /// `io` points at operands laid out as the site says, which nobody else uses meanwhile. What
    /// the output holds is lost.
    pub unsafe fn choose(
        &self,
        team: &mut Team,
        node: &Node,
        site: &Site<'_>,
        io: &Io,
    ) -> Result<(String, Box<dyn Kernel>), SessionError> {
        self.stop.check()?;
        let contenders = contenders(node, site);
        let ready = |i: usize| (contenders[i].name.clone(), contenders[i].prepare());
        if !self.tune.is_on() || contenders.len() == 1 {
            return Ok(ready(0));
        }
        let Site { inputs, output, epilogue, .. } = site;
        let key = self.key(&(&node.op, inputs, output, epilogue));
        let known = self.tune.get(&key);
        if let Some(known) = known.and_then(|k| contenders.iter().position(|c| c.name == k)) {
            return Ok(ready(known));
        }
        let maps = spans(io, inputs, *output);
        let mut best = ready(0);
        let mut time = |kernel: &dyn Kernel, least| {
            // SAFETY: the caller's promise.
            unsafe { self.time(team, &[(kernel, *io)], &maps, least) }
        };
        let mut least = time(&*best.1, u64::MAX)?;
        for i in 1..contenders.len() {
            let contender = ready(i);
            let ns = time(&*contender.1, least)?;
            if pays(ns, least) {
                // All runs of the one so far may have met a slow moment: it has a second chance.
                least = least.min(time(&*best.1, ns)?);
            }
            if pays(ns, least) {
                (least, best) = (ns, contender);
            }
        }
        self.tune.put(key, &best.0);
        Ok(best)
    }

    /// Whether the two nodes of `bands`, which are named `nodes`, are faster in bands than one after
    /// the other. `io` is where the operands of the second are.
    ///
    /// # Errors
    /// Where it is to stop.
    ///
    /// # Safety
    /// The operands of both nodes are laid out as their kernels were told, and nobody else uses them
    /// meanwhile. What the outputs hold is lost.
    pub unsafe fn bands_pay(
        &self,
        team: &mut Team,
        nodes: [&Node; 2],
        maps: [Layout; 3],
        bands: &Bands,
        io: Io<'_>,
    ) -> Result<bool, SessionError> {
        if !self.tune.is_on() {
            return Ok(bands.should_pay());
        }
        let [first, second] = nodes.map(|node| (&node.op, node.epilogue));
        let key = self.key(&(first, second, maps));
        if let Some(known) = self.tune.get(&key) {
            return Ok(known == IN_BANDS);
        }
        let (first, second) = bands.apart();
        let maps = spans(&Io { output: io.output, ..first.1 }, &maps[..1], maps[2]);
        // SAFETY: the caller's promise.
        let [apart, together] = unsafe {
            let apart = self.time(team, &[first, (second, io)], &maps, u64::MAX)?;
            [apart, self.time(team, &[(bands, io)], &maps, apart)?]
        };
        let pays = pays(together, apart);
        self.tune.put(key, if pays { IN_BANDS } else { APART });
        Ok(pays)
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
    /// As for [`Self::choose`].
    unsafe fn time(
        &self,
        team: &mut Team,
        kernels: &[(&dyn Kernel, Io<'_>)],
        maps: &[Span],
        least: u64,
    ) -> Result<u64, SessionError> {
        let most = kernels.iter().map(|(kernel, _)| kernel.scratch()).max().unwrap_or(0);
        let mut scratch = vec![Lines::zeros(most); self.threads];
        let shared = Scratch(scratch.as_mut_ptr());
        let tasks: Vec<Tasks> =
            kernels.iter().map(|(kernel, _)| Tasks::new(kernel.tasks(), self.threads)).collect();
        let threads = self.threads;
        let mut run = || {
            self.stop.check()?;
            self.forget();
            // Wakes the workers, too.
            team.run(&|worker| {
                // SAFETY: the caller vouches for the maps, which no kernel uses now.
                unsafe { bring(maps, threads, worker) };
            });
            let start = Instant::now();
            for ((kernel, io), tasks) in kernels.iter().zip(&tasks) {
                team.run(&|worker| {
                    let shared = &shared;
                    // SAFETY: each worker has a piece of scratch memory of its own.
                    let scratch = unsafe { &mut *shared.0.add(worker) }.as_mut_slice();
                    // SAFETY: the caller's promise; each task is given to one worker.
                    tasks.each(worker, |task| unsafe { kernel.run(io, task, scratch) });
                });
            }
            let ns = nanos(start);
            let workers = (0..self.threads).flat_map(|w| tasks.iter().map(move |t| (w, t)));
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
        let between = buffer.get_or_init(|| Lines::zeros(*floats));
        // SAFETY: the buffer is there; nobody writes it.
        let between = unsafe { std::slice::from_raw_parts(between.as_ptr(), between.len()) };
        black_box(between.iter().sum::<f32>());
    }

    /// Keeps the choices; the reason where that fails.
    pub fn save(&self) -> Result<(), String> {
        self.tune.save()
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
    fn prepare(&self) -> Box<dyn Kernel> {
        self.candidate.prepare(&self.site)
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

/// Pieces of scratch memory, one a worker.
struct Scratch(*mut Lines);

// SAFETY: element `w` is used by worker `w` alone.
unsafe impl Sync for Scratch {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conv2d, GraphBuilder, Value};
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
        let tuner = Tuner::new(&b.finish(y), &options);
        let kernel = Impatient { runs: AtomicUsize::new(0), stop: flag };
        let io = Io { inputs: &[], output: std::ptr::null_mut() };
        let mut team = Team::new(1, false).unwrap();
        // SAFETY: the kernel touches nothing.
        let timed = unsafe { tuner.time(&mut team, &[(&kernel, io)], &[], u64::MAX) };
        assert!(matches!(timed, Err(SessionError::Interrupted)), "{timed:?}");
        assert_eq!(kernel.runs.load(Relaxed), 3);
    }
}
