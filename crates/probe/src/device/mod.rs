//! The devices of this machine, one file each.

mod cpu;
#[cfg(feature = "gpu")]
mod gpu;

use crate::args::{Choice, DeviceArgs};
use ops::{Graph, GraphBuilder, GraphError, Keep, Session, SessionError, Unary, UnaryFn, Value};
use profile::{Device, Machine, Overhead, Shape, Timing};
use report::stats::Estimate;
use std::{panic::resume_unwind, thread};

/// A device that networks can be run on.
pub trait Target: Sync {
    /// What it is.
    fn device(&self) -> &Device;

    /// Threads that run a network on it.
    fn threads(&self) -> usize;

    /// Whether they are pinned to processors.
    fn pinned(&self) -> bool;

    /// Makes `graph` ready to run.
    ///
    /// # Errors
    /// Where the device is lost, or cannot hold the network.
    fn prepare(&self, graph: &Graph, keep: Keep) -> anyhow::Result<Box<dyn Prepared>>;
}

/// A network ready to run on a device.
pub trait Prepared {
    /// The network.
    fn session(&mut self) -> &mut dyn Session;

    /// How its operators are timed; asked after the last run, because a run may find a clock unfit.
    fn timing(&self) -> Timing;

    /// What the harness itself costs.
    ///
    /// # Errors
    /// Where the device is lost.
    fn overhead(&mut self) -> anyhow::Result<Overhead>;
}

/// Runs `job` on a thread of its own, and waits for it. A session of the CPU pins the thread that
/// prepares it; whoever measures next, such as a driver that renders on the processor, must not
/// inherit that.
pub fn on_own_thread<T: Send>(job: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(job).join()).unwrap_or_else(|panic| resume_unwind(panic))
}

/// The devices asked for, the CPU first: what follows is compared with it.
///
/// # Errors
/// Where a device asked for by name is not there.
pub fn open(args: &DeviceArgs, machine: &Machine) -> anyhow::Result<Vec<Box<dyn Target>>> {
    let mut targets: Vec<Box<dyn Target>> = Vec::new();
    if args.device != Choice::Gpu {
        for &threads in &args.threads {
            targets.push(Box::new(cpu::Cpu::open(args, threads, machine)?));
        }
    }
    if args.device != Choice::Cpu {
        targets.extend(open_gpu(args)?);
    }
    Ok(targets)
}

/// Instrumented runs from which the harness's cost is known.
const NULL_RUNS: usize = 100;

/// Median time of an instrumented run, nanoseconds.
fn instrumented(session: &mut dyn Session) -> Result<f64, SessionError> {
    let mut times = vec![0; session.graph().nodes.len()];
    let runs = (0..NULL_RUNS).map(|_| session.run_timed(&mut times));
    let runs: Vec<u64> = runs.collect::<Result<_, _>>()?;
    Ok(Estimate::of(&runs).map_or(0.0, |e| e.median))
}

/// A network of `nodes` operators, each on four numbers.
fn tiny(nodes: usize) -> Result<Graph, GraphError> {
    let mut b = GraphBuilder::new("tiny", Shape::new(1, 4, 1, 1));
    let relu = |x, i| b.push(format!("relu{i}"), Unary(UnaryFn::Relu), &[x]);
    let output = (0..nodes).try_fold(Value::INPUT, relu)?;
    Ok(b.finish(output))
}

/// The GPU; where there is none and nobody insists, one line says so and what to do.
#[cfg(feature = "gpu")]
fn open_gpu(args: &DeviceArgs) -> anyhow::Result<Option<Box<dyn Target>>> {
    match gpu::Gpu::open(args) {
        Ok(gpu) => Ok(Some(Box::new(gpu))),
        Err(e) if args.device == Choice::Gpu || args.adapter.is_some() => Err(e),
        Err(e) => {
            eprintln!("{e}; going on with the CPU alone");
            Ok(None)
        }
    }
}

/// This build has none.
#[cfg(not(feature = "gpu"))]
fn open_gpu(args: &DeviceArgs) -> anyhow::Result<Option<Box<dyn Target>>> {
    anyhow::ensure!(
        args.device != Choice::Gpu && args.adapter.is_none(),
        "this build has no GPU: build it with the feature `gpu`, which is on by default"
    );
    Ok(None)
}
