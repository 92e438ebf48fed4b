//! Rows of every input copied to their places, an output row at a time.

use super::definition::Concat2d;
use crate::{
    cpu::{CpuKernel, Cut, Io, Layout, ParallelFor, Pixels, Same, parallel_for},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Concat2d>] = &[CpuKernel {
    name: "copy",
    fits: |_, _| true,
    prepare: |op, site| {
        let y = site.output;
        let corners = op.corners(site.inputs.iter().map(|x| x.shape));
        let inputs = site.inputs.iter().copied().zip(corners).collect();
        let cut = Cut::for_workers(y.shape.n * y.shape.h, 2 * y.shape.w * y.shape.c, site.threads);
        parallel_for(Rows { inputs, y }, site.isa, cut)
    },
}];

struct Rows {
    /// Each with its first row and column in the output.
    inputs: Vec<(Layout, (usize, usize))>,
    y: Layout,
}

impl ParallelFor for Rows {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        for item in items {
            let (image, row) = (item / self.y.shape.h, item % self.y.shape.h);
            for (&(x, (top, left)), &map) in self.inputs.iter().zip(io.inputs) {
                if !(top..top + x.shape.h).contains(&row) {
                    continue;
                }
                // SAFETY: the caller vouches for the operands; the row is one of the input's.
                unsafe {
                    let from = map.add(x.offset(image, row - top, 0));
                    let to = io.output.add(self.y.offset(image, row, left));
                    Pixels::new(x, self.y).map::<L>(Same, from, to, 0..x.shape.w);
                }
            }
        }
    }
}
