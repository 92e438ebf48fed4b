//! y = a·x + b with a and b a channel made ready beforehand.

use super::BatchNorm;
use crate::{
    cpu::{CpuKernel, Io, PerVector, Pixels, Ranged, Split, each_vector, ranged},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<BatchNorm>] = &[CpuKernel {
    name: "scale_shift",
    fits: |_, _| true,
    prepare: |op, site| {
        let (scale, shift) =
            op.scale_and_shift(site.weights).into_iter().map(|(a, b)| (a as f32, b as f32)).unzip();
        let shape = site.output.shape;
        let split = Split::new(shape.pixels(), 2 * shape.c, site.threads);
        let pixels = Pixels::new(site.inputs[0], site.output);
        ranged(ScaleShift { pixels, scale, shift }, site.isa, split)
    },
}];

struct ScaleShift {
    pixels: Pixels,
    scale: Vec<f32>,
    shift: Vec<f32>,
}

impl Ranged for ScaleShift {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let (scale, shift) = (self.scale.as_ptr(), self.shift.as_ptr());
        for p in items {
            // SAFETY: the caller vouches for the operands; scale and shift hold a value a channel.
            unsafe {
                let x = io.inputs[0].add(p * self.pixels.from);
                let y = io.output.add(p * self.pixels.to);
                each_vector::<L>(self.pixels.channels, Run { x, scale, shift, y });
            }
        }
    }
}

/// One pixel.
#[derive(Clone, Copy)]
struct Run {
    x: *const f32,
    scale: *const f32,
    shift: *const f32,
    y: *mut f32,
}

impl PerVector for Run {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        // SAFETY: `ScaleShift` makes it over whole pixels.
        unsafe {
            let [x, scale, shift] =
                [self.x, self.scale, self.shift].map(|p| L::load_up_to(p.add(at), n));
            shift.fma(scale, x).store_up_to(self.y.add(at), n);
        }
    }
}
