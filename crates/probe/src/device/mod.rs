//! The devices of this machine, one file each.

mod cache;
mod calibrated;
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
mod modelled;
mod null;
mod target;
mod trials;

pub use calibrated::{calibrate, calibrate_all};
pub use modelled::OnBoard;
pub use target::{Prepared, Target};

use crate::{
    args::{Choice, DeviceArgs},
    cores::Cores,
};
use anyhow::{bail, ensure};
use cache::tune;
use null::{instrumented, tiny};
use ops::Graph;
use profile::Machine;
use report::screen;
use trials::watched;

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
    if args.wants(&Choice::Cpu) {
        let cores = Cores::own();
        for &threads in &args.threads {
            targets.push(Box::new(cpu::Cpu::open(args, threads, machine, &cores)?));
        }
    }
    if args.wants(&Choice::Gpu) {
        targets.extend(open_gpu(args, machine)?);
    }
    for model in args.models() {
        targets.push(Box::new(OnBoard::open(model, args.seed)?));
    }
    targets.iter().try_for_each(|target| target.demand(graphs))?;
    Ok(targets)
}

/// Refuses modelled devices for `what` needs measured ones: their times are computed, their ceilings described.
///
/// # Errors
/// In that case.
pub fn demand_measured(args: &DeviceArgs, what: &str) -> anyhow::Result<()> {
    let Some(model) = args.models().next() else { return Ok(()) };
    bail!("--device model:{model}: {what} needs times that were taken; leave it out")
}

/// Refuses an option that no device asked for takes: it would be ignored without a word.
fn refuse_ignored(args: &DeviceArgs) -> anyhow::Result<()> {
    let owned = [
        ("--adapter", args.adapter.is_some(), Choice::Gpu, "a GPU"),
        ("--isa", args.isa.is_some(), Choice::Cpu, "the CPU"),
        ("--cpus", args.cpus.is_some(), Choice::Cpu, "the CPU"),
        ("--threads", args.threads != [1], Choice::Cpu, "the CPU"),
    ];
    for (option, given, owner, whose) in owned {
        ensure!(
            !given || args.wants(&owner),
            "{option} is for {whose}, which --device leaves out: drop one of the two"
        );
    }
    Ok(())
}

/// The GPU; where there is none and nobody insists, one line says so and what to do.
#[cfg(feature = "gpu")]
fn open_gpu(args: &DeviceArgs, machine: &Machine) -> anyhow::Result<Option<Box<dyn Target>>> {
    match gpu::Gpu::open(args, machine) {
        Ok(gpu) => Ok(Some(Box::new(gpu))),
        Err(e) if args.device.contains(&Choice::Gpu) || args.adapter.is_some() => Err(e),
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
        !args.device.contains(&Choice::Gpu) && args.adapter.is_none(),
        "this build has no GPU: build it with the feature `gpu`, which is on by default"
    );
    Ok(None)
}
