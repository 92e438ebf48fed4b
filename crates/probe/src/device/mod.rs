//! The devices of this machine, one file each.

mod cpu;
#[cfg(feature = "gpu")]
mod gpu;

use crate::{
    args::{Choice, DeviceArgs},
    calibrate::{Store, key},
    output::cache_file,
};
use anyhow::ensure;
use ops::{
    Graph, GraphBuilder, GraphError, Keep, Session, SessionError, Tune, Unary, UnaryFn, Value,
};
use profile::{Calibration, Device, Machine, Overhead, Shape, Timing};
use report::{screen, stats::Estimate};
use std::{panic::resume_unwind, thread};

/// A device that networks can be run on.
pub trait Target: Sync {
    /// What it is.
    fn device(&self) -> &Device;

    /// Threads that run a network on it.
    fn threads(&self) -> usize;

    /// Whether they are pinned to processors.
    fn pinned(&self) -> bool;

    /// Measures what it can do at most; `None` where that would mean nothing. Takes seconds, and may
    /// pin the calling thread.
    ///
    /// # Errors
    /// Where the device is lost.
    fn calibrate(&self) -> anyhow::Result<Option<Calibration>>;

    /// Where its calibration is kept.
    fn calibration(&mut self) -> &mut Option<Calibration>;

    /// What it can do at most, where that is known.
    fn ceilings(&self) -> Option<&Calibration>;

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

    /// What the harness itself costs; asked last, for it ends the session.
    ///
    /// # Errors
    /// Where the device is lost.
    fn overhead(self: Box<Self>) -> anyhow::Result<Overhead>;
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
/// Where a device asked for by name is not there, or an option is for none of those asked for.
pub fn open(args: &DeviceArgs, machine: &Machine) -> anyhow::Result<Vec<Box<dyn Target>>> {
    refuse_ignored(args)?;
    let mut targets: Vec<Box<dyn Target>> = Vec::new();
    if args.device != Choice::Gpu {
        for &threads in &args.threads {
            targets.push(Box::new(cpu::Cpu::open(args, threads, machine)?));
        }
    }
    if args.device != Choice::Cpu {
        targets.extend(open_gpu(args, machine)?);
    }
    Ok(targets)
}

/// Refuses an option that no device asked for takes: it would be ignored without a word.
fn refuse_ignored(args: &DeviceArgs) -> anyhow::Result<()> {
    let owned = [
        ("--adapter", args.adapter.is_some(), Choice::Gpu, "a GPU"),
        ("--isa", args.isa.is_some(), Choice::Cpu, "the CPU"),
        ("--threads", args.threads != [1], Choice::Cpu, "the CPU"),
    ];
    for (option, given, owner, whose) in owned {
        ensure!(
            !given || [Choice::All, owner].contains(&args.device),
            "{option} is for {whose}, which --device leaves out: drop one of the two"
        );
    }
    Ok(())
}

/// Gives each of `targets` its calibration, unless the command line says otherwise: what was not
/// measured on this machine before is measured now.
///
/// # Errors
/// Where a device is lost.
pub fn calibrate_all(
    targets: &mut [Box<dyn Target>],
    args: &DeviceArgs,
    machine: &Machine,
) -> anyhow::Result<()> {
    if args.no_calibration {
        return Ok(());
    }
    targets.iter_mut().try_for_each(|target| calibrate(target.as_mut(), machine, false))
}

/// Gives `target` its calibration: the one that is remembered or, where there is none or `again`, a new
/// one. One that cannot be remembered is told and used.
///
/// # Errors
/// Where the device is lost.
pub fn calibrate(target: &mut dyn Target, machine: &Machine, again: bool) -> anyhow::Result<()> {
    let store = Store::of_user();
    let key = key(target.device(), machine, target.threads());
    let remembered = store.get(&key).filter(|_| !again);
    let calibration = match remembered {
        Some(calibration) => Some(calibration),
        None => {
            screen::tell(format_args!("calibrating {} …", target.device().place(target.threads())));
            let measured = on_own_thread(|| target.calibrate())?;
            if let Some(Err(e)) = measured.as_ref().map(|c| store.put(key, c)) {
                screen::tell(format_args!("warning: this calibration will be measured again: {e}"));
            }
            measured
        }
    };
    *target.calibration() = calibration;
    Ok(())
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

/// How kernels are chosen; `file` of the user's cache folder remembers those that won a trial.
fn tune(args: &DeviceArgs, file: &str) -> Tune {
    if args.no_tune { Tune::OFF } else { Tune::on(cache_file(file).as_deref()) }
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
fn open_gpu(args: &DeviceArgs, machine: &Machine) -> anyhow::Result<Option<Box<dyn Target>>> {
    match gpu::Gpu::open(args, machine) {
        Ok(gpu) => Ok(Some(Box::new(gpu))),
        Err(e) if args.device == Choice::Gpu || args.adapter.is_some() => Err(e),
        Err(e) => {
            screen::tell(format_args!("{e}; going on with the CPU alone"));
            Ok(None)
        }
    }
}

/// This build has none.
#[cfg(not(feature = "gpu"))]
fn open_gpu(args: &DeviceArgs, _: &Machine) -> anyhow::Result<Option<Box<dyn Target>>> {
    ensure!(
        args.device != Choice::Gpu && args.adapter.is_none(),
        "this build has no GPU: build it with the feature `gpu`, which is on by default"
    );
    Ok(None)
}
