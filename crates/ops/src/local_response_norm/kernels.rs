//! Squares of a pixel's channels between zeros, then for each channel the sum of its window.
//!
//! ```text
//! for each pixel:
//!     q = 0 … 0, x(0)², …, x(C − 1)², 0 … 0      (size / 2 zeros before, the rest behind)
//!     y(c) = x(c) · (k + α/size · (q(c) + … + q(c + size − 1)))^−β
//! ```

use super::LocalResponseNorm;
use crate::{
    cpu::{CpuKernel, Cut, Io, ParallelFor, PerVector, Pixels, Site, each_vector, parallel_for},
    simd::{Lanes, math::inverse_sqrt},
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<LocalResponseNorm>] = &[
    CpuKernel {
        name: "window_sqrt",
        fits: |op, _| op.beta == 0.75,
        prepare: |op, site| {
            parallel_for(Window::new(op, ThreeQuarters, site), site.isa, split(site))
        },
    },
    CpuKernel {
        name: "window_pow",
        fits: |_, _| true,
        prepare: |op, site| {
            parallel_for(Window::new(op, Any(op.beta), site), site.isa, split(site))
        },
    },
];

fn split(site: &Site<'_>) -> Cut {
    let shape = site.output.shape;
    Cut::for_workers(shape.pixels(), 3 * shape.c, site.threads)
}

/// y = x · t^−β. Implementations are `#[inline(always)]`.
trait Power: Copy + Send + Sync + 'static {
    /// The first `n <= L::N` lanes, written to `y`.
    ///
    /// # Safety
    /// `y` is valid for reading and writing `n` elements.
    unsafe fn scale<L: Lanes>(self, x: L, t: L, y: *mut f32, n: usize);
}

/// β = 3/4, with which everyone normalises: t^−¾ = r·√r, r = 1/√t. Roots and quotients pass through one slow
/// unit; this way it takes one root, while r comes from the others.
#[derive(Clone, Copy)]
struct ThreeQuarters;

impl Power for ThreeQuarters {
    #[inline(always)]
    unsafe fn scale<L: Lanes>(self, x: L, t: L, y: *mut f32, n: usize) {
        let r = inverse_sqrt(t);
        // SAFETY: passed on from the caller.
        unsafe { x.mul(r).mul(r.sqrt()).store_up_to(y, n) }
    }
}

/// Any β, an element at a time.
#[derive(Clone, Copy)]
struct Any(f32);

impl Power for Any {
    #[inline(always)]
    unsafe fn scale<L: Lanes>(self, x: L, t: L, y: *mut f32, n: usize) {
        // SAFETY: passed on from the caller.
        unsafe {
            t.store_up_to(y, n);
            (0..n).for_each(|i| f32::load(y.add(i)).powf(-self.0).store(y.add(i)));
            x.mul(L::load_up_to(y, n)).store_up_to(y, n);
        }
    }
}

struct Window<P> {
    pixels: Pixels,
    size: usize,
    /// α/size.
    factor: f32,
    k: f32,
    power: P,
}

impl<P> Window<P> {
    fn new(op: &LocalResponseNorm, power: P, site: &Site<'_>) -> Self {
        let pixels = Pixels::new(site.inputs[0], site.output);
        Self { pixels, size: op.size, factor: op.alpha / op.size as f32, k: op.k, power }
    }
}

impl<P: Power> ParallelFor for Window<P> {
    fn scratch(&self) -> usize {
        self.pixels.channels + self.size
    }

    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, scratch: *mut f32) {
        let (channels, before) = (self.pixels.channels, self.size / 2);
        // SAFETY: the caller vouches for the operands; the scratch memory holds a window more than
        // the channels.
        unsafe {
            for i in (0..before).chain(before + channels..self.size + channels) {
                0f32.store(scratch.add(i));
            }
            for p in items {
                let x = io.inputs[0].add(p * self.pixels.from);
                let y = io.output.add(p * self.pixels.to);
                each_vector::<L>(channels, Square { x, y: scratch.add(before) });
                each_vector::<L>(channels, Normalise { window: self, squares: scratch, x, y });
            }
        }
    }
}

/// y = x² over one pixel.
#[derive(Clone, Copy)]
struct Square {
    x: *const f32,
    y: *mut f32,
}

impl PerVector for Square {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        // SAFETY: `Window` makes it over whole pixels.
        unsafe {
            let x = L::load_up_to(self.x.add(at), n);
            x.mul(x).store_up_to(self.y.add(at), n);
        }
    }
}

/// The second half of a pixel's work.
struct Normalise<'a, P> {
    window: &'a Window<P>,
    squares: *const f32,
    x: *const f32,
    y: *mut f32,
}

impl<P> Clone for Normalise<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Normalise<'_, P> {}

impl<P: Power> PerVector for Normalise<'_, P> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        let Window { size, factor, k, power, .. } = *self.window;
        // SAFETY: `Window::run` makes it over whole pixels; the last window ends with the zeros.
        unsafe {
            let mut sum = L::load_up_to(self.squares.add(at), n);
            for i in 1..size {
                sum = sum.add(L::load_up_to(self.squares.add(at + i), n));
            }
            let t = L::splat(k).fma(L::splat(factor), sum);
            power.scale(L::load_up_to(self.x.add(at), n), t, self.y.add(at), n);
        }
    }
}
