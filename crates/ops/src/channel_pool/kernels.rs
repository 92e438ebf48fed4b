//! A pixel's vectors reduced to one, then its lanes.

use super::ChannelPool;
use crate::{
    cpu::{CpuKernel, Cut, Io, ParallelFor, Pixels, parallel_for},
    simd::{Lanes, largest, squares, total},
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<ChannelPool>] = &[CpuKernel {
    name: "reduce",
    fits: |_, _| true,
    prepare: |op, site| {
        let pixels = Pixels::new(site.inputs[0], site.output);
        let split = Cut::for_workers(site.output.shape.pixels(), pixels.channels + 1, site.threads);
        parallel_for(Reduce { op: *op, pixels }, site.isa, split)
    },
}];

struct Reduce {
    op: ChannelPool,
    pixels: Pixels,
}

impl ParallelFor for Reduce {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Pixels { channels, from, to } = self.pixels;
        for p in items {
            // SAFETY: the caller vouches for the operands.
            unsafe {
                let x = io.inputs[0].add(p * from);
                let y = match self.op {
                    ChannelPool::Mean => total::<L>(x, channels) / channels as f32,
                    ChannelPool::Max => largest::<L>(x, channels),
                    ChannelPool::Sum => total::<L>(x, channels),
                    ChannelPool::L2 => f32::sqrt(squares::<L, 1>([x], channels, [0.0])[0]),
                };
                y.store(io.output.add(p * to));
            }
        }
    }
}
