//! The operator.

use super::UnaryFn;

/// An element-wise operator with one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unary(pub UnaryFn);
