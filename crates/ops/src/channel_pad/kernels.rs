//! Each pixel's channels copied, and zeros behind them.

use super::ChannelPad;
use crate::{
    cpu::{CpuKernel, Io, PerVector, Pixels, Ranged, Same, Split, each_vector, ranged},
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
        let split = Split::new(x.shape.pixels(), x.shape.c + op.out, site.threads);
        ranged(Padded { pixels, zeros: op.out - x.shape.c }, site.isa, split)
    },
}];

struct Padded {
    pixels: Pixels,
    zeros: usize,
}

impl Ranged for Padded {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        // SAFETY: the caller vouches for the operands; the zeros end a pixel of the output.
        unsafe {
            self.pixels.map::<L>(Same, io.inputs[0], io.output, items.clone());
            for p in items {
                let behind = io.output.add(p * self.pixels.to + self.pixels.channels);
                each_vector::<L>(self.zeros, Zeros(behind));
            }
        }
    }
}

/// A run of zeros.
#[derive(Clone, Copy)]
struct Zeros(*mut f32);

impl PerVector for Zeros {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        // SAFETY: `Padded` makes it over whole runs.
        unsafe { L::splat(0.0).store_up_to(self.0.add(at), n) }
    }
}
