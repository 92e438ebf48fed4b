//! What is done to an operator's sums before they are written: the additions and activations that
//! level `fused` took into it. y = f(op(x) + r).

use crate::{Exact, UnaryFn};

/// The end of a node: nothing, an addition, a function, or both in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Epilogue {
    /// Whether the node's last input, of the output's shape, is added.
    pub add: bool,
    /// The function of each element.
    pub function: Option<UnaryFn>,
}

impl Epilogue {
    /// No end: the operator's own result is the node's.
    pub const NONE: Self = Self { add: false, function: None };

    /// Whether it does nothing but clamp, if that.
    pub fn only_clamps(self) -> bool {
        !self.add && self.function.is_none_or(|function| function.bounds().is_some())
    }

    /// The names of what it does, in order.
    pub fn names(self) -> Vec<&'static str> {
        self.add.then_some("add").into_iter().chain(self.function.map(UnaryFn::name)).collect()
    }

    /// Floating-point operations for each element: one for each operator taken in.
    pub const fn flops(self) -> u64 {
        self.add as u64 + self.function.is_some() as u64
    }

    /// What becomes of an element that the operator makes, with the element of the map that is
    /// added.
    pub(crate) fn exact(self, own: Exact, added: impl FnOnce() -> f64) -> Exact {
        let sum = if self.add { own.plus(added()) } else { own };
        self.function.map_or(sum, |f| f.of(sum))
    }
}
