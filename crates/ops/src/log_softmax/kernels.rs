//! Log-softmax in three passes over a pixel's channels: the largest, the sum of powers, the difference.

use super::definition::LogSoftmax;
use crate::{
    cpu::{CpuKernel, Values, write_run},
    simd::Lanes,
    softmax::{ThirdPass, three_passes},
};

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<LogSoftmax>] = &[CpuKernel {
    name: "three_passes",
    fits: |_, _| true,
    prepare: |_, site| three_passes(Difference, site),
}];

/// The logarithm of each power's share of their sum.
struct Difference;

impl ThirdPass for Difference {
    #[inline(always)]
    unsafe fn finish<L: Lanes>(&self, x: *const f32, y: *mut f32, len: usize, most: f32, sum: f32) {
        // SAFETY: as the trait demands.
        unsafe { write_run::<L>(len, y, Less { x, most, logarithm: sum.ln() }) }
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
        // SAFETY: `Difference` makes it over whole runs.
        let x = unsafe { L::load_up_to(self.x.add(at), n) };
        x.sub(L::splat(self.most)).sub(L::splat(self.logarithm))
    }
}
