//! How two elements of a window become one.

use crate::simd::Lanes;

/// How two elements become one. Implementations are `#[inline(always)]`.
pub(super) trait Reduce: Copy + Send + Sync + 'static {
    fn of<L: Lanes>(self, a: L, b: L) -> L;
}

#[derive(Clone, Copy)]
pub(super) struct Sum;

impl Reduce for Sum {
    #[inline(always)]
    fn of<L: Lanes>(self, a: L, b: L) -> L {
        a.add(b)
    }
}

#[derive(Clone, Copy)]
pub(super) struct Largest;

impl Reduce for Largest {
    #[inline(always)]
    fn of<L: Lanes>(self, a: L, b: L) -> L {
        a.max(b)
    }
}
