//! Limits that a kernel keeps its results within: how activations that only clamp are done where
//! sums still are in registers.

use super::Function;
use crate::{Epilogue, UnaryFn, simd::Lanes};

/// A range of results.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    low: f32,
    high: f32,
}

impl Bounds {
    /// Those of an epilogue's function: all numbers where it has none, or one that does not clamp.
    pub fn of(epilogue: Epilogue) -> Self {
        let all = (f32::NEG_INFINITY, f32::INFINITY);
        let (low, high) = epilogue.function.and_then(UnaryFn::bounds).unwrap_or(all);
        Self { low, high }
    }

    /// The nearest number in the range, lane by lane; what is no number stays none.
    #[inline(always)]
    pub fn clamp<L: Lanes>(self, x: L) -> L {
        L::splat(self.high).min(L::splat(self.low).max(x))
    }
}

impl Function for Bounds {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        self.clamp(x)
    }
}
