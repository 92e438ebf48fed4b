//! Softmax in three passes over a pixel's channels: the largest, the powers and their sum, the
//! division.

use super::Softmax;
use crate::{
    cpu::{CpuKernel, Cut, Io, Kernel, ParallelFor, Pixels, Site, parallel_for},
    simd::{Lanes, largest, math::exp},
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Softmax>] = &[CpuKernel {
    name: "three_passes",
    fits: |_, _| true,
    prepare: |_, site| three_passes(Share, site),
}];

/// The third pass over a pixel's channels. Implementations are `#[inline(always)]`.
pub(crate) trait ThirdPass: Send + Sync + 'static {
    /// Writes the results to `y`, which holds e^{x − most}, whose sum is `sum`.
    ///
    /// # Safety
    /// `x` is valid for reading `len` elements, `y` for reading and writing them.
    unsafe fn finish<L: Lanes>(&self, x: *const f32, y: *mut f32, len: usize, most: f32, sum: f32);
}

/// The kernel that ends with this pass, ready to run.
pub(crate) fn three_passes<P: ThirdPass>(last: P, site: &Site<'_>) -> Box<dyn Kernel> {
    let pixels = Pixels::new(site.inputs[0], site.output);
    let split = Cut::for_workers(site.output.shape.pixels(), 4 * pixels.channels, site.threads);
    parallel_for(ThreePasses { pixels, last }, site.isa, split)
}

struct ThreePasses<P> {
    pixels: Pixels,
    last: P,
}

impl<P: ThirdPass> ParallelFor for ThreePasses<P> {
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
struct Share;

impl ThirdPass for Share {
    #[inline(always)]
    unsafe fn finish<L: Lanes>(&self, _: *const f32, y: *mut f32, len: usize, _: f32, sum: f32) {
        // SAFETY: as the trait demands.
        unsafe { scale::<L>(y, len, 1.0 / sum) }
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
