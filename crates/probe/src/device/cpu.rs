//! The processor.

use super::{Prepared, Target, instrumented, tiny, tune, watched};
use crate::{
    args::DeviceArgs, calibrate, emulation::emulated, interrupt, measure::clock, output::file_name,
};
use anyhow::ensure;
use ops::{
    CHECKED, Graph, Keep, Session, Tune,
    cpu::{CpuCeilings, CpuOptions, CpuSession},
    simd::Isa,
};
use profile::{Calibration, Device, DeviceKind, Machine, Overhead, Peak, Rendering, Timing, nanos};
use std::time::Instant;

/// Some of the processor's cores with one of its instruction sets.
pub struct Cpu {
    device: Device,
    options: CpuOptions,
    machine: Machine,
    calibration: Option<Calibration>,
}

impl Cpu {
    /// The processor as the command line wants it, with so many threads.
    ///
    /// # Errors
    /// Where it has no such instruction set or fewer cores.
    pub fn open(args: &DeviceArgs, threads: usize, machine: &Machine) -> anyhow::Result<Self> {
        ensure!(
            threads <= machine.cores,
            "--threads {threads}: this machine lets the lab use {}",
            machine.cores
        );
        let isa = args.isa.as_deref().map_or_else(|| Ok(Isa::best()), str::parse)?;
        let (name, rendering) = if emulated(&machine.cpu) {
            (format!("{} emulated on {}", std::env::consts::ARCH, machine.cpu), Rendering::Emulated)
        } else {
            (machine.cpu.clone(), Rendering::Real)
        };
        let arch = isa.name().to_owned();
        let device = Device { name, kind: KIND, arch, rendering, driver: String::new() };
        // Trials of kernels that check themselves, or on an emulated processor, tell nothing.
        let tune = match rendering {
            Rendering::Real if !CHECKED => {
                let file = format!("cpu-kernels-{}.json", file_name(&machine.processors()));
                tune(args, &device, Some(&file))
            }
            _ => Tune::OFF,
        };
        let (pin, seed, keep) = (true, args.seed, Keep::Output);
        let options = CpuOptions { isa, threads, pin, keep, seed, tune, stop: interrupt::stop() };
        Ok(Self { device, options, machine: machine.clone(), calibration: None })
    }
}

/// The family of processors that this program was compiled for.
const KIND: DeviceKind = if cfg!(any(target_arch = "aarch64", target_arch = "arm")) {
    DeviceKind::Arm
} else if cfg!(any(target_arch = "x86_64", target_arch = "x86")) {
    DeviceKind::X86
} else {
    DeviceKind::Other
};

impl Target for Cpu {
    fn device(&self) -> &Device {
        &self.device
    }

    fn threads(&self) -> usize {
        self.options.threads
    }

    /// Nothing on an emulated processor.
    fn calibrate(&self, inspect: &mut dyn FnMut()) -> anyhow::Result<Option<Calibration>> {
        if self.device.rendering != Rendering::Real {
            return Ok(None);
        }
        let CpuOptions { isa, threads, pin, .. } = self.options;
        let mut peaks = Vec::new();
        for isa in Isa::available() {
            for threads in calibrate::thread_counts(self.machine.cores, threads) {
                let gflops = calibrate::peak(&mut CpuCeilings::new(isa, threads, pin, 0)?)?;
                peaks.push(Peak { arch: isa.name().to_owned(), threads, gflops });
            }
        }
        let caches = calibrate::caches(threads);
        let largest = calibrate::largest(&caches, self.machine.memory_bytes);
        let mut ceilings = CpuCeilings::new(isa, threads, pin, largest)?;
        let resolution_ns = clock::resolution_ns();
        calibrate::calibration(&mut ceilings, peaks, caches, resolution_ns, inspect).map(Some)
    }

    fn calibration(&mut self) -> &mut Option<Calibration> {
        &mut self.calibration
    }

    fn ceilings(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    fn prepare(&self, graph: &Graph, keep: Keep) -> anyhow::Result<Box<dyn Prepared>> {
        let options = CpuOptions { keep, ..self.options.clone() };
        let prepare = || {
            let start = Instant::now();
            CpuSession::prepare(graph, options.clone()).map(|s| (s, nanos(start.elapsed())))
        };
        let (session, prepare_ns) = watched(&self.device, &options.tune, prepare)?;
        Ok(Box::new(OnCpu { session, options, prepare_ns }))
    }
}

/// A network ready to run on the processor.
struct OnCpu {
    session: CpuSession,
    options: CpuOptions,
    prepare_ns: u64,
}

impl Prepared for OnCpu {
    fn session(&mut self) -> &mut dyn Session {
        &mut self.session
    }

    fn pinned(&self) -> bool {
        self.session.pinned()
    }

    fn timing(&self) -> Timing {
        Timing {
            source: clock::SOURCE.to_owned(),
            resolution_ns: clock::resolution_ns(),
            note: self.session.note().to_owned(),
            prepare_ns: self.prepare_ns,
        }
    }

    /// Per operator: the null device's run of the network over its number of operators. A parallel
    /// region: its run of a single operator.
    fn overhead(self: Box<Self>) -> anyhow::Result<Overhead> {
        let Self { session, options, .. } = *self;
        let graph = session.graph().clone();
        // The null device has as large buffers: the two should not take memory side by side.
        drop(session);
        let null = |graph: &Graph| instrumented(&mut CpuSession::null(graph, options.clone())?);
        let per_op_ns = null(&graph)? / graph.nodes.len().max(1) as f64;
        Ok(Overhead { per_op_ns, dispatch_ns: null(&tiny(1)?)? })
    }
}
