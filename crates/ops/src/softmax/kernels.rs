//! Softmax in three passes over the elements that share a sum: the largest, the powers and their sum, the division.
//! Along channels a vector holds channels of one sum, along pixels a sum each.

use super::definition::{Along, Runs, Softmax};
use crate::{
    cpu::{CpuKernel, Cut, Io, Kernel, ParallelFor, Pixels, Site, parallel_for},
    simd::{Lanes, largest, math::exp},
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Softmax>] = &[
    CpuKernel {
        name: "three_passes",
        fits: |op, _| op.0 == Along::Channels,
        prepare: |_, site| three_passes(Share, site),
    },
    CpuKernel {
        name: "along_pixels",
        fits: |op, _| op.0 != Along::Channels,
        prepare: |op, site| along_pixels(Share, op.0, site),
    },
];

/// The third pass. Implementations are `#[inline(always)]`.
pub(crate) trait Last: Copy + Send + Sync + 'static {
    /// Writes the results to `y`, which holds e^{x − most}, whose sum is `sum`.
    ///
    /// # Safety
    /// `x` is valid for reading `len` elements, `y` for reading and writing them.
    unsafe fn finish<L: Lanes>(&self, x: *const f32, y: *mut f32, len: usize, most: f32, sum: f32);

    /// What each lane's sum becomes before results are made with it; `spare` is for use.
    ///
    /// # Safety
    /// `spare` is valid for reading and writing `n` elements, one for each lane that counts.
    unsafe fn prepared<L: Lanes>(&self, sum: L, spare: *mut f32, n: usize) -> L;

    /// The result for x, its power e^{x − most} and what became of the sum.
    fn result<L: Lanes>(&self, x: L, power: L, most: L, prepared: L) -> L;
}

/// The kernel that ends with this pass, ready to run.
pub(crate) fn three_passes<P: Last>(last: P, site: &Site<'_>) -> Box<dyn Kernel> {
    let pixels = Pixels::new(site.inputs[0], site.output);
    let split = Cut::for_workers(site.output.shape.pixels(), 4 * pixels.channels, site.threads);
    parallel_for(ThreePasses { pixels, last }, site.isa, split)
}

struct ThreePasses<P> {
    pixels: Pixels,
    last: P,
}

impl<P: Last> ParallelFor for ThreePasses<P> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let len = self.pixels.channels;
        for p in items {
            // SAFETY: the caller vouches for the operands; `x` and `y` hold `len` elements.
            unsafe {
                let x = io.inputs[0].add(p * self.pixels.from);
                let y = io.output.add(p * self.pixels.to);
                let most = largest::<L>(x, len);
                let sum = powers::<L>(x, y, len, most);
                self.last.finish::<L>(x, y, len, most, sum);
            }
        }
    }
}

/// Each power's share of their sum.
#[derive(Clone, Copy)]
struct Share;

impl Last for Share {
    #[inline(always)]
    unsafe fn finish<L: Lanes>(&self, _: *const f32, y: *mut f32, len: usize, _: f32, sum: f32) {
        // SAFETY: as the trait demands.
        unsafe { scale::<L>(y, len, 1.0 / sum) }
    }

    #[inline(always)]
    unsafe fn prepared<L: Lanes>(&self, sum: L, _: *mut f32, _: usize) -> L {
        L::splat(1.0).div(sum)
    }

    #[inline(always)]
    fn result<L: Lanes>(&self, _: L, power: L, _: L, prepared: L) -> L {
        power.mul(prepared)
    }
}

/// The kernel along pixels that ends with this pass, ready to run.
pub(crate) fn along_pixels<P: Last>(last: P, along: Along, site: &Site<'_>) -> Box<dyn Kernel> {
    let pixels = Pixels::new(site.inputs[0], site.output);
    let runs = along.runs(site.output.shape);
    let blocks = pixels.channels.div_ceil(BLOCK);
    let floats = 4 * runs.len * BLOCK.min(pixels.channels);
    let split = Cut::for_workers(runs.count * blocks, floats, site.threads);
    parallel_for(AlongPixels { pixels, runs, blocks, last }, site.isa, split)
}

/// Channels of an item: those of a run are shared by workers.
const BLOCK: usize = 64;

struct AlongPixels<P> {
    pixels: Pixels,
    runs: Runs,
    /// Items to a run.
    blocks: usize,
    last: P,
}

impl<P: Last> ParallelFor for AlongPixels<P> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        for item in items {
            let (first, start) = (self.runs.first(item / self.blocks), item % self.blocks * BLOCK);
            let end = self.pixels.channels.min(start + BLOCK);
            for c in (start..end).step_by(L::N) {
                // SAFETY: the caller vouches for the operands, which have the channels of the run.
                unsafe {
                    let x = io.inputs[0].add(first * self.pixels.from + c);
                    let y = io.output.add(first * self.pixels.to + c);
                    self.channels::<L>(x, y, L::N.min(end - c));
                }
            }
        }
    }
}

impl<P: Last> AlongPixels<P> {
    /// `n` channels of a run, at most a vector, from `x` and to `y`.
    ///
    /// # Safety
    /// Both have them in each pixel of the run.
    #[inline(always)]
    unsafe fn channels<L: Lanes>(&self, x: *const f32, y: *mut f32, n: usize) {
        let Runs { len, step, .. } = self.runs;
        let (from, to) = (step * self.pixels.from, step * self.pixels.to);
        // SAFETY: the caller vouches for the channels.
        unsafe {
            let mut most = L::load_up_to(x, n);
            for p in 1..len {
                most = most.max(L::load_up_to(x.add(p * from), n));
            }
            let mut sum = L::splat(0.0);
            for p in 0..len {
                let power = exp(L::load_up_to(x.add(p * from), n).sub(most));
                power.store_up_to(y.add(p * to), n);
                sum = sum.add(power);
            }
            // The first power is in the way of what may be written there meanwhile.
            let first = L::load_up_to(y, n);
            let prepared = self.last.prepared(sum, y, n);
            for p in 0..len {
                let power = if p == 0 { first } else { L::load_up_to(y.add(p * to), n) };
                let x = L::load_up_to(x.add(p * from), n);
                self.last.result(x, power, most, prepared).store_up_to(y.add(p * to), n);
            }
        }
    }
}

/// Writes e^{x − most} to `y` and returns the sum.
///
/// # Safety
/// `x` is valid for reading `len` elements, `y` for writing them.
#[inline(always)]
unsafe fn powers<L: Lanes>(x: *const f32, y: *mut f32, len: usize, most: f32) -> f32 {
    let mut sum = L::splat(0.0);
    for at in (0..len).step_by(L::N) {
        let n = L::N.min(len - at);
        // SAFETY: at + n <= len.
        unsafe {
            let power = exp(L::load_up_to(x.add(at), n).sub(L::splat(most)));
            power.store_up_to(y.add(at), n);
            // Loaded again so that lanes beyond the run count as 0.
            sum = sum.add(if n == L::N { power } else { L::load_first(y.add(at), n) });
        }
    }
    sum.sum()
}

/// Multiplies `len` elements by `by`, in place: none twice, so the last vector is a partial one.
///
/// # Safety
/// `y` is valid for reading and writing them.
#[inline(always)]
unsafe fn scale<L: Lanes>(y: *mut f32, len: usize, by: f32) {
    for at in (0..len).step_by(L::N) {
        let n = L::N.min(len - at);
        // SAFETY: at + n <= len.
        unsafe { L::load_up_to(y.add(at), n).mul(L::splat(by)).store_up_to(y.add(at), n) }
    }
}
