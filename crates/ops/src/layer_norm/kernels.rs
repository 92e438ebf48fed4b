//! Layer norm in three passes over the channels of a few pixels, which stay in the cache: means, variances, results.

use super::definition::LayerNorm;
use crate::{
    Epilogue,
    cpu::{
        AlignedBuffer, Bounds, CpuKernel, Cut, Function, Io, Kernel, ParallelFor, Pixels, Same,
        Site, Values, parallel_for, write_run,
    },
    simd::{Lanes, squares, total},
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<LayerNorm>] = &[CpuKernel {
    name: "three_passes",
    fits: |_, _| true,
    prepare: |op, site| match site.epilogue {
        Epilogue::NONE => three_passes(op, site, Same),
        epilogue => three_passes(op, site, Bounds::of(epilogue)),
    },
}];

/// The kernel that ends with a function, ready to run.
fn three_passes(op: &LayerNorm, site: &Site<'_>, then: impl Function) -> Box<dyn Kernel> {
    let pixels = Pixels::new(site.inputs[0], site.output);
    let weights = site.weights.all();
    let mut affine = AlignedBuffer::zeros(2 * pixels.channels);
    let (gammas, betas) = affine.as_mut_slice().split_at_mut(pixels.channels);
    for (c, (gamma, beta)) in gammas.iter_mut().zip(betas).enumerate() {
        let (scale, shift) = op.affine.at(&weights, c);
        (*gamma, *beta) = (scale as f32, shift as f32);
    }
    let split = Cut::for_workers(site.output.shape.pixels(), 4 * pixels.channels, site.threads);
    parallel_for(ThreePasses { pixels, epsilon: op.epsilon, affine, then }, site.isa, split)
}

struct ThreePasses<F> {
    pixels: Pixels,
    epsilon: f32,
    /// All γ, then all β.
    affine: AlignedBuffer,
    /// What is done to the results.
    then: F,
}

impl<F: Function> ParallelFor for ThreePasses<F> {
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

impl<F: Function> ThreePasses<F> {
    /// `R` pixels from pixel `p` on.
    ///
    /// # Safety
    /// The operands have them.
    #[inline(always)]
    unsafe fn pixels<L: Lanes, const R: usize>(&self, io: &Io, p: usize) {
        let Pixels { channels: len, from, to } = self.pixels;
        let share = 1.0 / len as f32;
        // SAFETY: the caller vouches for the operands; γ and β hold `len` elements.
        unsafe {
            let x: [*const f32; R] = std::array::from_fn(|r| io.inputs[0].add((p + r) * from));
            let mut means = [0.0; R];
            // One after the other: so they are asked for in order.
            for r in 0..R {
                means[r] = total::<L>(x[r], len) * share;
            }
            let squares = squares::<L, R>(x, len, means);
            let factors = squares.map(|square| 1.0 / (square * share + self.epsilon).sqrt());
            let gamma = self.affine.as_ptr();
            let beta = gamma.add(len);
            for r in 0..R {
                let (x, mean, factor, then) = (x[r], means[r], factors[r], self.then);
                let normal = Normal { x, mean, factor, gamma, beta, then };
                write_run::<L>(len, io.output.add((p + r) * to), normal);
            }
        }
    }
}

/// γ·(x − mean)·factor + β and what follows.
#[derive(Clone, Copy)]
struct Normal<F> {
    x: *const f32,
    mean: f32,
    factor: f32,
    gamma: *const f32,
    beta: *const f32,
    then: F,
}

impl<F: Function> Values for Normal<F> {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        // SAFETY: `ThreePasses` makes it over whole runs.
        unsafe {
            let x = L::load_up_to(self.x.add(at), n);
            let (gamma, beta) =
                (L::load_up_to(self.gamma.add(at), n), L::load_up_to(self.beta.add(at), n));
            let normal = x.sub(L::splat(self.mean)).mul(L::splat(self.factor));
            self.then.of(beta.fma(gamma, normal))
        }
    }
}
