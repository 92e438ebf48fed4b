//! The processor.

use super::{Prepared, Target, instrumented, tiny, tune, watched};
use crate::{
    args::DeviceArgs,
    calibrate, cgroup,
    cores::{Cores, designs_of, types_of},
    emulation::emulated,
    interrupt,
    measure::{clock, mhz},
    output::file_name,
    own_thread::on_own_thread,
};
use anyhow::ensure;
use ops::{
    CHECKED, Graph, Keep, Session, Tune,
    cpu::{CpuCeilings, CpuOptions, CpuSession, pin_to},
    simd::Isa,
};
use profile::{
    Calibration, Core, Device, DeviceKind, Machine, Overhead, Peak, Rendering, Timing, nanos,
};
use report::screen;
use std::{
    path::Path,
    thread::{self, Builder, ScopedJoinHandle},
    time::Instant,
};

/// Some of the processor's cores with one of its instruction sets.
pub struct Cpu {
    device: Device,
    options: CpuOptions,
    machine: Machine,
    /// The cores of its threads.
    workers: Vec<Core>,
    calibration: Option<Calibration>,
}

impl Cpu {
    /// The processor as the command line wants it, with so many threads on the fastest of `cores`.
    ///
    /// # Errors
    /// Where it has no such instruction set, fewer cores, or a quota of less time.
    pub fn open(
        args: &DeviceArgs,
        threads: usize,
        machine: &Machine,
        cores: &Cores,
    ) -> anyhow::Result<Self> {
        let chosen = cores.chosen(args.cpus.as_ref())?;
        ensure!(
            args.cpus.is_none() || threads <= chosen.len(),
            "--threads {threads}: --cpus names {} of the processors",
            chosen.len()
        );
        demand_quota(threads, cgroup::quota(Path::new("/")))?;
        ensure!(
            threads <= machine.cores,
            "--threads {threads}: this machine lets the lab use {}",
            machine.cores
        );
        let isa = args.isa.as_deref().map_or_else(|| Ok(Isa::best()), str::parse)?;
        let workers = chosen[..threads.min(chosen.len())].to_vec();
        let (name, rendering) = if emulated(&machine.cpu) {
            (format!("{} emulated on {}", std::env::consts::ARCH, machine.cpu), Rendering::Emulated)
        } else {
            (name(&workers, cores, machine)?, Rendering::Real)
        };
        let arch = isa.name().to_owned();
        let (driver, bus) = (String::new(), String::new());
        let device = Device { name, kind: KIND, arch, rendering, driver, bus };
        // Trials of kernels that check themselves, or on an emulated processor, tell nothing.
        let tune = match rendering {
            Rendering::Real if !CHECKED => {
                let cores = unsaid(&workers, machine);
                let file =
                    format!("cpu-kernels-{}.json", file_name(&(machine.processors() + &cores)));
                tune(args, &device, Some(&file))
            }
            _ => Tune::OFF,
        };
        let processors = chosen.iter().map(|core| core.cpu).collect();
        let (seed, keep, stop) = (args.seed, Keep::Output, interrupt::stop());
        let options = CpuOptions { isa, threads, processors, keep, seed, tune, stop };
        Ok(Self { device, options, machine: machine.clone(), workers, calibration: None })
    }
}

/// Refuses more threads than a control group's quota has time for. One thread is let run, and told.
fn demand_quota(threads: usize, quota: Option<f64>) -> anyhow::Result<()> {
    let Some(quota) = quota.filter(|&quota| quota < threads as f64) else { return Ok(()) };
    let gives = format!(
        "this machine lets the lab use the time of {quota} processors, a control group's quota"
    );
    ensure!(threads == 1, "--threads {threads}: {gives}: ask for fewer, or raise `cpu.max`");
    screen::tell(format_args!("warning: {gives}: it will halt the run, which is NOISY then"));
    Ok(())
}

/// What the cores of `workers` are. Where there are others, too, and the system pins no thread, it is what all
/// of them are.
fn name(workers: &[Core], cores: &Cores, machine: &Machine) -> anyhow::Result<String> {
    let (own, all) = (designs_of(workers), cores.designs());
    let pinned = || on_own_thread(|| Ok(workers.iter().all(|core| pin_to(core.cpu).is_ok())));
    let name = if own == all || pinned()? { own } else { all };
    Ok(if name.is_empty() { machine.cpu.clone() } else { name })
}

