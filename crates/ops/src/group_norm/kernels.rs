//! Group norm in three passes over some groups of an image: means, variances, result.
//!
//! Sums are kept by channel, in vectors over whole runs of channels, whatever the groups. Those of a group become one
//! at the end of a pass.

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
    name: "three_passes",
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
        let body = ThreePasses {
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

/// Pixels that are summed before sums are written.
const TOGETHER: usize = 4;

struct ThreePasses {
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

impl ParallelFor for ThreePasses {
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

impl ThreePasses {
    /// `len` channels from channel `first` on.
    ///
    /// # Safety
    /// `x` and `y` have them in each pixel of an image; `sums` and `means` hold as many.
    #[inline(always)]
    unsafe fn channels<L: Lanes>(
        &self,
        x: *const f32,
        y: *mut f32,
        first: usize,
        len: usize,
        sums: *mut f32,
        means: *mut f32,
    ) {
        // SAFETY: the caller vouches for the memory.
        unsafe {
            (0..len).for_each(|c| 0.0.store(means.add(c)));
            self.sum::<L, false>(x, len, sums, means);
            self.share(sums, means, len);
            self.sum::<L, true>(x, len, sums, means);
            self.share(sums, sums, len);
            for c in 0..len {
                let [variance, mean] = [sums, means].map(|p| f32::load(p.add(c)));
                let gamma = f32::load(self.affine.as_ptr().add(first + c));
                let beta = f32::load(self.affine.as_ptr().add(self.pixels.channels + first + c));
                let scale = gamma / (variance + self.epsilon).sqrt();
                scale.store(sums.add(c));
                (beta - scale * mean).store(means.add(c));
            }
            for p in 0..self.area {
                let x = x.add(p * self.pixels.from);
                let y = y.add(p * self.pixels.to);
                write_run::<L>(len, y, Affine { x, scale: sums, shift: means });
            }
        }
    }

    /// The sum by channel of x − mean, or of its square.
    ///
    /// # Safety
    /// As [`Self::channels`].
    #[inline(always)]
    unsafe fn sum<L: Lanes, const SQUARE: bool>(
        &self,
        x: *const f32,
        len: usize,
        sums: *mut f32,
        means: *const f32,
    ) {
        // SAFETY: the caller vouches for the memory.
        unsafe {
            (0..len).for_each(|c| 0.0.store(sums.add(c)));
            for start in (0..self.area).step_by(TOGETHER) {
                let pixels = start..self.area.min(start + TOGETHER);
                for at in (0..len).step_by(L::N) {
                    let n = L::N.min(len - at);
                    let mean = L::load_up_to(means.add(at), n);
                    let mut sum = L::load_up_to(sums.add(at), n);
                    for p in pixels.clone() {
                        let v = L::load_up_to(x.add(p * self.pixels.from + at), n).sub(mean);
                        sum = if SQUARE { sum.fma(v, v) } else { sum.add(v) };
                    }
                    sum.store_up_to(sums.add(at), n);
                }
            }
        }
    }

    /// Writes to each channel of `to` the mean of its group whose sums by channel are `sums`.
    ///
    /// # Safety
    /// As [`Self::channels`].
    #[inline(always)]
    unsafe fn share(&self, sums: *const f32, to: *mut f32, len: usize) {
        let count = (self.channels * self.area) as f64;
        for first in (0..len).step_by(self.channels) {
            let group = first..first + self.channels;
            // SAFETY: the caller vouches for the memory.
            unsafe {
                let sum: f64 = group.clone().map(|c| f64::from(f32::load(sums.add(c)))).sum();
                group.for_each(|c| ((sum / count) as f32).store(to.add(c)));
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
        // SAFETY: `ThreePasses` makes it over whole runs.
        let [x, scale, shift] =
            [self.x, self.scale, self.shift].map(|p| unsafe { L::load_up_to(p.add(at), n) });
        shift.fma(scale, x)
    }
}
