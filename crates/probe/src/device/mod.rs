//! The devices of this machine, one file each.

mod cache;
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;

use crate::{
    args::{Choice, DeviceArgs},
    calibrate::{Store, key},
    measure::Watch,
    output::cache_file,
};
use anyhow::ensure;
use ops::{
    Graph, GraphBuilder, GraphError, Keep, Session, SessionError, Tune, Unary, UnaryFn, Value,
    cpu::NoThread,
};
use profile::{Calibration, Device, Machine, Overhead, Shape, Timing};
use report::{ceilings, screen};
use stats::Estimate;
use std::{
    panic::resume_unwind,
    thread::{self, Builder},
    time::{Duration, Instant},
};

/// A device that networks can be run on.
pub trait Target: Sync {
    /// What it is.
    fn device(&self) -> &Device;

    /// Threads that run a network on it.
    fn threads(&self) -> usize;

    /// Refuses networks that it has no room for; what the machine's memory has no room for is refused
    /// before.
    ///
    /// # Errors
    /// In that case, with the size and the limit.
    fn demand(&self, _graphs: &[Graph]) -> anyhow::Result<()> {
        Ok(())
    }

    /// Who watches its work and makes times longer, whatever else the machine does; a reason each.
    fn watchers(&self) -> Vec<String> {
        Vec::new()
    }

    /// Measures what it can do at most; `None` where that would mean nothing. Takes seconds, and may
    /// pin the calling thread. `look` is called again and again meanwhile.
    ///
    /// # Errors
    /// Where the device is lost.
    fn calibrate(&self, look: &mut dyn FnMut()) -> anyhow::Result<Option<Calibration>>;

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

