//! A step of a run: what all workers do between two barriers.

use super::{
    bands::Bands,
    kernel::{Io, Kernel, PreparedNode},
    prefetch::Span,
    tasks::Tasks,
};
use std::ops::Range;

/// One node, or two that run in bands.
pub(super) struct Step {
    nodes: Range<usize>,
    work: Work,
    tasks: Tasks,
    maps: Vec<Span>,
}

enum Work {
    One(PreparedNode),
    InBands(Box<Bands>),
}

impl Step {
    /// Node `node` alone, for so many workers.
    pub fn one(node: usize, ready: PreparedNode, workers: usize) -> Self {
        Self {
            nodes: node..node + 1,
            tasks: Tasks::new(ready.kernel.tasks(), workers),
            maps: ready.maps.clone(),
            work: Work::One(ready),
        }
    }

    /// Node `first` and the one after it in bands.
    pub fn in_bands(first: usize, bands: Bands, workers: usize) -> Self {
        Self {
            nodes: first..first + 2,
            tasks: Tasks::new(bands.tasks(), workers),
            maps: bands.maps(),
            work: Work::InBands(Box::new(bands)),
        }
    }

    /// Which nodes it runs.
    pub fn nodes(&self) -> Range<usize> {
        self.nodes.clone()
    }

    /// The maps that it touches, each once.
    pub fn maps(&self) -> &[Span] {
        &self.maps
    }

    /// The names of its nodes' kernels.
    pub fn names(&self) -> Vec<String> {
        match &self.work {
            Work::One(node) => vec![node.name.clone()],
            Work::InBands(bands) => {
                bands.nodes().iter().map(|node| format!("{} in bands", node.name)).collect()
            }
        }
    }

    /// Its nodes' kernels.
    pub fn kernels(&self) -> Vec<&dyn Kernel> {
        match &self.work {
            Work::One(node) => vec![&*node.kernel],
            Work::InBands(bands) => bands.nodes().iter().map(|node| &*node.kernel).collect(),
        }
    }

    /// Floats of scratch memory that a worker needs.
    pub fn scratch(&self) -> usize {
        self.whole().0.scratch()
    }

    /// Whether there is nothing to do.
    pub const fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Does the tasks that `worker` gets.
    ///
    /// # Safety
    /// The operands are there; all workers have done the steps before this one, and none is in another;
    /// `scratch` holds [`Self::scratch`] floats.
    pub unsafe fn run(&self, worker: usize, scratch: &mut [f32]) {
        let (kernel, io) = self.whole();
        // SAFETY: the caller vouches for the operands; each task is given to one worker.
        self.tasks.each(worker, |task| unsafe { kernel.run(&io, task, scratch) });
    }

    /// Makes the part of `worker` ready for the next run. All workers have run it, and meet before the next.
    pub fn reset(&self, worker: usize) {
        self.tasks.reset(worker);
    }

    /// What all of it runs as, and with which operands.
    fn whole(&self) -> (&dyn Kernel, Io<'_>) {
        match &self.work {
            Work::One(node) => (&*node.kernel, node.places.io()),
            Work::InBands(bands) => (&**bands, bands.io()),
        }
    }

    /// Switches on or off what tells its nodes' times apart.
    pub fn time_nodes(&self, on: bool) {
        if let Work::InBands(bands) = &self.work {
            bands.clock().switch(on);
        }
    }

    /// Shares out what it took, the last of `times`, among its nodes.
    pub fn share_time(&self, times: &mut [u64]) {
        if let (Work::InBands(bands), [first, second]) = (&self.work, times) {
            let both = *second;
            *first = (both as f64 * bands.clock().take()) as u64;
            *second = both - *first;
        }
    }
}
