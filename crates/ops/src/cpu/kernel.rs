//! What a CPU kernel is given, and what it must be.

use super::{Layout, prefetch::Span};
use crate::{Epilogue, Weights, simd::Isa};
use std::ops::Range;

/// A node as a kernel sees it while it is prepared.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// Its inputs, that which its epilogue adds last.
    pub inputs: &'a [Layout],
    /// Its output.
    pub output: Layout,
    /// What is done to its sums before they are written.
    pub epilogue: Epilogue,
    /// Its weights.
    pub weights: &'a Weights<'a>,
    /// The instruction set to use.
    pub isa: Isa,
    /// Workers that will share the tasks.
    pub threads: usize,
}

impl Site<'_> {
    /// The map that the epilogue adds.
    pub fn added(&self) -> Option<Layout> {
        self.inputs.last().copied().filter(|_| self.epilogue.add)
    }
}

/// Where a node's operands are during a run: each pointer is that of channel 0 of the first pixel,
/// each region as long as its layout's span.
#[derive(Clone, Copy, Debug)]
pub struct Io<'a> {
    /// Inputs.
    pub inputs: &'a [*const f32],
    /// Output.
    pub output: *mut f32,
}

// SAFETY: the pointers go into the session's arena, which lives as long as its steps; tasks that
// run at the same time write disjoint parts of it, as `Kernel::run` demands.
unsafe impl Send for Io<'_> {}
// SAFETY: as above.
unsafe impl Sync for Io<'_> {}

/// Where a node's operands are, as its session keeps them.
#[derive(Clone, Debug)]
pub(super) struct Places {
    inputs: Vec<*const f32>,
    output: *mut f32,
}

// SAFETY: as for `Io`.
unsafe impl Send for Places {}
// SAFETY: as for `Io`.
unsafe impl Sync for Places {}

impl Places {
    /// Operands at these places.
    pub const fn new(inputs: Vec<*const f32>, output: *mut f32) -> Self {
        Self { inputs, output }
    }

    /// What a kernel is given.
    pub fn io(&self) -> Io<'_> {
        Io { inputs: &self.inputs, output: self.output }
    }
}

/// A kernel prepared for one node: shapes fixed, weights packed.
pub trait Kernel: Send + Sync {
    /// How many tasks the node's work is cut into.
    fn tasks(&self) -> usize;

    /// Floats of scratch memory that a worker needs while it runs a task.
    fn scratch(&self) -> usize {
        0
    }

    /// Bytes of packed weights that it keeps.
    fn bytes(&self) -> usize {
        0
    }

    /// Floating-point operations that it executes, where its algorithm needs others than the
    /// operator's definition has.
    fn executed_flops(&self) -> Option<u64> {
        None
    }

    /// How many times the usual rounding errors are excused, where its algorithm makes larger ones than the
    /// definition's sum (see [`verify`](crate::verify)).
    fn tolerance(&self) -> f64 {
        1.0
    }

    /// Does task `task < self.tasks()`. Tasks write disjoint parts of the output, and all of them
    /// together write all of it.
    ///
    /// # Safety
    /// `io` points at operands laid out as the site said, inputs readable, output writable and
    /// overlapping no input, unless it is one of those that the operator works on
    /// [in place](crate::Operator::in_place); no two calls at the same time have the same task; `scratch` holds
    /// [`Kernel::scratch`] floats.
    unsafe fn run(&self, io: &Io, task: usize, scratch: &mut [f32]);

    /// The kernel as one that can do any rows of its output alone, if it can.
    fn by_rows(&self) -> Option<&dyn ByRows> {
        None
    }
}

/// A kernel that can do any rows of its output alone.
pub trait ByRows {
    /// Does output rows `rows` of image `image`, all channels of them.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; of the inputs, the rows under these must be there.
    unsafe fn run_rows(&self, io: &Io, image: usize, rows: Range<usize>, scratch: &mut [f32]);
}

/// A row of an operator's table of kernels.
pub struct CpuKernel<O> {
    /// Its name in files.
    pub name: &'static str,
    /// Whether it can take this node.
    pub fits: fn(&O, &Site<'_>) -> bool,
    /// Makes it ready for this node.
    pub prepare: fn(&O, &Site<'_>) -> Box<dyn Kernel>,
}

/// Makes a kernel ready for a node.
type Prepare<'a> = Box<dyn Fn(&Site<'_>) -> Box<dyn Kernel> + 'a>;

/// A kernel that fits a node, not yet prepared.
pub struct Candidate<'a> {
    /// Its name in files.
    pub name: &'static str,
    prepare: Prepare<'a>,
}

impl Candidate<'_> {
    /// Makes it ready.
    pub fn prepare(&self, site: &Site<'_>) -> Box<dyn Kernel> {
        (self.prepare)(site)
    }
}

/// The rows of `table` that fit, in its order.
pub(crate) fn candidates<'a, O>(
    op: &'a O,
    table: &'static [CpuKernel<O>],
    site: &Site<'_>,
) -> Vec<Candidate<'a>> {
    table
        .iter()
        .filter(|k| (k.fits)(op, site))
        .map(|k| Candidate { name: k.name, prepare: Box::new(move |site| (k.prepare)(op, site)) })
        .collect()
}

/// A node, ready to run.
pub(super) struct PreparedNode {
    /// Its kernel's name.
    pub name: String,
    pub kernel: Box<dyn Kernel>,
    /// Where its operands are.
    pub places: Places,
    /// The maps that it touches, each once.
    pub maps: Vec<Span>,
}
