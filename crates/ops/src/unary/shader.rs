//! The functions in WGSL.

use super::{UnaryFn, function::MOST_FACTORS};
use crate::gpu::{Constants, constants};

/// WGSL of all functions: `apply`, after [`choice`].
pub(crate) const FUNCTIONS: &str = include_str!("function.wgsl");

/// The constants by which [`FUNCTIONS`] know which one to apply.
pub(crate) fn choice(function: UnaryFn) -> Constants {
    let (function, parameters) = code(function);
    // No constant of a shader is infinite.
    let [a, b, c] = parameters.map(|x| x.clamp(f32::MIN, f32::MAX));
    constants! { FUNCTION: function, FACTOR: a, SECOND: b, THIRD: c }
}

/// The function's number in the shader, and its parameters.
fn code(function: UnaryFn) -> (usize, [f32; 3]) {
    match function {
        UnaryFn::Relu => (0, [1.0; 3]),
        UnaryFn::Relu6 => (1, [1.0; 3]),
        UnaryFn::Sigmoid => (2, [1.0; 3]),
        UnaryFn::Tanh => (3, [1.0; 3]),
        UnaryFn::Silu => (4, [1.0; 3]),
        UnaryFn::HardSigmoid => (5, [1.0; 3]),
        UnaryFn::HardSwish => (6, [1.0; 3]),
        UnaryFn::OneMinus => (7, [1.0; 3]),
        UnaryFn::Scale(k) => (8, [k, 1.0, 1.0]),
        UnaryFn::Offset(k) => (9, [k, 1.0, 1.0]),
        UnaryFn::Clip(low, high) => (10, [low, high, 1.0]),
        UnaryFn::LeakyRelu(a) => (11, [a, 1.0, 1.0]),
        UnaryFn::Gelu => (12, [1.0; 3]),
        UnaryFn::GeluTanh => (13, [1.0; 3]),
        UnaryFn::QuickGelu => (14, [1.0; 3]),
        UnaryFn::Elu(_) | UnaryFn::Selu | UnaryFn::Celu(_) => {
            let (positive, negative, inner) = function.branches().unwrap_or_default();
            (15, [positive, negative, inner])
        }
        UnaryFn::Softplus => (16, [1.0; 3]),
        UnaryFn::Mish => (17, [1.0; 3]),
        UnaryFn::Abs => (18, [1.0; 3]),
        UnaryFn::Exp => (19, [1.0; 3]),
        UnaryFn::Sqrt => (20, [1.0; 3]),
        UnaryFn::Square => (21, [1.0; 3]),
        UnaryFn::Reciprocal => (22, [1.0; 3]),
        UnaryFn::KMinus(k) => (23, [k, 1.0, 1.0]),
        UnaryFn::KOver(k) => (24, [k, 1.0, 1.0]),
        UnaryFn::Pow(exponent) => (25, [exponent, MOST_FACTORS, 1.0]),
        UnaryFn::Log => (26, [1.0; 3]),
        UnaryFn::Erf => (27, [1.0; 3]),
        UnaryFn::Softsign => (28, [1.0; 3]),
        UnaryFn::Swish(beta) => (29, [beta, 1.0, 1.0]),
        UnaryFn::Ramp(a, b) => (30, [a, b, 1.0]),
        UnaryFn::ThresholdedRelu(a) => (31, [a, 1.0, 1.0]),
        UnaryFn::Sign => (32, [1.0; 3]),
        UnaryFn::Floor => (33, [1.0; 3]),
        UnaryFn::Ceil => (34, [1.0; 3]),
        UnaryFn::Round => (35, [1.0; 3]),
    }
}
