//! Group norm in two walks over some groups of an image: means and variances, then the result.
//!
//! Both are kept by channel, in vectors over whole runs of channels, whatever the groups. A few pixels at a time have
//! theirs computed in two passes, while they are near, and are then merged into those before (Chan et al. 1983, doi
//! 10.1080/00031305.1983.10483115). So no sum of squares loses what differences would have kept.

use super::definition::GroupNorm;
use crate::{
    cpu::{
        AlignedBuffer, CpuKernel, Cut, Io, ParallelFor, Pixels, Values, parallel_for, write_run,
    },
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<GroupNorm>] = &[CpuKernel {
    name: "two_walks",
    fits: |_, _| true,
    prepare: |op, site| {
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
        };
        let split = Cut::for_workers(shape.n * blocks, 4 * shape.area() * block, site.threads);
        parallel_for(body, site.isa, split)
    },
}];

/// Channels of an item at least, where an image's are shared by workers.
const BLOCK: usize = 64;

/// Pixels whose means and variances are computed together: their channels stay in the first-level cache.
const TOGETHER: usize = 16;

struct TwoWalks {
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
}

impl ParallelFor for TwoWalks {
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

impl TwoWalks {
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
                for at in (0..len).step_by(L::N) {
                    let n = L::N.min(len - at);
                    let (means, squares) = (means.add(at), squares.add(at));
                    self.merge::<L>(x.add(at), pixels.clone(), n, means, squares);
                }
            }
            for group in (0..len).step_by(self.channels) {
                self.scale_and_shift(first + group, means.add(group), squares.add(group));
            }
            let (scale, shift) = (squares.cast_const(), means.cast_const());
            for p in 0..self.area {
                let x = x.add(p * self.pixels.from);
                write_run::<L>(len, y.add(p * self.pixels.to), Affine { x, scale, shift });
            }
        }
    }

    /// Takes `pixels` into the means of `n` channels, and into the sums of squared differences from them, of all
    /// pixels before.
    ///
    /// # Safety
    /// As [`Self::channels`].
    #[inline(always)]
    unsafe fn merge<L: Lanes>(
        &self,
        x: *const f32,
        pixels: Range<usize>,
        n: usize,
        means: *mut f32,
        squares: *mut f32,
    ) {
        let (before, count) = (pixels.start as f32, pixels.len() as f32);
        let (mut sum, mut square) = (L::splat(0.0), L::splat(0.0));
        for p in pixels.clone() {
            // Walking down columns, the processor does not see by itself what comes next.
            L::prefetch(x.wrapping_add((p + TOGETHER) * self.pixels.from));
            // SAFETY: the caller vouches for the memory.
            sum = sum.add(unsafe { L::load_up_to(x.add(p * self.pixels.from), n) });
        }
        let mean = sum.mul(L::splat(1.0 / count));
        for p in pixels {
            // SAFETY: as above.
            let v = unsafe { L::load_up_to(x.add(p * self.pixels.from), n) };
            let difference = v.sub(mean);
            square = square.fma(difference, difference);
        }
        let (mut all, mut all_squares) = (mean, square);
        if before > 0.0 {
            // SAFETY: as above.
            let (old, old_squares) =
                unsafe { (L::load_up_to(means, n), L::load_up_to(squares, n)) };
            let (change, share) = (mean.sub(old), count / (before + count));
            all = old.fma(change, L::splat(share));
            all_squares = old_squares.add(square).fma(change.mul(change), L::splat(before * share));
        }
        // SAFETY: as above.
        unsafe {
            all.store_up_to(means, n);
            all_squares.store_up_to(squares, n);
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
            let deviation = (variance + f64::from(self.epsilon)).sqrt();
            let (gamma, beta) =
                (self.affine.as_ptr(), self.affine.as_ptr().add(self.pixels.channels));
            for c in 0..self.channels {
                let scale = at(gamma, first + c) / deviation;
                (scale as f32).store(squares.add(c));
                ((at(beta, first + c) - scale * mean) as f32).store(means.add(c));
            }
        }
    }
}

/// x · scale + shift.
#[derive(Clone, Copy)]
struct Affine {
    x: *const f32,
    scale: *const f32,
    shift: *const f32,
}

impl Values for Affine {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        // SAFETY: `TwoWalks` makes it over whole runs.
        unsafe {
            let x = L::load_up_to(self.x.add(at), n);
            let (scale, shift) =
                (L::load_up_to(self.scale.add(at), n), L::load_up_to(self.shift.add(at), n));
            shift.fma(scale, x)
        }
    }
}
