//! y = a·x + b with a and b a channel made ready beforehand.
//!
//! Pixels of few channels make short runs. Where there are no gaps between pixels, a and b are
//! repeated for several of them, which then make one run.

use super::BatchNorm;
use crate::{
    cpu::{Bounds, CpuKernel, Io, Pixels, Ranged, Site, Split, Values, ranged, write_run},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<BatchNorm>] = &[CpuKernel {
    name: "scale_shift",
    fits: |_, _| true,
    prepare: |op, site| {
        let shape = site.output.shape;
        let split = Split::new(shape.pixels(), 2 * shape.c, site.threads);
        ranged(ScaleShift::new(op, site), site.isa, split)
    },
}];

struct ScaleShift {
    pixels: Pixels,
    bounds: Bounds,
    /// Pixels to a run.
    together: usize,
    /// a and b for all channels of so many pixels.
    scale: Vec<f32>,
    shift: Vec<f32>,
}

impl ScaleShift {
    fn new(op: &BatchNorm, site: &Site<'_>) -> Self {
        let pixels = Pixels::new(site.inputs[0], site.output);
        let together = pixels.together();
        let (scale, shift): (Vec<f32>, Vec<f32>) = op
            .scale_and_shift(&site.weights.all())
            .into_iter()
            .map(|(a, b)| (a as f32, b as f32))
            .unzip();
        Self {
            pixels,
            bounds: Bounds::of(site.epilogue),
            together,
            scale: scale.repeat(together),
            shift: shift.repeat(together),
        }
    }
}

impl Ranged for ScaleShift {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let (scale, shift, bounds) = (self.scale.as_ptr(), self.shift.as_ptr(), self.bounds);
        for p in items.clone().step_by(self.together) {
            let len = self.together.min(items.end - p) * self.pixels.channels;
            // SAFETY: the caller vouches for the operands; scale and shift hold a value for every
            // element of a run.
            unsafe {
                let x = io.inputs[0].add(p * self.pixels.from);
                let y = io.output.add(p * self.pixels.to);
                write_run::<L>(len, y, Run { x, scale, shift, bounds });
            }
        }
    }
}

/// One run.
#[derive(Clone, Copy)]
struct Run {
    x: *const f32,
    scale: *const f32,
    shift: *const f32,
    bounds: Bounds,
}

impl Values for Run {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        // SAFETY: `ScaleShift` makes it over whole pixels.
        unsafe {
            let x = L::load_up_to(self.x.add(at), n);
            let scale = L::load_up_to(self.scale.add(at), n);
            let shift = L::load_up_to(self.shift.add(at), n);
            self.bounds.clamp(shift.fma(scale, x))
        }
    }
}
