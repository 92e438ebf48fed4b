//! Log-softmax in three passes over the elements that share a sum: the largest, the sum of powers, the difference.

use super::definition::LogSoftmax;
use crate::{
    Along,
    cpu::{CpuKernel, Values, write_run},
    simd::Lanes,
    softmax::{Last, along_pixels, three_passes},
};

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<LogSoftmax>] = &[
    CpuKernel {
        name: "three_passes",
        fits: |op, _| op.0 == Along::Channels,
        prepare: |_, site| three_passes(Difference, site),
    },
    CpuKernel {
        name: "along_pixels",
        fits: |op, _| op.0 != Along::Channels,
        prepare: |op, site| along_pixels(Difference, op.0, site),
    },
];

/// The logarithm of each power's share of their sum.
#[derive(Clone, Copy)]
struct Difference;

impl Last for Difference {
    #[inline(always)]
    unsafe fn finish<L: Lanes>(&self, x: *const f32, y: *mut f32, len: usize, most: f32, sum: f32) {
        // SAFETY: as the trait demands.
        unsafe { write_run::<L>(len, y, Less { x, most, logarithm: sum.ln() }) }
    }

    #[inline(always)]
    unsafe fn prepared<L: Lanes>(&self, sum: L, spare: *mut f32, n: usize) -> L {
        // SAFETY: as the trait demands.
        unsafe {
            sum.store_up_to(spare, n);
            for i in 0..n {
                f32::load(spare.add(i)).ln().store(spare.add(i));
            }
            L::load_up_to(spare, n)
        }
    }

    #[inline(always)]
    fn result<L: Lanes>(&self, x: L, _: L, most: L, prepared: L) -> L {
        x.sub(most).sub(prepared)
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
