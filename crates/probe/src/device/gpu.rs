//! The graphics adapter, or what renders in its place.

use super::{Prepared, Target, instrumented, tiny, tune, watched};
use crate::{args::DeviceArgs, calibrate, emulation::emulated, interrupt, memory};
use ops::{
    Graph, Keep, Session, Tune,
    gpu::{self, Adapter, GpuCeilings, GpuOptions, GpuSession, Patience},
};
use profile::{Calibration, Device, Machine, Overhead, Peak, Rendering, Timing};

/// A device that works is waited for until the user has enough.
fn patience() -> Patience {
    Patience { stop: interrupt::stop(), at_most: None }
}

/// A graphics adapter.
pub struct Gpu {
    adapter: Adapter,
    device: Device,
    seed: u64,
    tune: Tune,
    machine: Machine,
    watchers: Vec<String>,
    calibration: Option<Calibration>,
}

impl Gpu {
    /// The adapter that the command line wants, or the best there is.
    ///
    /// # Errors
    /// Where there is none, and the message lists those that there are; where it computes nothing.
    pub fn open(args: &DeviceArgs, machine: &Machine) -> anyhow::Result<Self> {
        let adapter = Adapter::choose(args.adapter.as_deref())?;
        adapter.demand_computing(&interrupt::stop())?;
        let mut device = adapter.device();
        if emulated(&machine.cpu) {
            device.rendering = Rendering::Emulated;
        }
        let watchers = gpu::watchers();
        let tune = match (device.rendering, watchers.as_slice()) {
            // Trials tell nothing there.
            (Rendering::Emulated, _) => Tune::OFF,
            (_, []) => tune(args, &device, Some("gpu-kernels.json")),
            // What wins while somebody watches is not kept.
            _ => tune(args, &device, None),
        };
        let (seed, machine) = (args.seed, machine.clone());
        Ok(Self { adapter, device, seed, tune, machine, watchers, calibration: None })
    }
}

impl Gpu {
    /// How many workgroups the calibration found to run side by side.
    fn units(&self) -> Option<u32> {
        let workgroups = self.calibration.as_ref()?.workgroups.as_ref()?;
        u32::try_from(workgroups.at_once()?).ok()
    }
}

impl Target for Gpu {
    fn device(&self) -> &Device {
        &self.device
    }

    /// The submitting one.
    fn threads(&self) -> usize {
        1
    }

    /// A rasteriser takes the machine's memory, in which all of a network must lie.
    fn demand(&self, graphs: &[Graph]) -> anyhow::Result<()> {
        if self.device.rendering != Rendering::Real {
            let need = |graph| gpu::bytes(graph, Keep::Each, self.adapter.traits());
            graphs.iter().try_for_each(|g| memory::demand_bytes(g, need(g), &self.machine))?;
        }
        Ok(self.adapter.demand(graphs)?)
    }

    fn watchers(&self) -> Vec<String> {
        self.watchers.clone()
    }

    /// A rasteriser uses the processor's caches; of a real GPU's the system tells nothing. Nothing on an
    /// emulated processor.
    fn calibrate(&self, inspect: &mut dyn FnMut()) -> anyhow::Result<Option<Calibration>> {
        if self.device.rendering == Rendering::Emulated {
            return Ok(None);
        }
        let mut ceilings = GpuCeilings::open(&self.adapter, &patience())?;
        let (arch, gflops) = (self.device.arch.clone(), calibrate::peak(&mut ceilings)?);
        let peaks = vec![Peak { arch, threads: self.threads(), gflops }];
        let caches = match self.device.rendering {
            Rendering::SoftwareRendered => {
                calibrate::caches(&(0..self.machine.cores).collect::<Vec<_>>())
            }
            _ => Vec::new(),
        };
        let options = GpuOptions { patience: patience(), ..GpuOptions::default() };
        let clock = GpuSession::prepare(&self.adapter, &tiny(8)?, &options)?;
        let resolution_ns = clock.timing().resolution_ns;
        calibrate::calibration(&mut ceilings, peaks, caches, resolution_ns, inspect).map(Some)
    }

    fn calibration(&mut self) -> &mut Option<Calibration> {
        &mut self.calibration
    }

    fn ceilings(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    fn prepare(&self, graph: &Graph, keep: Keep) -> anyhow::Result<Box<dyn Prepared>> {
        let (seed, tune) = (self.seed, self.tune.clone());
        let options = GpuOptions { keep, seed, checks: false, tune, patience: patience() };
        let adapter = self.adapter.clone().of_units(self.units());
        let prepare = || GpuSession::prepare(&adapter, graph, &options);
        let session = watched(&self.device, &options.tune, prepare)?;
        Ok(Box::new(OnGpu { session, adapter: self.adapter.clone() }))
    }
}

/// A network ready to run on a graphics adapter.
struct OnGpu {
    session: GpuSession,
    adapter: Adapter,
}

impl Prepared for OnGpu {
    fn session(&mut self) -> &mut dyn Session {
        &mut self.session
    }

    fn pinned(&self) -> bool {
        false
    }

    fn timing(&self) -> Timing {
        let timing = self.session.timing().clone();
        let notes = [&timing.note, &self.session.preparation().note];
        let notes: Vec<&str> =
            notes.into_iter().map(String::as_str).filter(|note| !note.is_empty()).collect();
        Timing { note: notes.join("; "), ..timing }
    }

    /// Per operator: a network of as many operators, each of which does next to nothing. It is not asked to
    /// stop: what was measured before the user wished so is kept only with this.
    fn overhead(self: Box<Self>) -> anyhow::Result<Overhead> {
        let nodes = self.session.graph().nodes.len().max(1);
        let mut null = GpuSession::prepare(&self.adapter, &tiny(nodes)?, &GpuOptions::default())?;
        let per_op_ns = instrumented(&mut null)? / nodes as f64;
        let [dispatch_ns, dependent_ns] = null.dispatch_ns()?;
        Ok(Overhead { per_op_ns, dispatch_ns, dependent_ns: Some(dependent_ns) })
    }
}
