//! Kernels whose work is a list of items (pixels, rows, blocks), any range of which can be done
//! alone: what is left to write is what one range does.

use super::{Io, Kernel, machine::L1};
use crate::simd::{Isa, Lanes, Vectorised};
use std::ops::Range;

/// Floats that a task should touch: it works in the first-level cache, and costs far more than the counter
/// that it was taken from.
const TASK: usize = L1 / size_of::<f32>();

/// Floats below which work is not worth sharing.
const SMALLEST: usize = L1 / 8 / size_of::<f32>();

/// Items cut into tasks of one size; the last may be smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    items: usize,
    per_task: usize,
}

impl Split {
    /// `items`, each of which touches `floats` floats, for so many workers.
    pub fn new(items: usize, floats: usize, threads: usize) -> Self {
        let sharing = items.div_ceil(threads).min(TASK / floats.max(1));
        let per_task = if threads == 1 { items } else { sharing.max(SMALLEST / floats.max(1)) };
        Self { items, per_task: per_task.max(1) }
    }

    /// Number of tasks.
    pub const fn tasks(self) -> usize {
        self.items.div_ceil(self.per_task)
    }

    /// The items of a task.
    pub fn range(self, task: usize) -> Range<usize> {
        let start = task * self.per_task;
        start..(start + self.per_task).min(self.items)
    }
}

/// What a kernel does with a range of its items.
pub(crate) trait Ranged: Send + Sync + 'static {
    /// Floats of scratch memory that one range needs.
    fn scratch(&self) -> usize {
        0
    }

    /// Does `items`. Implementations are `#[inline(always)]`, as [`Vectorised`] demands.
    ///
    /// # Safety
    /// As for [`Kernel::run`], with `items` in place of the task; `scratch` points at
    /// [`Ranged::scratch`] floats.
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, scratch: *mut f32);

    /// Does `items` with an instruction set. This is a method of the body's for the compiler, which puts the
    /// code of a method where its type is: kernels are then compiled each with its operator.
    ///
    /// # Safety
    /// As [`Ranged::run`].
    unsafe fn run_on(&self, isa: Isa, io: &Io, items: Range<usize>, scratch: *mut f32)
    where
        Self: Sized,
    {
        isa.run(Part { body: self, io, items, scratch });
    }
}

/// `body` as a kernel.
pub(crate) fn ranged(body: impl Ranged, isa: Isa, split: Split) -> Box<dyn Kernel> {
    Box::new(InRanges { body, isa, split })
}

struct InRanges<B> {
    body: B,
    isa: Isa,
    split: Split,
}

impl<B: Ranged> Kernel for InRanges<B> {
    fn tasks(&self) -> usize {
        self.split.tasks()
    }

    fn scratch(&self) -> usize {
        self.body.scratch()
    }

    unsafe fn run(&self, io: &Io, task: usize, scratch: &mut [f32]) {
        let (items, scratch) = (self.split.range(task), scratch.as_mut_ptr());
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

impl<B: Ranged> Vectorised for Part<'_, B> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: made only in `Ranged::run_on`, whose caller vouches for the operands.
        unsafe { self.body.run::<L>(self.io, self.items, self.scratch) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_cover_all_items_once_and_every_worker_gets_some_where_it_pays() {
        for (items, floats, threads) in
            [(1, 1, 1), (49, 1024, 2), (3136, 116, 2), (7, 9000, 3), (100, 1, 3), (0, 5, 2)]
        {
            let split = Split::new(items, floats, threads);
            let covered: Vec<usize> = (0..split.tasks()).flat_map(|t| split.range(t)).collect();
            assert_eq!(covered, (0..items).collect::<Vec<_>>());
            if items * floats >= threads * SMALLEST * 2 && items >= threads {
                assert!(split.tasks() >= threads, "{items} × {floats} on {threads}");
            }
        }
    }
}
