//! Networks traced on modelled devices, on as many threads as there are processors.

use crate::{
    device::{OnBoard, Target},
    progress::Progress,
};
use ops::{Graph, Keep};
use profile::{Level, Modelled};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use zoo::Options;

/// Seed of weights and inputs, which no count depends on.
const SEED: u64 = 0;

/// A network and a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job {
    /// The network as the zoo names it.
    pub model: String,
    /// Height and width of its input, where they are not its own.
    pub edge: Option<usize>,
    /// How far it is lowered.
    pub level: Level,
    /// `CORE@BOARD`.
    pub device: String,
}

/// What was traced.
pub type Traces = BTreeMap<Job, Trace>;

/// A network's operators on a device.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The network.
    pub graph: Graph,
    /// Each operator's time, nanoseconds, and what it did.
    pub operators: Vec<(u64, Modelled)>,
}

impl Trace {
    /// The run, milliseconds.
    pub fn ms(&self) -> f64 {
        self.operators.iter().map(|(ns, _)| *ns as f64).sum::<f64>() / 1e6
    }
}

/// Traces all `jobs`.
///
/// # Errors
/// Where one cannot be built or run.
pub fn all(jobs: Vec<Job>) -> anyhow::Result<Traces> {
    let graphs = jobs.iter().map(Job::graph).collect::<anyhow::Result<Vec<Graph>>>()?;
    let next = AtomicUsize::new(0);
    let progress = Mutex::new(Progress::over(&graphs, 1));
    let work = || -> anyhow::Result<Vec<(Job, Trace)>> {
        let mut done = Vec::new();
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            tell(&progress, |bar| bar.begin(format!("{} on {}", job.model, job.device)));
            done.push((job.clone(), job.trace()?));
            tell(&progress, Progress::end);
        }
        Ok(done)
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let parts: Vec<anyhow::Result<_>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|p| std::panic::resume_unwind(p)))
            .collect()
    });
    tell(&progress, |bar| bar.finish());
    let mut traces = Traces::new();
    for part in parts {
        traces.extend(part?);
    }
    Ok(traces)
}

/// Does what changes the bar.
fn tell(progress: &Mutex<Progress>, change: impl FnOnce(&mut Progress)) {
    if let Ok(mut bar) = progress.lock() {
        change(&mut bar);
    }
}

impl Job {
    /// The network.
    ///
    /// # Errors
    /// Where the zoo has none.
    pub fn graph(&self) -> anyhow::Result<Graph> {
        let input = self.edge.map(|edge| (edge, edge));
        Ok(zoo::build(&self.model, Options { input, ..Options::default() })?.at(self.level))
    }

    /// Runs it.
    fn trace(&self) -> anyhow::Result<Trace> {
        let graph = self.graph()?;
        let device = OnBoard::open(&self.device, SEED)?;
        let mut prepared = device.prepare(&graph, Keep::Output)?;
        let mut times = vec![0; graph.nodes.len()];
        let session = prepared.session();
        session.set_inputs(&graph.drawn_inputs(SEED))?;
        session.run_timed(&mut times)?;
        let operators = times.into_iter().zip(prepared.modelled()).collect();
        Ok(Trace { graph, operators })
    }
}
