//! What a device is to those who measure on it.

use ops::{Graph, Keep, Session};
use profile::{Calibration, Core, Device, Modelled, Overhead, Rendering, Timing};

/// A device that networks can be run on.
pub trait Target: Sync {
    /// What it is.
    fn device(&self) -> &Device;

    /// Whether its times are computed, not taken: one run then tells all.
    fn is_modelled(&self) -> bool {
        self.device().rendering == Rendering::Modelled
    }

    /// Threads that run a network on it.
    fn threads(&self) -> usize;

    /// What is to be known of its cores beside the device's and the machine's names, before what was measured on
    /// them holds for others.
    fn core_types(&self) -> String {
        String::new()
    }

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
    /// pin the calling thread. `inspect` is called again and again meanwhile.
    ///
    /// # Errors
    /// Where the device is lost.
    fn calibrate(&self, inspect: &mut dyn FnMut()) -> anyhow::Result<Option<Calibration>>;

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

    /// The cores of those threads, where each is pinned to one.
    fn workers(&self) -> Vec<Core> {
        Vec::new()
    }

    /// How its operators are timed; asked after the last run, because a run may find a clock unfit.
    fn timing(&self) -> Timing;

    /// What a model found each operator to do; nothing where they were timed. Asked after a run.
    fn modelled(&self) -> Vec<Modelled> {
        Vec::new()
    }

    /// What the harness itself costs; asked last, for it ends the session.
    ///
    /// # Errors
    /// Where the device is lost.
    fn overhead(self: Box<Self>) -> anyhow::Result<Overhead>;
}
