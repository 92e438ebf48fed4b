//! Each pixel's channels picked one by one.

use super::definition::ChannelSlice;
use crate::{
    cpu::{CpuKernel, Cut, Io, ParallelFor, Pixels, parallel_for},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<ChannelSlice>] = &[CpuKernel {
    name: "elements",
    fits: |_, _| true,
    prepare: |op, site| {
        let pixels = Pixels::new(site.inputs[0], site.output);
        let cut = Cut::for_workers(site.output.shape.pixels(), 2 * op.len, site.threads);
        parallel_for(Picked { op: *op, pixels }, site.isa, cut)
    },
}];

struct Picked {
    op: ChannelSlice,
    pixels: Pixels,
}

impl ParallelFor for Picked {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let ChannelSlice { start, step, len } = self.op;
        for p in items {
            // SAFETY: the caller vouches for the operands; the channels are the input's.
            unsafe {
                let mut x = io.inputs[0].add(p * self.pixels.from + start);
                let y = io.output.add(p * self.pixels.to);
                for c in 0..len {
                    f32::load(x).store(y.add(c));
                    x = x.wrapping_offset(step);
                }
            }
        }
    }
}
