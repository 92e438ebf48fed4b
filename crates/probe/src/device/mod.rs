//! The devices of this machine, one file each.

mod cpu;

use crate::args::{Choice, DeviceArgs};
use ops::{Graph, Keep, Session};
use profile::{Device, Machine, Overhead, Timing};

/// A device that networks can be run on.
pub trait Target {
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

/// The devices asked for, the CPU first: what follows is compared with it.
///
/// # Errors
/// Where a device asked for by name is not there.
pub fn open(args: &DeviceArgs, machine: &Machine) -> anyhow::Result<Vec<Box<dyn Target>>> {
    let mut targets: Vec<Box<dyn Target>> = Vec::new();
    if args.device != Choice::Gpu {
        targets.push(Box::new(cpu::Cpu::open(args, machine)?));
    }
    Ok(targets)
}
