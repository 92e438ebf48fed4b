//! Kernels whose work is a list of items (pixels, rows, blocks), any range of which can be done
//! alone: what is left to write is what one range does.

use super::{Cut, Io, Kernel};
use crate::simd::{Isa, Lanes, Vectorised};
use std::ops::Range;

/// What a kernel does with a range of its items.
pub(crate) trait ParallelFor: Send + Sync + 'static {
    /// Floats of scratch memory that one range needs.
    fn scratch(&self) -> usize {
        0
    }

    /// Does `items`. Implementations are `#[inline(always)]`, as [`Vectorised`] demands.
    ///
    /// # Safety
    /// As for [`Kernel::run`], with `items` in place of the task; `scratch` points at
    /// [`ParallelFor::scratch`] floats.
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, scratch: *mut f32);

    /// Does `items` with an instruction set. This is a method of the body's for the compiler, which puts the
    /// code of a method where its type is: kernels are then compiled each with its operator.
    ///
    /// # Safety
    /// As [`ParallelFor::run`].
    unsafe fn run_on(&self, isa: Isa, io: &Io, items: Range<usize>, scratch: *mut f32)
    where
        Self: Sized,
    {
        isa.run(Part { body: self, io, items, scratch });
    }
}

/// `body` as a kernel.
pub(crate) fn parallel_for(body: impl ParallelFor, isa: Isa, cut: Cut) -> Box<dyn Kernel> {
    Box::new(InRanges { body, isa, cut })
}

struct InRanges<B> {
    body: B,
    isa: Isa,
    cut: Cut,
}

impl<B: ParallelFor> Kernel for InRanges<B> {
    fn tasks(&self) -> usize {
        self.cut.parts()
    }

    fn scratch(&self) -> usize {
        self.body.scratch()
    }

    unsafe fn run(&self, io: &Io, task: usize, scratch: &mut [f32]) {
        let (items, scratch) = (self.cut.part(task), scratch.as_mut_ptr());
        // SAFETY: passed on from the caller.
        unsafe { self.body.run_on(self.isa, io, items, scratch) };
    }
}

struct Part<'a, B> {
    body: &'a B,
    io: &'a Io<'a>,
    items: Range<usize>,
    scratch: *mut f32,
}

impl<B: ParallelFor> Vectorised for Part<'_, B> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: made only in `ParallelFor::run_on`, whose caller vouches for the operands.
        unsafe { self.body.run::<L>(self.io, self.items, self.scratch) }
    }
}
