//! Layer norm in three passes over a pixel's channels, which stay in the cache: mean, variance, result.

use super::definition::LayerNorm;
use crate::{
    cpu::{
        AlignedBuffer, CpuKernel, Cut, Io, ParallelFor, Pixels, Values, parallel_for, write_run,
    },
    simd::{Lanes, total},
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<LayerNorm>] = &[CpuKernel {
    name: "three_passes",
    fits: |_, _| true,
    prepare: |op, site| {
        let pixels = Pixels::new(site.inputs[0], site.output);
        let weights = site.weights.all();
        let mut affine = AlignedBuffer::zeros(2 * pixels.channels);
        let (gammas, betas) = affine.as_mut_slice().split_at_mut(pixels.channels);
        for (c, (gamma, beta)) in gammas.iter_mut().zip(betas).enumerate() {
            let (scale, shift) = op.affine.at(&weights, c);
            (*gamma, *beta) = (scale as f32, shift as f32);
        }
        let split = Cut::for_workers(site.output.shape.pixels(), 4 * pixels.channels, site.threads);
        parallel_for(ThreePasses { pixels, epsilon: op.epsilon, affine }, site.isa, split)
    },
}];

struct ThreePasses {
    pixels: Pixels,
    epsilon: f32,
    /// All γ, then all β.
    affine: AlignedBuffer,
}

impl ParallelFor for ThreePasses {
    /// A vector that is not full.
    fn scratch(&self) -> usize {
        self.pixels.channels
    }

    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, scratch: *mut f32) {
        let len = self.pixels.channels;
        let share = 1.0 / len as f32;
        for p in items {
            // SAFETY: the caller vouches for the operands; `x` and `y` hold `len` elements, as do γ, β and the
            // scratch memory.
            unsafe {
                let x = io.inputs[0].add(p * self.pixels.from);
                let y = io.output.add(p * self.pixels.to);
                let mean = total::<L>(x, len) * share;
                let variance = squares::<L>(x, len, mean, scratch) * share;
                let factor = 1.0 / (variance + self.epsilon).sqrt();
                let gamma = self.affine.as_ptr();
                write_run::<L>(len, y, Normal { x, mean, factor, gamma, beta: gamma.add(len) });
            }
        }
    }
}

/// Vectors that are summed side by side.
const CHAINS: usize = 4;

/// Σ (x − mean)² of `len` elements.
///
/// # Safety
/// `x` is valid for reading them, `scratch` for writing as many.
#[inline(always)]
unsafe fn squares<L: Lanes>(x: *const f32, len: usize, mean: f32, scratch: *mut f32) -> f32 {
    let mean = L::splat(mean);
    let mut sums = [L::splat(0.0); CHAINS];
    let mut at = 0;
    // SAFETY: every part lies within the run.
    unsafe {
        while at + CHAINS * L::N <= len {
            for (i, sum) in sums.iter_mut().enumerate() {
                let difference = L::load(x.add(at + i * L::N)).sub(mean);
                *sum = sum.fma(difference, difference);
            }
            at += CHAINS * L::N;
        }
        while at < len {
            let n = L::N.min(len - at);
            let mut difference = L::load_up_to(x.add(at), n).sub(mean);
            if n < L::N {
                // Loaded again so that lanes beyond the run count as 0.
                difference.store_first(scratch, n);
                difference = L::load_first(scratch, n);
            }
            sums[0] = sums[0].fma(difference, difference);
            at += n;
        }
    }
    let [a, b, c, d] = sums;
    a.add(b).add(c.add(d)).sum()
}

/// γ·(x − mean)·factor + β.
#[derive(Clone, Copy)]
struct Normal {
    x: *const f32,
    mean: f32,
    factor: f32,
    gamma: *const f32,
    beta: *const f32,
}

impl Values for Normal {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        // SAFETY: `ThreePasses` makes it over whole runs.
        let [x, gamma, beta] =
            [self.x, self.gamma, self.beta].map(|p| unsafe { L::load_up_to(p.add(at), n) });
        beta.fma(gamma, x.sub(L::splat(self.mean)).mul(L::splat(self.factor)))
    }
}
