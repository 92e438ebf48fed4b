//! The graphics adapter, or what renders in its place.

use super::{Prepared, Target, instrumented, tiny};
use crate::args::DeviceArgs;
use ops::{
    Graph, Keep, Session,
    gpu::{Adapter, GpuOptions, GpuSession, Tune},
};
use profile::{Device, Overhead, Timing};
use std::{env, path::PathBuf};

/// A graphics adapter.
pub struct Gpu {
    adapter: Adapter,
    device: Device,
    seed: u64,
}

impl Gpu {
    /// The adapter that the command line wants, or the best there is.
    ///
    /// # Errors
    /// Where there is none; the message lists those that there are.
    pub fn open(args: &DeviceArgs) -> anyhow::Result<Self> {
        let adapter = Adapter::choose(args.adapter.as_deref())?;
        Ok(Self { device: adapter.device(), adapter, seed: args.seed })
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

    fn pinned(&self) -> bool {
        false
    }

    fn prepare(&self, graph: &Graph, keep: Keep) -> anyhow::Result<Box<dyn Prepared>> {
        let tune = Tune::On { cache: choices() };
        let options = GpuOptions { keep, seed: self.seed, checks: false, tune };
        let session = GpuSession::prepare(&self.adapter, graph, &options)?;
        Ok(Box::new(OnGpu { session, adapter: self.adapter.clone() }))
    }
}

/// The file that remembers which kernels won on this machine's adapters: with it, the session that
/// is verified and the one that is timed run the same ones.
fn choices() -> Option<PathBuf> {
    let folder = |variable| env::var_os(variable).map(PathBuf::from);
    let cache = folder("XDG_CACHE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| Some(folder("HOME")?.join(".cache")))?;
    Some(cache.join("probe").join("gpu-kernels.json"))
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

    fn timing(&self) -> Timing {
        self.session.timing().clone()
    }

    /// Per operator: a network of as many operators, each of which does next to nothing.
    fn overhead(&mut self) -> anyhow::Result<Overhead> {
        let nodes = self.session.graph().nodes.len().max(1);
        let tiny = tiny(nodes)?;
        let mut null = GpuSession::prepare(&self.adapter, &tiny, &GpuOptions::default())?;
        let per_op_ns = instrumented(&mut null)? / nodes as f64;
        Ok(Overhead { per_op_ns, dispatch_ns: self.session.empty_dispatch_ns()? })
    }
}