/// What types of cores `workers` have, where the machine's name leaves that open.
fn unsaid(workers: &[Core], machine: &Machine) -> String {
    Some(types_of(workers)).filter(|types| *types != machine.cpu).unwrap_or_default()
}

/// `cores` with the frequency that each has while all of them are busy.
fn clocked(cores: &[Core]) -> Vec<Core> {
    let measured = |core: &Core| pin_to(core.cpu).is_ok().then(mhz);
    thread::scope(|scope| {
        let begin = |core| Builder::new().spawn_scoped(scope, move || measured(core)).ok();
        let begun: Vec<_> = cores.iter().map(begin).collect();
        let end = |(core, thread): (&Core, Option<ScopedJoinHandle<'_, Option<f64>>>)| Core {
            measured_mhz: thread.and_then(|thread| thread.join().ok()).flatten(),
            ..core.clone()
        };
        cores.iter().zip(begun).map(end).collect()
    })
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

    fn core_types(&self) -> String {
        unsaid(&self.workers, &self.machine)
    }

    /// Nothing on an emulated processor.
    fn calibrate(&self, inspect: &mut dyn FnMut()) -> anyhow::Result<Option<Calibration>> {
        if self.device.rendering != Rendering::Real {
            return Ok(None);
        }
        let CpuOptions { isa, threads, ref processors, .. } = self.options;
        let usable = self.machine.cores.min(processors.len());
        let mut peaks = Vec::new();
        for isa in Isa::available() {
            for threads in calibrate::thread_counts(usable, threads) {
                let gflops = calibrate::peak(&mut CpuCeilings::new(isa, threads, processors, 0)?)?;
                peaks.push(Peak { arch: isa.name().to_owned(), threads, gflops });
            }
        }
        let caches = calibrate::caches(&processors[..threads.min(processors.len())]);
        let largest = calibrate::largest(&caches, self.machine.memory_bytes);
        let mut ceilings = CpuCeilings::new(isa, threads, processors, largest)?;
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
        let real = self.device.rendering == Rendering::Real;
        let workers = if real { self.workers.clone() } else { Vec::new() };
        Ok(Box::new(OnCpu { session, options, workers, prepare_ns }))
    }
}

/// A network ready to run on the processor.
struct OnCpu {
    session: CpuSession,
    options: CpuOptions,
    /// The cores of its threads, where they are known.
    workers: Vec<Core>,
    prepare_ns: u64,
}

impl Prepared for OnCpu {
    fn session(&mut self) -> &mut dyn Session {
        &mut self.session
    }

    fn pinned(&self) -> bool {
        self.session.pinned()
    }

    fn workers(&self) -> Vec<Core> {
        if self.pinned() { clocked(&self.workers) } else { Vec::new() }
    }

    fn timing(&self) -> Timing {
        Timing {
            source: self.session.clock().to_owned(),
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
        Ok(Overhead { per_op_ns, dispatch_ns: null(&tiny(1)?)?, dependent_ns: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_threads_than_a_quota_has_time_for_are_refused() {
        let refusal = demand_quota(2, Some(1.5)).unwrap_err().to_string();
        assert!(
            refusal.starts_with("--threads 2: ") && refusal.contains("1.5 processors"),
            "{refusal}"
        );
        assert!(demand_quota(2, None).is_ok() && demand_quota(2, Some(2.0)).is_ok());
        assert!(demand_quota(1, Some(0.5)).is_ok(), "nobody can ask for fewer");
    }

    #[test]
    fn cores_are_clocked_all_at_once() {
        let mut cores = Cores::own().chosen(None).unwrap();
        cores.push(Core { cpu: 1 << 20, ..Core::default() });
        let clocked = clocked(&cores);
        let known: Vec<bool> = clocked.iter().map(|core| core.measured_mhz.is_some()).collect();
        assert_eq!(known.iter().filter(|&&known| !known).count(), 1, "{clocked:?}");
        assert_eq!(known.last(), Some(&false));
    }
}
