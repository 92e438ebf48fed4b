//! An output row is a column of the input: pixels a row apart, copied.

use super::definition::Transpose2d;
use crate::{
    cpu::{CpuKernel, Cut, Io, Layout, ParallelFor, Pixels, Same, parallel_for},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Transpose2d>] = &[CpuKernel {
    name: "copy",
    fits: |_, _| true,
    prepare: |_, site| {
        let y = site.output;
        let cut = Cut::for_workers(y.shape.n * y.shape.h, 2 * y.shape.w * y.shape.c, site.threads);
        parallel_for(Columns { x: site.inputs[0], y }, site.isa, cut)
    },
}];

struct Columns {
    x: Layout,
    y: Layout,
}

impl ParallelFor for Columns {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Self { x, y } = *self;
        let column = Pixels { from: x.shape.w * x.pixel, ..Pixels::new(x, y) };
        for item in items {
            let (image, row) = (item / y.shape.h, item % y.shape.h);
            // SAFETY: the caller vouches for the operands; the row is a column of the input.
            unsafe {
                let from = io.inputs[0].add(x.offset(image, 0, row));
                let to = io.output.add(y.offset(image, row, 0));
                column.map::<L>(Same, from, to, 0..y.shape.w);
            }
        }
    }
}
