//! Layer norm in three passes over a pixel's channels, which stay in the cache: mean, variance, result.

use super::definition::LayerNorm;
use crate::{
    cpu::{
        AlignedBuffer, CpuKernel, Cut, Io, ParallelFor, Pixels, Values, parallel_for, write_run,
    },
    simd::{Lanes, squares, total},
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
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let len = self.pixels.channels;
        let share = 1.0 / len as f32;
        for p in items {
            // SAFETY: the caller vouches for the operands; `x` and `y` hold `len` elements, as do γ and β.
            unsafe {
                let x = io.inputs[0].add(p * self.pixels.from);
                let y = io.output.add(p * self.pixels.to);
                let mean = total::<L>(x, len) * share;
                let variance = squares::<L>(x, len, mean) * share;
                let factor = 1.0 / (variance + self.epsilon).sqrt();
                let gamma = self.affine.as_ptr();
                write_run::<L>(len, y, Normal { x, mean, factor, gamma, beta: gamma.add(len) });
            }
        }
    }
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
