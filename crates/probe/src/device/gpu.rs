//! The graphics adapter, or what renders in its place.

use super::{Prepared, Target, instrumented, tiny, tune};
use crate::{args::DeviceArgs, calibrate, interrupt};
use ops::{
    Graph, Keep, Session, Tune,
    gpu::{Adapter, GpuCeilings, GpuOptions, GpuSession},
};
use profile::{Calibration, Device, Machine, Overhead, Peak, Rendering, Timing};

/// A graphics adapter.
pub struct Gpu {
    adapter: Adapter,
    device: Device,
    seed: u64,
    tune: Tune,
    cores: usize,
    calibration: Option<Calibration>,
}

impl Gpu {
    /// The adapter that the command line wants, or the best there is.
    ///
    /// # Errors
    /// Where there is none; the message lists those that there are.
    pub fn open(args: &DeviceArgs, machine: &Machine) -> anyhow::Result<Self> {
        let adapter = Adapter::choose(args.adapter.as_deref())?;
        Ok(Self {
            device: adapter.device(),
            adapter,
            seed: args.seed,
            tune: tune(args, "gpu-kernels.json"),
            cores: machine.cores,
            calibration: None,
        })
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

    /// A rasteriser uses the processor's caches; of a real GPU's the system tells nothing.
    fn calibrate(&self) -> anyhow::Result<Option<Calibration>> {
        let mut ceilings = GpuCeilings::open(&self.adapter)?;
        let (arch, gflops) = (self.device.arch.clone(), calibrate::peak(&mut ceilings)?);
        let peaks = vec![Peak { arch, threads: self.threads(), gflops }];
        let caches = match self.device.rendering {
            Rendering::SoftwareRendered => calibrate::caches(self.cores),
            _ => Vec::new(),
        };
        let clock = GpuSession::prepare(&self.adapter, &tiny(8)?, &GpuOptions::default())?;
        let resolution_ns = clock.timing().resolution_ns;
        calibrate::calibration(&mut ceilings, peaks, caches, resolution_ns).map(Some)
    }

    fn calibration(&mut self) -> &mut Option<Calibration> {
        &mut self.calibration
    }

    fn ceilings(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    fn prepare(&self, graph: &Graph, keep: Keep) -> anyhow::Result<Box<dyn Prepared>> {
        let (seed, tune, stop) = (self.seed, self.tune.clone(), interrupt::stop());
        let options = GpuOptions { keep, seed, checks: false, tune, stop };
        let session = GpuSession::prepare(&self.adapter, graph, &options)?;
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
        self.session.timing().clone()
    }

    /// Per operator: a network of as many operators, each of which does next to nothing.
    fn overhead(mut self: Box<Self>) -> anyhow::Result<Overhead> {
        let nodes = self.session.graph().nodes.len().max(1);
        let tiny = tiny(nodes)?;
        let mut null = GpuSession::prepare(&self.adapter, &tiny, &GpuOptions::default())?;
        let per_op_ns = instrumented(&mut null)? / nodes as f64;
        Ok(Overhead { per_op_ns, dispatch_ns: self.session.empty_dispatch_ns()? })
    }
}
