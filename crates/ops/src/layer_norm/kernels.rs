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
        let four = items.start..items.start + items.len() / ROWS * ROWS;
        // SAFETY: the caller vouches for the operands, which have the items.
        unsafe {
            for p in four.clone().step_by(ROWS) {
                self.pixels::<L, ROWS>(io, p);
            }
            for p in four.end..items.end {
                self.pixels::<L, 1>(io, p);
            }
        }
    }
}

/// Pixels whose means and variances are computed together, so that none waits for another's sums of lanes.
const ROWS: usize = 4;

impl ThreePasses {
    /// `R` pixels from pixel `p` on.
    ///
    /// # Safety
    /// The operands have them.
    #[inline(always)]
    unsafe fn pixels<L: Lanes, const R: usize>(&self, io: &Io, p: usize) {
        let Pixels { channels: len, from, to } = self.pixels;
        let share = 1.0 / len as f32;
        let (mut means, mut factors) = ([0.0; R], [0.0; R]);
        // SAFETY: the caller vouches for the operands; γ and β hold `len` elements.
        unsafe {
            let x: [*const f32; R] = std::array::from_fn(|r| io.inputs[0].add((p + r) * from));
            for r in 0..R {
                means[r] = total::<L>(x[r], len) * share;
            }
            for r in 0..R {
                let variance = squares::<L>(x[r], len, means[r]) * share;
                factors[r] = 1.0 / (variance + self.epsilon).sqrt();
            }
            let gamma = self.affine.as_ptr();
            let beta = gamma.add(len);
            for r in 0..R {
                let normal = Normal { x: x[r], mean: means[r], factor: factors[r], gamma, beta };
                write_run::<L>(len, io.output.add((p + r) * to), normal);
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
        unsafe {
            let x = L::load_up_to(self.x.add(at), n);
            let (gamma, beta) =
                (L::load_up_to(self.gamma.add(at), n), L::load_up_to(self.beta.add(at), n));
            beta.fma(gamma, x.sub(L::splat(self.mean)).mul(L::splat(self.factor)))
        }
    }
}
