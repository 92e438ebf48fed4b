//! A run of each pixel's channels, copied.

use super::ChannelSplit;
use crate::{
    cpu::{CpuKernel, Cut, Io, ParallelFor, Pixels, Same, parallel_for},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<ChannelSplit>] = &[CpuKernel {
    name: "copy",
    fits: |_, _| true,
    prepare: |op, site| {
        let (from, to) = (site.inputs[0].pixel, site.output.pixel);
        let split = Cut::for_workers(site.output.shape.pixels(), 2 * op.len, site.threads);
        let pixels = Pixels { channels: op.len, from, to };
        parallel_for(Copy { start: op.start, pixels }, site.isa, split)
    },
}];

struct Copy {
    start: usize,
    pixels: Pixels,
}

impl ParallelFor for Copy {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        // SAFETY: the caller vouches for the operands; `start` is a channel of the input.
        unsafe { self.pixels.map::<L>(Same, io.inputs[0].add(self.start), io.output, items) }
    }
}
