//! The functions of one number, and a norm, as nodes of ONNX's operator set 17.

use ops::UnaryFn;
use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

/// An expression in x.
pub(crate) enum Tree {
    /// x.
    X,
    /// An input that is left out.
    Missing,
    /// A number.
    Number(f32),
    /// A node.
    Node {
        /// Its operator.
        kind: &'static str,
        /// What it reads.
        inputs: Vec<Tree>,
        /// Its attributes of one float.
        floats: Vec<(&'static str, f32)>,
    },
    /// The mean over the channels.
    Mean(Box<Tree>),
}

use Tree::{Missing, Number, X};

/// The expression of a function.
pub(crate) fn written(function: UnaryFn) -> Tree {
    match function {
        UnaryFn::Relu => of_x("Relu"),
        UnaryFn::Relu6 => clip(0.0, 6.0),
        UnaryFn::Clip(low, high) => clip(low, high),
        UnaryFn::Sigmoid => of_x("Sigmoid"),
        UnaryFn::Tanh => of_x("Tanh"),
        UnaryFn::Silu => times(X, of_x("Sigmoid")),
        UnaryFn::HardSigmoid => with("HardSigmoid", vec![("alpha", 1.0 / 6.0), ("beta", 0.5)]),
        UnaryFn::HardSwish => of_x("HardSwish"),
        UnaryFn::OneMinus => node("Sub", vec![Number(1.0), X]),
        UnaryFn::Scale(k) => times(X, Number(k)),
        UnaryFn::Offset(k) => plus(X, Number(k)),
        UnaryFn::LeakyRelu(alpha) => with("LeakyRelu", vec![("alpha", alpha)]),
        UnaryFn::Gelu => {
            let error = node("Erf", vec![times(X, Number(FRAC_1_SQRT_2))]);
            times(times(X, plus(error, Number(1.0))), Number(0.5))
        }
        UnaryFn::GeluTanh => {
            let cube = node("Pow", vec![X, Number(3.0)]);
            let inner = plus(X, times(cube, Number(0.044_715)));
            let outer = Number(FRAC_2_SQRT_PI * FRAC_1_SQRT_2);
            let tanh = node("Tanh", vec![times(inner, outer)]);
            times(times(X, plus(tanh, Number(1.0))), Number(0.5))
        }
        UnaryFn::QuickGelu => times(X, node("Sigmoid", vec![times(X, Number(1.702))])),
        UnaryFn::Elu(alpha) => with("Elu", vec![("alpha", alpha)]),
        UnaryFn::Selu => of_x("Selu"),
        UnaryFn::Celu(alpha) => with("Celu", vec![("alpha", alpha)]),
        UnaryFn::Softplus => of_x("Softplus"),
        UnaryFn::Mish => times(X, node("Tanh", vec![of_x("Softplus")])),
        UnaryFn::Abs => of_x("Abs"),
        UnaryFn::Exp => of_x("Exp"),
        UnaryFn::Sqrt => of_x("Sqrt"),
        UnaryFn::Square => node("Pow", vec![X, Number(2.0)]),
        UnaryFn::Reciprocal => of_x("Reciprocal"),
        UnaryFn::KMinus(k) => node("Sub", vec![Number(k), X]),
        UnaryFn::KOver(k) => node("Div", vec![Number(k), X]),
        UnaryFn::Pow(exponent) => node("Pow", vec![X, Number(exponent)]),
        UnaryFn::Log => of_x("Log"),
        UnaryFn::Erf => of_x("Erf"),
        UnaryFn::Softsign => of_x("Softsign"),
        UnaryFn::Swish(beta) => times(X, node("Sigmoid", vec![times(X, Number(beta))])),
        UnaryFn::Ramp(alpha, beta) => with("HardSigmoid", vec![("alpha", alpha), ("beta", beta)]),
        UnaryFn::ThresholdedRelu(alpha) => with("ThresholdedRelu", vec![("alpha", alpha)]),
        UnaryFn::Sign => of_x("Sign"),
        UnaryFn::Floor => of_x("Floor"),
        UnaryFn::Ceil => of_x("Ceil"),
        UnaryFn::Round => of_x("Round"),
    }
}

/// (x − mean) / √(variance + ε) over the channels.
pub(crate) fn normal(epsilon: f32) -> Tree {
    let difference = || node("Sub", vec![X, Tree::Mean(X.into())]);
    let variance = Tree::Mean(node("Pow", vec![difference(), Number(2.0)]).into());
    node("Div", vec![difference(), node("Sqrt", vec![plus(variance, Number(epsilon))])])
}

fn node(kind: &'static str, inputs: Vec<Tree>) -> Tree {
    Tree::Node { kind, inputs, floats: Vec::new() }
}

fn of_x(kind: &'static str) -> Tree {
    node(kind, vec![X])
}

fn with(kind: &'static str, floats: Vec<(&'static str, f32)>) -> Tree {
    Tree::Node { kind, inputs: vec![X], floats }
}

fn times(a: Tree, b: Tree) -> Tree {
    node("Mul", vec![a, b])
}

fn plus(a: Tree, b: Tree) -> Tree {
    node("Add", vec![a, b])
}

/// A clamp; bounds that bound nothing are left out.
fn clip(low: f32, high: f32) -> Tree {
    let bound = |k: f32| if k.is_finite() { Number(k) } else { Missing };
    node("Clip", vec![X, bound(low), bound(high)])
}
