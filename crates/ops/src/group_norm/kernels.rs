//! Group norm in two walks over some groups of an image: means and variances, then the result.
//!
//! Both are kept by channel, in vectors over whole runs of channels, whatever the groups, and a few pixels at a time are
//! taken into those before (Chan et al. 1983, doi 10.1080/00031305.1983.10483115):
//!
//! ```text
//! for each few pixels, for each few vectors of channels:
//!     d = x − the mean of all pixels before (of the first pixels: their own mean)
//!     mean ← mean + Σd / n;  squares ← squares + Σd² − (Σd)² / n        (n pixels with these)
//! for each group: scale and shift of its channels
//! for each few pixels, for each vector of channels: y ← x · scale + shift
//! ```
//!
//! As many pixels as are taken in, at most, are half of n, so (Σd)²/n is at most half of Σd²: no difference of squares
//! loses what differences would have kept.

use super::definition::GroupNorm;
use crate::{
    Epilogue,
    cpu::{
        AlignedBuffer, Bounds, CpuKernel, Cut, Function, Io, Kernel, ParallelFor, Pixels,
        RowsOfValues, Same, Site, parallel_for, write_runs,
    },
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<GroupNorm>] = &[CpuKernel {
    name: "two_walks",
    fits: |_, _| true,
    prepare: |op, site| match site.epilogue {
        Epilogue::NONE => two_walks(op, site, Same),
        epilogue => two_walks(op, site, Bounds::of(epilogue)),
    },
}];

/// The kernel that ends with a function, ready to run.
fn two_walks(op: &GroupNorm, site: &Site<'_>, then: impl Function) -> Box<dyn Kernel> {
    let shape = site.output.shape;
    let channels = shape.c / op.groups;
    let least = if site.threads == 1 { shape.c } else { BLOCK };
    let block = least.div_ceil(channels).clamp(1, op.groups) * channels;
    let blocks = shape.c.div_ceil(block);
    let weights = site.weights.all();
    let mut affine = AlignedBuffer::zeros(2 * shape.c);
    let (gammas, betas) = affine.as_mut_slice().split_at_mut(shape.c);
    for (c, (gamma, beta)) in gammas.iter_mut().zip(betas).enumerate() {
        let (scale, shift) = op.affine.at(&weights, c);
        (*gamma, *beta) = (scale as f32, shift as f32);
    }
    let body = TwoWalks {
        pixels: Pixels::new(site.inputs[0], site.output),
        area: shape.area(),
        channels,
        block,
        epsilon: op.epsilon,
        affine,
        then,
    };
    let split = Cut::for_workers(shape.n * blocks, 4 * shape.area() * block, site.threads);
    parallel_for(body, site.isa, split)
}

/// Channels of an item at least, where an image's are shared by workers.
const BLOCK: usize = 64;

/// Pixels that are taken in together.
const TOGETHER: usize = 16;

/// Vectors of channels that are gone down together, so that none waits for another's sums.
const VECTORS: usize = 4;

/// Pixels that are written side by side, so that they share the loads of scales and shifts.
const ROWS: usize = 4;

struct TwoWalks<F> {
    pixels: Pixels,
    /// Pixels to an image.
    area: usize,
    /// Channels to a group.
    channels: usize,
    /// Channels to an item: whole groups.
    block: usize,
    epsilon: f32,
    /// All γ, then all β.
    affine: AlignedBuffer,
    /// What is done to the results.
    then: F,
}

impl<F: Function> ParallelFor for TwoWalks<F> {
    /// Two vectors of an item's channels.
    fn scratch(&self) -> usize {
        2 * self.block
    }

    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, scratch: *mut f32) {
        let all = self.pixels.channels;
        let blocks = all.div_ceil(self.block);
        for item in items {
            let (image, first) = (item / blocks, item % blocks * self.block);
            let len = self.block.min(all - first);
            // SAFETY: the caller vouches for the operands, which have these channels of the image, and for the
            // scratch memory, which holds two vectors of them.
            unsafe {
                let x = io.inputs[0].add(image * self.area * self.pixels.from + first);
                let y = io.output.add(image * self.area * self.pixels.to + first);
                self.channels::<L>(x, y, first, len, scratch, scratch.add(len));
            }
        }
    }
}

impl<F: Function> TwoWalks<F> {
    /// `len` channels from channel `first` on.
    ///
    /// # Safety
    /// `x` and `y` have them in each pixel of an image; `means` and `squares` hold as many.
    #[inline(always)]
    unsafe fn channels<L: Lanes>(
        &self,
        x: *const f32,
        y: *mut f32,
        first: usize,
        len: usize,
        means: *mut f32,
        squares: *mut f32,
    ) {
        // SAFETY: the caller vouches for the memory.
        unsafe {
            for start in (0..self.area).step_by(TOGETHER) {
                let pixels = start..self.area.min(start + TOGETHER);
                let mut at = 0;
                while at < len {
                    let (x, means, squares) = (x.add(at), means.add(at), squares.add(at));
                    let pixels = pixels.clone();
                    if at + VECTORS * L::N <= len {
                        self.take_in::<L, VECTORS>(x, pixels, L::N, means, squares);
                        at += VECTORS * L::N;
                    } else {
                        self.take_in::<L, 1>(x, pixels, L::N.min(len - at), means, squares);
                        at += L::N;
                    }
                }
            }
            for group in (0..len).step_by(self.channels) {
                self.scale_and_shift(first + group, means.add(group), squares.add(group));
            }
            let (scale, shift) = (squares.cast_const(), means.cast_const());
            let side_by_side = self.area / ROWS * ROWS;
            for p in (0..side_by_side).step_by(ROWS) {
                self.finish::<L, ROWS>(x, y, p, len, scale, shift);
            }
            for p in side_by_side..self.area {
                self.finish::<L, 1>(x, y, p, len, scale, shift);
            }
        }
    }