    /// Whether the threads that run it are pinned to a processor each.
    fn pinned(&self) -> bool;

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
///
/// # Errors
/// Those of `job`, and where the system refuses a thread.
pub fn on_own_thread<T: Send>(job: impl FnOnce() -> anyhow::Result<T> + Send) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let thread = Builder::new().spawn_scoped(scope, job).map_err(NoThread::from)?;
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// The devices asked for, the CPU first: what follows is compared with it. Nothing has run on them, and
/// each has room for `graphs`.
///
/// # Errors
/// Where a device asked for by name is not there or has no room for a network, or an option is for none of
/// those asked for.
pub fn open(
    args: &DeviceArgs,
    machine: &Machine,
    graphs: &[Graph],
) -> anyhow::Result<Vec<Box<dyn Target>>> {
    refuse_ignored(args)?;
    if let Some(caution) = cache::caution(args) {
        screen::tell(format_args!("warning: {caution}"));
    }
    let mut targets: Vec<Box<dyn Target>> = Vec::new();
    if args.device != Choice::Gpu {
        for &threads in &args.threads {
            targets.push(Box::new(cpu::Cpu::open(args, threads, machine)?));
        }
    }
    if args.device != Choice::Cpu {
        targets.extend(open_gpu(args, machine)?);
    }
    targets.iter().try_for_each(|target| target.demand(graphs))?;
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
/// one. One that was disturbed is measured anew as soon as nothing would disturb it. One that cannot be
/// remembered is told and used.
///
/// # Errors
/// Where the device is lost.
pub fn calibrate(target: &mut dyn Target, machine: &Machine, again: bool) -> anyhow::Result<()> {
    let store = Store::of_user();
    let key = key(target.device(), machine, target.threads());
    let busy = || on_own_thread(|| Ok(busy(target)));
    let calibration = match store.get(&key).filter(|_| !again) {
        Some(remembered) if !outdated(&remembered, busy)? => Some(remembered),
        _ => {
            screen::tell(format_args!("calibrating {} …", target.device().place(target.threads())));
            let measured = on_own_thread(|| measured(target))?;
            if let Some(Err(e)) = measured.as_ref().map(|c| store.put(key, c)) {
                screen::tell(format_args!("warning: this calibration will be measured again: {e}"));
            }
            measured
        }
    };
    if let Some(caution) = calibration.as_ref().and_then(ceilings::caution) {
        screen::tell(format_args!(
            "warning: {caution} They are measured anew at the next start that finds it quiet."
        ));
    }
    *target.calibration() = calibration;
    Ok(())
}

/// Whether a remembered calibration should be measured anew: it was disturbed, and now nothing would disturb
/// it, as `busy` says.
fn outdated(
    calibration: &Calibration,
    busy: impl FnOnce() -> anyhow::Result<Vec<String>>,
) -> anyhow::Result<bool> {
    Ok(!calibration.reasons.is_empty() && busy()?.is_empty())
}

/// A new calibration of `target`, with what disturbed it.
fn measured(target: &dyn Target) -> anyhow::Result<Option<Calibration>> {
    let mut watch = Watch::start(target.device());
    let measured = target.calibrate(&mut || watch.look())?;
    let reasons = disturbances(watch, target);
    Ok(measured.map(|calibration| Calibration { reasons, ..calibration }))
}

/// What would disturb a calibration of `target` that began now.
fn busy(target: &dyn Target) -> Vec<String> {
    let (mut watch, start) = (Watch::start(target.device()), Instant::now());
    while start.elapsed() < A_LOOK {
        watch.look();
    }
    disturbances(watch, target)
}

/// What disturbs `target`, the machine's doing and others'. How well medians are known is no matter here.
fn disturbances(watch: Watch, target: &dyn Target) -> Vec<String> {
    let mut reasons = watch.finish().noise(Some(0.0), 1.0, None).reasons;
    reasons.extend(target.watchers());
    reasons
}

/// How long it takes to see whether the machine is busy.
const A_LOOK: Duration = Duration::from_millis(500);

/// Instrumented runs from which the harness's cost is known.
const NULL_RUNS: usize = 100;

/// Median time of an instrumented run, nanoseconds.
fn instrumented(session: &mut dyn Session) -> Result<f64, SessionError> {
    let mut times = vec![0; session.graph().nodes.len()];
    let runs = (0..NULL_RUNS).map(|_| session.run_timed(&mut times));
    let runs: Vec<u64> = runs.collect::<Result<_, _>>()?;
    Ok(Estimate::of(&runs).map_or(0.0, |e| e.median))
}

/// How kernels are chosen; `file` of the user's cache folder, if any, remembers those that won a trial.
fn tune(args: &DeviceArgs, file: Option<&str>) -> Tune {
    if args.no_tune { Tune::OFF } else { Tune::on(file.and_then(cache_file).as_deref()) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use profile::{DeviceKind, Rendering};

    /// A device with somebody between it and the lab.
    struct Watched(Device);

    impl Target for Watched {
        fn device(&self) -> &Device {
            &self.0
        }
        fn threads(&self) -> usize {
            1
        }
        fn watchers(&self) -> Vec<String> {
            vec!["a layer".to_owned()]
        }
        fn calibrate(&self, look: &mut dyn FnMut()) -> anyhow::Result<Option<Calibration>> {
            look();
            Ok(Some(Calibration::default()))
        }
        fn calibration(&mut self) -> &mut Option<Calibration> {
            unreachable!("it is kept elsewhere")
        }
        fn ceilings(&self) -> Option<&Calibration> {
            None
        }
        fn prepare(&self, _: &Graph, _: Keep) -> anyhow::Result<Box<dyn Prepared>> {
            unreachable!("it runs nothing")
        }
    }

    #[test]
    fn what_disturbs_a_calibration_stands_in_it() {
        let (name, arch, driver) = ("a".to_owned(), "vulkan".to_owned(), String::new());
        let (kind, rendering) = (DeviceKind::Gpu, Rendering::Real);
        let target = Watched(Device { name, kind, arch, rendering, driver });
        let found = measured(&target).unwrap().unwrap();
        assert!(found.reasons.iter().any(|why| why == "a layer"), "{found:?}");
        assert!(busy(&target).iter().any(|why| why == "a layer"));
    }

    #[test]
    fn a_disturbed_calibration_lasts_until_nothing_would_disturb_a_new_one() {
        let of = |reasons: &[&str]| Calibration {
            reasons: reasons.iter().map(|&why| why.to_owned()).collect(),
            ..Calibration::default()
        };
        let outdated =
            |then: &[&str], now: &[&str]| outdated(&of(then), || Ok(of(now).reasons)).unwrap();
        assert!(outdated(&["load"], &[]));
        assert!(!outdated(&["load"], &["load"]));
        assert!(!outdated(&[], &[]) && !outdated(&[], &["load"]));
    }
}
