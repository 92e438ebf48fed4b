//! y = f(a, b), vector by vector over the channels of each pixel, whatever b is broadcast over.

mod spread;
mod vector;

use super::definition::{Binary, BinaryFn, Second};
use crate::{
    cpu::{Bounds, CpuKernel, Cut, Io, ParallelFor, Pixels, Same, Site, parallel_for, write_run},
    simd::Lanes,
};
use spread::Spread;
use std::ops::Range;
pub(crate) use vector::{Add, Function2, Mul, Zip};
use vector::{Div, Max, Min, ReverseDiv, ReverseSub, Run, Sub};

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
        prepare: |op, site| known!(op.0, f => parallel_for(Elements(zip(f, site)), site.isa, split(site, 3))),
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
        prepare: |op, site| known!(op.0, f => parallel_for(PerPixel(zip(f, site)), site.isa, split(site, 2))),
    },
    CpuKernel {
        name: "zip_spread",
        fits: |_, site| second(site).is_none(),
        prepare: |op, site| known!(op.0, f => parallel_for(Spread::new(f, site), site.isa, rows(site))),
    },
];

fn second(site: &Site<'_>) -> Option<Second> {
    Binary::second(site.inputs[0].shape, site.inputs[1].shape)
}

fn zip<F: Function2>(function: F, site: &Site<'_>) -> Zip<F> {
    Zip::new(function, [site.inputs[0], site.inputs[1], site.output], site.epilogue)
}

/// Rows as items.
fn rows(site: &Site<'_>) -> Cut {
    let y = site.output.shape;
    Cut::for_workers(y.n * y.h, 2 * y.w * y.c, site.threads)
}

/// Pixels as items, where `maps` maps of the output's size are touched.
fn split(site: &Site<'_>, maps: usize) -> Cut {
    Cut::for_workers(site.output.shape.pixels(), maps * site.output.shape.c, site.threads)
}

/// Two maps of one shape.
struct Elements<F>(Zip<F>);

impl<F: Function2> ParallelFor for Elements<F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        // SAFETY: the caller vouches for the operands, whose pixels stand in one order.
        unsafe {
            let b = io.inputs[1].add(items.start * self.0.pixel_of_b());
            self.0.pixels::<L>(io, items, b);
        }
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
        Self { zip: zip(function, site), area: y.area(), width: y.w }
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
            unsafe {
                let b = io.inputs[1].add(b * self.zip.pixel_of_b());
                self.zip.pixels::<L>(io, start..end, b);
            }
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
        // SAFETY: as of `Elements`.
        unsafe {
            let b = io.inputs[1].add(items.start * self.0.pixel_of_b());
            self.0.values::<L>(io, items, b);
        }
    }
}