    /// Takes `pixels` into the means of `V` vectors of `n` channels, and into the sums of squared differences from
    /// them, of all pixels before.
    ///
    /// # Safety
    /// As [`Self::channels`].
    #[inline(always)]
    unsafe fn take_in<L: Lanes, const V: usize>(
        &self,
        x: *const f32,
        pixels: Range<usize>,
        n: usize,
        means: *mut f32,
        squares: *mut f32,
    ) {
        let zero = L::splat(0.0);
        let (mut mean, mut square) = ([zero; V], [zero; V]);
        let (mut sum, mut more) = ([zero; V], [zero; V]);
        // SAFETY: the caller vouches for the memory.
        let at = |p: usize, v: usize| unsafe { x.add(p * self.pixels.from + v * L::N) };
        // SAFETY: as above.
        unsafe {
            for v in 0..V {
                if pixels.start > 0 {
                    mean[v] = L::load_up_to(means.add(v * L::N), n);
                    square[v] = L::load_up_to(squares.add(v * L::N), n);
                    continue;
                }
                for p in pixels.clone() {
                    mean[v] = mean[v].add(L::load_up_to(at(p, v), n));
                }
                mean[v] = mean[v].mul(L::splat(1.0 / pixels.len() as f32));
            }
            for p in pixels.clone() {
                for v in 0..V {
                    // Walking down columns, the processor does not see by itself what comes next.
                    L::prefetch(at(p, v).wrapping_add(TOGETHER * self.pixels.from));
                    let difference = L::load_up_to(at(p, v), n).sub(mean[v]);
                    sum[v] = sum[v].add(difference);
                    more[v] = more[v].fma(difference, difference);
                }
            }
            let share = L::splat(1.0 / pixels.end as f32);
            for v in 0..V {
                let change = sum[v].mul(share);
                mean[v].add(change).store_up_to(means.add(v * L::N), n);
                let more = more[v].sub(sum[v].mul(change));
                square[v].add(more).store_up_to(squares.add(v * L::N), n);
            }
        }
    }

    /// Writes `len` channels of `R` pixels from pixel `p` on.
    ///
    /// # Safety
    /// As [`Self::channels`].
    #[inline(always)]
    unsafe fn finish<L: Lanes, const R: usize>(
        &self,
        x: *const f32,
        y: *mut f32,
        p: usize,
        len: usize,
        scale: *const f32,
        shift: *const f32,
    ) {
        // SAFETY: passed on from the caller.
        unsafe {
            let x = std::array::from_fn(|r| x.add((p + r) * self.pixels.from));
            let y = std::array::from_fn(|r| y.add((p + r) * self.pixels.to));
            write_runs::<L, R>(len, y, Affine { x, scale, shift, then: self.then });
        }
    }

    /// For the group that begins at channel `first`: a and b of a·x + b in place of the squares and the means of its
    /// channels.
    ///
    /// # Safety
    /// As [`Self::channels`].
    #[inline(always)]
    unsafe fn scale_and_shift(&self, first: usize, means: *mut f32, squares: *mut f32) {
        let (channels, area) = (self.channels as f64, self.area as f64);
        // SAFETY: the caller vouches for the memory; γ and β have a value for each channel of the image.
        unsafe {
            let at = |p: *const f32, c: usize| f64::from(f32::load(p.add(c)));
            let mean = (0..self.channels).map(|c| at(means, c)).sum::<f64>() / channels;
            let square = |c: usize| at(squares, c) + area * (at(means, c) - mean).powi(2);
            let variance = (0..self.channels).map(square).sum::<f64>() / (channels * area);
            let factor = 1.0 / (variance + f64::from(self.epsilon)).sqrt();
            let (gamma, beta) =
                (self.affine.as_ptr(), self.affine.as_ptr().add(self.pixels.channels));
            for c in 0..self.channels {
                let scale = at(gamma, first + c) * factor;
                (scale as f32).store(squares.add(c));
                ((at(beta, first + c) - scale * mean) as f32).store(means.add(c));
            }
        }
    }
}

/// x · scale + shift and what follows, for `R` pixels.
#[derive(Clone, Copy)]
struct Affine<F, const R: usize> {
    x: [*const f32; R],
    scale: *const f32,
    shift: *const f32,
    then: F,
}

impl<F: Function, const R: usize> RowsOfValues<R> for Affine<F, R> {
    #[expect(clippy::needless_range_loop, reason = "rows are read by their indices")]
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> [L; R] {
        // SAFETY: `TwoWalks` makes it over whole runs.
        unsafe {
            let (scale, shift) =
                (L::load_up_to(self.scale.add(at), n), L::load_up_to(self.shift.add(at), n));
            let mut y = [shift; R];
            for r in 0..R {
                let x = L::load_up_to(self.x[r].add(at), n);
                y[r] = self.then.of(shift.fma(scale, x));
            }
            y
        }
    }
}
