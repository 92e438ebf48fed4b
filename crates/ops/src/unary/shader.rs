//! The functions in WGSL.

use super::UnaryFn;
use crate::gpu::{Constants, constants};

/// WGSL of all functions: `apply`, after [`choice`].
pub(crate) const FUNCTIONS: &str = include_str!("function.wgsl");

/// The constants by which [`FUNCTIONS`] know which one to apply.
pub(crate) fn choice(function: UnaryFn) -> Constants {
    let (function, factor) = code(function);
    constants! { FUNCTION: function, FACTOR: factor }
}

/// The function's number in the shader, and the factor of a scaling.
fn code(function: UnaryFn) -> (usize, f32) {
    match function {
        UnaryFn::Relu => (0, 1.0),
        UnaryFn::Relu6 => (1, 1.0),
        UnaryFn::Sigmoid => (2, 1.0),
        UnaryFn::Tanh => (3, 1.0),
        UnaryFn::Silu => (4, 1.0),
        UnaryFn::HardSigmoid => (5, 1.0),
        UnaryFn::HardSwish => (6, 1.0),
        UnaryFn::OneMinus => (7, 1.0),
        UnaryFn::Scale(k) => (8, k),
    }
}
