//! y = f(a, b), vector by vector over the channels of each pixel, whatever b is broadcast over.

use super::{Binary, BinaryFn};
use crate::{
    cpu::{
        Bounds, CpuKernel, Cut, Io, ParallelFor, Pixels, Same, Site, Values, parallel_for,
        write_run,
    },
    simd::Lanes,
};
use std::ops::Range;

/// What is made with `$f` for the function that `$of` names.
macro_rules! known {
    ($of:expr, $f:ident => $made:expr) => {
        known!(@ $of, $f, $made, Add Mul Sub ReverseSub Div ReverseDiv Max Min)
    };
    (@ $of:expr, $f:ident, $made:expr, $($name:ident)*) => {
        match $of {
            $(BinaryFn::$name => {
                let $f = $name;
                $made
            })*
        }
    };
}

/// The kernels, best first: one for each of the three pairs of shapes that the shape rule takes.
pub(super) static KERNELS: &[CpuKernel<Binary>] = &[
    CpuKernel {
        name: "zip",
        fits: |_, site| site.inputs[0].shape == site.inputs[1].shape,
        prepare: |op, site| known!(op.0, f => parallel_for(Zip::new(f, site), site.isa, split(site, 3))),
    },
    CpuKernel {
        name: "zip_channels",
        fits: |_, site| site.inputs[1].shape == site.inputs[0].shape.with_size(1, 1),
        prepare: |op, site| known!(op.0, f => parallel_for(PerChannel::new(f, site), site.isa, split(site, 2))),
    },
    CpuKernel {
        name: "zip_pixels",
        fits: |_, site| site.inputs[1].shape == site.inputs[0].shape.with_channels(1),
        prepare: |op, site| known!(op.0, f => parallel_for(PerPixel(Zip::new(f, site)), site.isa, split(site, 2))),
    },
];

/// Pixels as items, where `maps` maps of the output's size are touched.
fn split(site: &Site<'_>, maps: usize) -> Cut {
    Cut::for_workers(site.output.shape.pixels(), maps * site.output.shape.c, site.threads)
}

/// `Name(a, b) => value`: a function of lanes.
macro_rules! functions {
    ($($name:ident ($a:ident, $b:ident) => $value:expr;)*) => {
        $(
            #[derive(Clone, Copy)]
            struct $name;

            impl Function2 for $name {
                #[inline(always)]
                fn of<L: Lanes>(self, $a: L, $b: L) -> L {
                    $value
                }
            }
        )*
    };
}

/// A function of two numbers. Implementations are `#[inline(always)]`.
trait Function2: Copy + Send + Sync + 'static {
    fn of<L: Lanes>(self, a: L, b: L) -> L;
}

functions! {
    Add(a, b) => a.add(b);
    Mul(a, b) => a.mul(b);
    Sub(a, b) => a.sub(b);
    ReverseSub(a, b) => b.sub(a);
    Div(a, b) => a.div(b);
    ReverseDiv(a, b) => b.div(a);
    Max(a, b) => a.max(b);
    Min(a, b) => a.min(b);
}

/// One run: b holds as many elements as a, or one where `ONE`.
#[derive(Clone, Copy)]
struct Run<F, const ONE: bool> {
    function: F,
    bounds: Bounds,
    a: *const f32,
    b: *const f32,
}

impl<F: Function2, const ONE: bool> Values for Run<F, ONE> {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        // SAFETY: `Zip`, `PerChannel` and `PerPixel` make it over whole runs.
        unsafe {
            let a = L::load_up_to(self.a.add(at), n);
            let b = if ONE { L::broadcast(self.b) } else { L::load_up_to(self.b.add(at), n) };
            self.bounds.clamp(self.function.of(a, b))
        }
    }
}

/// Two maps of one shape.
struct Zip<F> {
    function: F,
    bounds: Bounds,
    channels: usize,
    /// Elements from pixel to pixel of a, b and y.
    pixel: [usize; 3],
}

impl<F: Function2> Zip<F> {
    fn new(function: F, site: &Site<'_>) -> Self {
        let [a, b, y] = [site.inputs[0], site.inputs[1], site.output];
        let channels = y.channels_over_gaps(&[a, b]);
        let bounds = Bounds::of(site.epilogue);
        Self { function, bounds, channels, pixel: [a.pixel, b.pixel, y.pixel] }
    }
}

impl<F: Function2> ParallelFor for Zip<F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Self { function, bounds, channels, .. } = *self;
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
                write_run::<L>(len, y, Run::<F, false> { function, bounds, a, b });
            }
        }
    }
}

/// A map and one value a channel of each image. Pixels of few channels make short runs, so the
/// values are repeated for several pixels, which then make one run.
struct PerChannel<F> {
    function: F,
    bounds: Bounds,
    /// Of a and y.
    pixels: Pixels,
    /// Pixels to a run.
    together: usize,
    /// Pixels to an image.
    area: usize,
    /// Elements from image to image of b.
    image: usize,
}

impl<F: Function2> PerChannel<F> {
    fn new(function: F, site: &Site<'_>) -> Self {
        let pixels = Pixels::new(site.inputs[0], site.output);
        let (area, image) = (site.output.shape.area(), site.inputs[1].pixel);
        let bounds = Bounds::of(site.epilogue);
        Self { function, bounds, pixels, together: pixels.together(), area, image }
    }
}

impl<F: Function2> ParallelFor for PerChannel<F> {
    fn scratch(&self) -> usize {
        self.together * self.pixels.channels
    }

    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, repeated: *mut f32) {
        let (function, bounds, channels) = (self.function, self.bounds, self.pixels.channels);
        let repeat = Pixels { channels, from: 0, to: channels };
        let mut start = items.start;
        while start < items.end {
            let image = start / self.area;
            let end = items.end.min((image + 1) * self.area);
            // SAFETY: the caller vouches for the operands and for the scratch memory, which holds
            // a run.
            unsafe {
                let b = io.inputs[1].add(image * self.image);
                repeat.map::<L>(Same, b, repeated, 0..self.together);
                for p in (start..end).step_by(self.together) {
                    let a = io.inputs[0].add(p * self.pixels.from);
                    let y = io.output.add(p * self.pixels.to);
                    let run = Run::<F, false> { function, bounds, a, b: repeated };
                    write_run::<L>(self.together.min(end - p) * channels, y, run);
                }
            }
            start = end;
        }
    }
}

/// A map and one value a pixel.
struct PerPixel<F>(Zip<F>);

impl<F: Function2> ParallelFor for PerPixel<F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Zip { function, bounds, channels, pixel } = self.0;
        for p in items {
            let [a, b, y] = pixel.map(|pixel| p * pixel);
            // SAFETY: the caller vouches for the operands.
            unsafe {
                let (a, b, y) = (io.inputs[0].add(a), io.inputs[1].add(b), io.output.add(y));
                write_run::<L>(channels, y, Run::<F, true> { function, bounds, a, b });
            }
        }
    }
}
