//! Log-softmax in three passes over a pixel's channels: the largest, the sum of powers, the difference.

use super::definition::LogSoftmax;
use crate::{
    cpu::{CpuKernel, Cut, Io, ParallelFor, Pixels, Values, parallel_for, write_run},
    simd::{Lanes, largest},
    softmax::powers,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<LogSoftmax>] = &[CpuKernel {
    name: "three_passes",
    fits: |_, _| true,
    prepare: |_, site| {
        let pixels = Pixels::new(site.inputs[0], site.output);
        let split = Cut::for_workers(site.output.shape.pixels(), 4 * pixels.channels, site.threads);
        parallel_for(ThreePasses { pixels }, site.isa, split)
    },
}];

struct ThreePasses {
    pixels: Pixels,
}

impl ParallelFor for ThreePasses {
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
                write_run::<L>(len, y, Less { x, most, logarithm: sum.ln() });
            }
        }
    }
}

/// x − most − logarithm.
#[derive(Clone, Copy)]
struct Less {
    x: *const f32,
    most: f32,
    logarithm: f32,
}

impl Values for Less {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        // SAFETY: `ThreePasses` makes it over whole runs.
        let x = unsafe { L::load_up_to(self.x.add(at), n) };
        x.sub(L::splat(self.most)).sub(L::splat(self.logarithm))
    }
}
