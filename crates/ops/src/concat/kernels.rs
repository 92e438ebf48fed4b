//! Every input copied to its channels of the output, a range of pixels at a time.

use super::Concat;
use crate::{
    cpu::{CpuKernel, Cut, Io, ParallelFor, Pixels, Same, parallel_for},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Concat>] = &[CpuKernel {
    name: "copy",
    fits: |_, _| true,
    prepare: |_, site| {
        let shape = site.output.shape;
        let inputs = site.inputs.iter().map(|&x| Pixels::new(x, site.output)).collect();
        let split = Cut::for_workers(shape.pixels(), 2 * shape.c, site.threads);
        parallel_for(Copies { inputs }, site.isa, split)
    },
}];

struct Copies {
    inputs: Vec<Pixels>,
}

impl ParallelFor for Copies {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let mut y = io.output;
        for (pixels, &x) in self.inputs.iter().zip(io.inputs) {
            // SAFETY: the caller vouches for the operands; the output's channels are the inputs'.
            unsafe {
                pixels.map::<L>(Same, x, y, items.clone());
                y = y.add(pixels.channels);
            }
        }
    }
}
