//! Sums of squares over the pixels of an image, a few vectors of channels at a time.

use super::definition::GlobalL2Pool;
use crate::{
    cpu::{CpuKernel, Cut, Io, ParallelFor, Pixels, parallel_for},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<GlobalL2Pool>] = &[CpuKernel {
    name: "sum_of_squares",
    fits: |_, _| true,
    prepare: |_, site| {
        let x = site.inputs[0].shape;
        let pixels = Pixels::new(site.inputs[0], site.output);
        let blocks = x.c.div_ceil(BLOCK);
        let split = Cut::for_workers(x.n * blocks, x.area() * BLOCK.min(x.c), site.threads);
        parallel_for(SumOfSquares { pixels, area: x.area(), blocks }, site.isa, split)
    },
}];

/// Channels of an item: an image's are shared by workers.
const BLOCK: usize = 64;

/// Vectors that are summed side by side.
const CHAINS: usize = 4;

struct SumOfSquares {
    pixels: Pixels,
    /// Pixels to an image.
    area: usize,
    /// Items to an image.
    blocks: usize,
}

impl ParallelFor for SumOfSquares {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        for item in items {
            let (image, first) = (item / self.blocks, item % self.blocks * BLOCK);
            let end = self.pixels.channels.min(first + BLOCK);
            let mut c = first;
            while c < end {
                let vectors = (end - c).div_ceil(L::N).min(CHAINS);
                let len = (end - c).min(vectors * L::N);
                // SAFETY: the caller vouches for the operands, which have the channels of the image.
                unsafe {
                    let x = io.inputs[0].add(image * self.area * self.pixels.from + c);
                    let y = io.output.add(image * self.pixels.to + c);
                    self.channels::<L>(x, y, len);
                }
                c += len;
            }
        }
    }
}

impl SumOfSquares {
    /// `len` channels, at most [`CHAINS`] vectors, from `x` and to `y`.
    ///
    /// # Safety
    /// `x` has them in each pixel of an image, `y` in one.
    #[inline(always)]
    unsafe fn channels<L: Lanes>(&self, x: *const f32, y: *mut f32, len: usize) {
        let mut sums = [L::splat(0.0); CHAINS];
        for p in 0..self.area {
            for (i, sum) in sums.iter_mut().enumerate() {
                let n = len.saturating_sub(i * L::N).min(L::N);
                if n > 0 {
                    // SAFETY: the caller vouches for the channels.
                    let v = unsafe { L::load_up_to(x.add(p * self.pixels.from + i * L::N), n) };
                    *sum = sum.fma(v, v);
                }
            }
        }
        for (i, sum) in sums.into_iter().enumerate() {
            let n = len.saturating_sub(i * L::N).min(L::N);
            if n > 0 {
                // SAFETY: the caller vouches for the channels.
                unsafe { sum.sqrt().store_up_to(y.add(i * L::N), n) };
            }
        }
    }
}
