//! What rows and columns are mixed by.

use super::super::definition::Tap;
use crate::{cpu::Values, simd::Lanes};

/// A run of elements, each mixed from one of each of `K` runs.
#[derive(Clone, Copy)]
pub(super) struct Mixed<const K: usize> {
    /// The runs.
    pub taps: [*const f32; K],
    /// The share of each.
    pub shares: [f32; K],
}

impl<const K: usize> Mixed<K> {
    /// Of the runs that `run` finds for taps.
    #[inline(always)]
    pub fn new(taps: &[Tap; K], run: impl Fn(usize) -> *const f32) -> Self {
        let mut mixed = Self { taps: [std::ptr::null(); K], shares: [0.0; K] };
        // No `map`: what is not inlined is not compiled for the instruction set.
        for (k, tap) in taps.iter().enumerate() {
            (mixed.taps[k], mixed.shares[k]) = (run(tap.at), tap.share);
        }
        mixed
    }

    /// The same runs from element `at` on.
    #[inline(always)]
    pub fn from(mut self, at: usize) -> Self {
        for tap in &mut self.taps {
            *tap = tap.wrapping_add(at);
        }
        self
    }
}

impl<const K: usize> Values for Mixed<K> {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        // SAFETY: its maker has runs that hold the elements.
        unsafe {
            let mut sum = L::load_up_to(self.taps[0].add(at), n).mul(L::splat(self.shares[0]));
            for k in 1..K {
                let x = L::load_up_to(self.taps[k].add(at), n);
                sum = sum.fma(x, L::splat(self.shares[k]));
            }
            sum
        }
    }
}
