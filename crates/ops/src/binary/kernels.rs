//! y = f(a, b), vector by vector over the channels of each pixel, whatever b is broadcast over.

use super::definition::{Binary, BinaryFn, Second};
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

/// The kernels: one for each way to broadcast.
pub(super) static KERNELS: &[CpuKernel<Binary>] = &[
    CpuKernel {
        name: "zip",
        fits: |_, site| second(site) == Some(Second::Element),
        prepare: |op, site| known!(op.0, f => parallel_for(Zip::new(f, site), site.isa, split(site, 3))),
    },
    CpuKernel {
        name: "zip_channels",
        fits: |_, site| matches!(second(site), Some(Second::Run(_))),
        prepare: |op, site| known!(op.0, f => parallel_for(PerChannel::new(f, site), site.isa, split(site, 2))),
    },
    CpuKernel {
        name: "zip_columns",
        fits: |_, site| second(site) == Some(Second::Column),
        prepare: |op, site| known!(op.0, f => parallel_for(PerColumn::new(f, site), site.isa, split(site, 2))),
    },
    CpuKernel {
        name: "zip_pixels",
        fits: |_, site| second(site) == Some(Second::Pixel),
        prepare: |op, site| known!(op.0, f => parallel_for(PerPixel(Zip::new(f, site)), site.isa, split(site, 2))),
    },
];

fn second(site: &Site<'_>) -> Option<Second> {
    Binary::second(site.inputs[0].shape, site.inputs[1].shape)
}

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

    /// Computes these pixels; b's first stands at `b`.
    ///
    /// # Safety
    /// The operands hold the pixels, and b as many from there on.
    #[inline(always)]
    unsafe fn pixels<L: Lanes>(&self, io: &Io, pixels: Range<usize>, b: usize) {
        let Self { function, bounds, channels, pixel } = *self;
        // Without gaps all pixels are one run.
        let (runs, len) = if pixel == [channels; 3] {
            (1, pixels.len() * channels)
        } else {
            (pixels.len(), channels)
        };
        for i in 0..runs {
            let p = pixels.start + i;
            // SAFETY: the caller vouches for the operands.
            unsafe {
                let a = io.inputs[0].add(p * pixel[0]);
                let b = io.inputs[1].add((b + i) * pixel[1]);
                let y = io.output.add(p * pixel[2]);
                write_run::<L>(len, y, Run::<F, false> { function, bounds, a, b });
            }
        }
    }
}

impl<F: Function2> ParallelFor for Zip<F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let start = items.start;
        // SAFETY: the caller vouches for the operands, whose pixels stand in one order.
        unsafe { self.pixels::<L>(io, items, start) }
    }
}

/// A map and one row of pixels of each image.
struct PerColumn<F> {
    zip: Zip<F>,
    /// Pixels to an image, and to a row.
    area: usize,
    width: usize,
}

impl<F: Function2> PerColumn<F> {
    fn new(function: F, site: &Site<'_>) -> Self {
        let y = site.output.shape;
        Self { zip: Zip::new(function, site), area: y.area(), width: y.w }
    }
}

impl<F: Function2> ParallelFor for PerColumn<F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let mut start = items.start;
        while start < items.end {
            let column = start % self.width;
            let end = items.end.min(start - column + self.width);
            let b = start / self.area * self.width + column;
            // SAFETY: the caller vouches for the operands; the pixels are of one row.
            unsafe { self.zip.pixels::<L>(io, start..end, b) }
            start = end;
        }
    }
}

/// A map and one value a channel of each image or row. Pixels of few channels make short runs, so
/// the values are repeated for several pixels, which then make one run.
struct PerChannel<F> {
    function: F,
    bounds: Bounds,
    /// Of a and y.
    pixels: Pixels,
    /// Pixels to a run.
    together: usize,
    /// Pixels that have the same values.
    share: usize,
    /// Elements from pixel to pixel of b.
    values: usize,
}

impl<F: Function2> PerChannel<F> {
    fn new(function: F, site: &Site<'_>) -> Self {
        let pixels = Pixels::new(site.inputs[0], site.output);
        let (y, b) = (site.output.shape, site.inputs[1]);
        let share = y.pixels() / b.shape.pixels();
        let together = pixels.together().min(share);
        let bounds = Bounds::of(site.epilogue);
        Self { function, bounds, pixels, together, share, values: b.pixel }
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
            let at = start / self.share;
            let end = items.end.min((at + 1) * self.share);
            // SAFETY: the caller vouches for the operands and for the scratch memory, which holds
            // a run.
            unsafe {
                let b = io.inputs[1].add(at * self.values);
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
