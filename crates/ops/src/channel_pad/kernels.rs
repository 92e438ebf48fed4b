//! Each pixel's channels copied, and zeros behind them.

use super::ChannelPad;
use crate::{
    cpu::{CpuKernel, Cut, Io, ParallelFor, Pixels, Values, parallel_for, write_run},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<ChannelPad>] = &[CpuKernel {
    name: "copy",
    fits: |_, _| true,
    prepare: |op, site| {
        let x = site.inputs[0];
        let pixels = Pixels::new(x, site.output);
        let split = Cut::for_workers(x.shape.pixels(), x.shape.c + op.out, site.threads);
        parallel_for(Padded { pixels, out: op.out }, site.isa, split)
    },
}];

struct Padded {
    pixels: Pixels,
    /// Channels of the output.
    out: usize,
}

impl ParallelFor for Padded {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Pixels { channels, from, to } = self.pixels;
        for p in items {
            // SAFETY: the caller vouches for the operands, which have the items.
            unsafe {
                let pixel = Pixel { x: io.inputs[0].add(p * from), channels };
                write_run::<L>(self.out, io.output.add(p * to), pixel);
            }
        }
    }
}

/// A pixel's channels, and zeros behind them without end.
#[derive(Clone, Copy)]
struct Pixel {
    x: *const f32,
    channels: usize,
}

impl Values for Pixel {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        match self.channels.saturating_sub(at).min(n) {
            0 => L::splat(0.0),
            // SAFETY: `Padded` makes it of pixels that have so many channels.
            there => unsafe { L::load_up_to(self.x.add(at), there) },
        }
    }
}
