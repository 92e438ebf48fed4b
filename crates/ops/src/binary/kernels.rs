//! y = f(a, b), vector by vector over the channels of each pixel, whatever b is broadcast over.

use super::{Binary, BinaryFn};
use crate::{
    cpu::{CpuKernel, Io, Layout, PerVector, Ranged, Site, Split, each_vector, ranged},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Binary>] = &[
    CpuKernel {
        name: "zip",
        fits: |_, site| site.inputs[0].shape == site.inputs[1].shape,
        prepare: |op, site| match op.0 {
            BinaryFn::Add => ranged(Zip::new(Add, site), site.isa, split(site, 3)),
            BinaryFn::Mul => ranged(Zip::new(Mul, site), site.isa, split(site, 3)),
        },
    },
    CpuKernel {
        name: "zip_broadcast",
        fits: |_, _| true,
        prepare: |op, site| match op.0 {
            BinaryFn::Add => ranged(Broadcast::new(Add, site), site.isa, split(site, 2)),
            BinaryFn::Mul => ranged(Broadcast::new(Mul, site), site.isa, split(site, 2)),
        },
    },
];

/// Pixels as items, where `maps` maps of the output's size are touched.
fn split(site: &Site<'_>, maps: usize) -> Split {
    Split::new(site.output.shape.pixels(), maps * site.output.shape.c, site.threads)
}

/// A function of two numbers. Implementations are `#[inline(always)]`.
trait Function2: Copy + Send + Sync + 'static {
    fn of<L: Lanes>(self, a: L, b: L) -> L;
}

#[derive(Clone, Copy)]
struct Add;

impl Function2 for Add {
    #[inline(always)]
    fn of<L: Lanes>(self, a: L, b: L) -> L {
        a.add(b)
    }
}

#[derive(Clone, Copy)]
struct Mul;

impl Function2 for Mul {
    #[inline(always)]
    fn of<L: Lanes>(self, a: L, b: L) -> L {
        a.mul(b)
    }
}

/// One run: b holds as many elements as a, or one where `ONE`.
#[derive(Clone, Copy)]
struct Run<F, const ONE: bool> {
    function: F,
    a: *const f32,
    b: *const f32,
    y: *mut f32,
}

impl<F: Function2, const ONE: bool> PerVector for Run<F, ONE> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        // SAFETY: `Zip` and `Broadcast` make it over whole runs.
        unsafe {
            let a = L::load_up_to(self.a.add(at), n);
            let b = if ONE { L::broadcast(self.b) } else { L::load_up_to(self.b.add(at), n) };
            self.function.of(a, b).store_up_to(self.y.add(at), n);
        }
    }
}

/// Two maps of one shape.
struct Zip<F> {
    function: F,
    channels: usize,
    /// Elements from pixel to pixel of a, b and y.
    pixel: [usize; 3],
}

impl<F: Function2> Zip<F> {
    fn new(function: F, site: &Site<'_>) -> Self {
        let pixel = [site.inputs[0].pixel, site.inputs[1].pixel, site.output.pixel];
        Self { function, channels: site.output.shape.c, pixel }
    }
}

impl<F: Function2> Ranged for Zip<F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let (function, channels) = (self.function, self.channels);
        let dense = self.pixel == [channels; 3];
        // Without gaps all pixels are one run.
        let (runs, len) = if dense {
            (items.start..items.start + 1, items.len() * channels)
        } else {
            (items, channels)
        };
        for p in runs {
            let [a, b, y] = self.pixel.map(|pixel| p * pixel);
            // SAFETY: the caller vouches for the operands.
            unsafe {
                let (a, b, y) = (io.inputs[0].add(a), io.inputs[1].add(b), io.output.add(y));
                each_vector::<L>(len, Run::<F, false> { function, a, b, y });
            }
        }
    }
}

/// A map and one value a channel of each image, or one value a pixel.
struct Broadcast<F> {
    function: F,
    a: Layout,
    b: Layout,
    y: Layout,
}

impl<F: Function2> Broadcast<F> {
    fn new(function: F, site: &Site<'_>) -> Self {
        Self { function, a: site.inputs[0], b: site.inputs[1], y: site.output }
    }
}

impl<F: Function2> Ranged for Broadcast<F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let (function, shape) = (self.function, self.a.shape);
        let per_pixel = self.b.shape.area() == shape.area();
        for p in items {
            let pixel_of_b = if per_pixel { p } else { p / shape.area() };
            // SAFETY: the caller vouches for the operands.
            unsafe {
                let a = io.inputs[0].add(p * self.a.pixel);
                let b = io.inputs[1].add(pixel_of_b * self.b.pixel);
                let y = io.output.add(p * self.y.pixel);
                if self.b.shape.c == 1 {
                    each_vector::<L>(shape.c, Run::<F, true> { function, a, b, y });
                } else {
                    each_vector::<L>(shape.c, Run::<F, false> { function, a, b, y });
                }
            }
        }
    }
}
