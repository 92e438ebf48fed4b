//! Element-wise functions of one input: every kernel against the reference, laws, shape rule and cost.

use super::{Unary, UnaryFn};
use crate::{
    Operator, Tensor,
    cpu::testing::{check_on, cost, random, refusal, run, run_on_all},
    input_tensor,
};
use profile::Shape;

/// Every function that is one of all numbers.
const ALL: [UnaryFn; 34] = [
    UnaryFn::Relu,
    UnaryFn::Relu6,
    UnaryFn::Sigmoid,
    UnaryFn::Tanh,
    UnaryFn::Silu,
    UnaryFn::HardSigmoid,
    UnaryFn::HardSwish,
    UnaryFn::OneMinus,
    UnaryFn::Scale(0.17),
    UnaryFn::Offset(2.5),
    UnaryFn::Clip(-1.5, 3.0),
    UnaryFn::LeakyRelu(0.1),
    UnaryFn::Gelu,
    UnaryFn::GeluTanh,
    UnaryFn::QuickGelu,
    UnaryFn::Elu(1.5),
    UnaryFn::Selu,
    UnaryFn::Celu(0.5),
    UnaryFn::Softplus,
    UnaryFn::Mish,
    UnaryFn::Abs,
    UnaryFn::Exp,
    UnaryFn::KMinus(-2.5),
    UnaryFn::Pow(0.3),
    UnaryFn::Log,
    UnaryFn::Erf,
    UnaryFn::Softsign,
    UnaryFn::Swish(0.7),
    UnaryFn::Ramp(0.2, 0.5),
    UnaryFn::ThresholdedRelu(1.5),
    UnaryFn::Sign,
    UnaryFn::Floor,
    UnaryFn::Ceil,
    UnaryFn::Round,
];

/// Functions that are infinite, or none, for some.
const PARTIAL: [UnaryFn; 8] = [
    UnaryFn::Sqrt,
    UnaryFn::Square,
    UnaryFn::Reciprocal,
    UnaryFn::KOver(-2.5),
    UnaryFn::Pow(3.0),
    UnaryFn::Pow(-0.5),
    UnaryFn::Pow(-6.0),
    UnaryFn::Pow(-2.2),
];

/// A row of features.
fn row(values: &[f32]) -> Tensor {
    Tensor::from_nhwc(Shape::features(1, values.len()), values.to_vec())
}

#[test]
fn every_function_is_right_on_random_shapes() {
    random(12, |dice| {
        let x = input_tensor(7, dice.shape());
        // Past ±6, where the hard functions bend.
        let wide = Tensor::from_nhwc(x.shape(), x.data().iter().map(|v| v * 12.0).collect());
        ALL.into_iter().for_each(|f| check_on(Unary(f), &[&wide]));
    });
}

#[test]
fn a_map_that_is_shared_by_workers_is_right() {
    ALL.into_iter()
        .for_each(|f| check_on(Unary(f), &[&input_tensor(0, Shape::new(1, 24, 13, 11))]));
}

#[test]
fn functions_of_some_numbers_are_right_on_those() {
    random(4, |dice| {
        let x = input_tensor(7, dice.shape());
        let positive = Tensor::from_nhwc(x.shape(), x.data().iter().map(|v| v + 1.01).collect());
        PARTIAL.into_iter().for_each(|f| check_on(Unary(f), &[&positive]));
    });
}

#[test]
fn huge_arguments_saturate() {
    let x = row(&[-1e30, -500.0, -90.0, 90.0, 500.0, 1e30]);
    for f in ALL {
        check_on(Unary(f), &[&x]);
        assert!(run(Unary(f), &[&x]).data().iter().all(|y| y.is_finite()), "{f:?}");
    }
}

#[test]
fn what_is_no_number_stays_none() {
    let x = row(&[f32::NAN; 37]);
    for f in ALL.into_iter().chain(PARTIAL) {
        assert!(f.exact(f64::NAN).is_nan(), "{f:?}");
        for y in run_on_all(Unary(f), &[&x]) {
            assert!(y.data().iter().all(|y| y.is_nan()), "{f:?} makes {:?}", y.data());
        }
    }
}

#[test]
fn known_points() {
    let x = row(&[-4.0, -3.0, 0.0, 1.0, 3.0, 7.0]);
    let of = |f| run(Unary(f), &[&x]).data().to_vec();
    assert_eq!(of(UnaryFn::Relu), [0.0, 0.0, 0.0, 1.0, 3.0, 7.0]);
    assert_eq!(of(UnaryFn::Relu6), [0.0, 0.0, 0.0, 1.0, 3.0, 6.0]);
    assert_eq!(of(UnaryFn::OneMinus), [5.0, 4.0, 1.0, 0.0, -2.0, -6.0]);
    assert_eq!(of(UnaryFn::Scale(0.5)), [-2.0, -1.5, 0.0, 0.5, 1.5, 3.5]);
    assert_eq!(of(UnaryFn::HardSwish)[..3], [0.0, 0.0, 0.0]);
    assert_eq!(of(UnaryFn::Sigmoid)[2], 0.5);
    assert_eq!(of(UnaryFn::Clip(f32::NEG_INFINITY, 2.0)), [-4.0, -3.0, 0.0, 1.0, 2.0, 2.0]);
    assert_eq!(of(UnaryFn::LeakyRelu(0.25)), [-1.0, -0.75, 0.0, 1.0, 3.0, 7.0]);
    assert_eq!(of(UnaryFn::Elu(1.0))[2..], [0.0, 1.0, 3.0, 7.0]);
    assert_eq!(of(UnaryFn::KMinus(2.0)), [6.0, 5.0, 2.0, 1.0, -1.0, -5.0]);
    assert_eq!(of(UnaryFn::KOver(6.0))[3..5], [6.0, 2.0]);
    assert_eq!(of(UnaryFn::Pow(3.0)), [-64.0, -27.0, 0.0, 1.0, 27.0, 343.0]);
    assert_eq!(of(UnaryFn::Pow(-0.5))[3], 1.0);
    assert_eq!(of(UnaryFn::Log)[3], 0.0);
    assert_eq!(of(UnaryFn::Softsign)[1..5], [-0.75, 0.0, 0.5, 0.75]);
    assert_eq!(of(UnaryFn::Ramp(0.25, 0.5)), [0.0, 0.0, 0.5, 0.75, 1.0, 1.0]);
    assert_eq!(of(UnaryFn::ThresholdedRelu(1.0)), [0.0, 0.0, 0.0, 0.0, 3.0, 7.0]);
    assert_eq!(of(UnaryFn::Sign), [-1.0, -1.0, 0.0, 1.0, 1.0, 1.0]);
    // ½ · (1 + erf(1/√2)), and the approximation's.
    assert!((of(UnaryFn::Gelu)[3] - 0.841_344_7).abs() < 1e-6);
    assert!((of(UnaryFn::GeluTanh)[3] - 0.841_192).abs() < 1e-6);
    assert_eq!(of(UnaryFn::Gelu)[2], 0.0);
    // The latter is tanh(ln(1 + e)).
    assert!((of(UnaryFn::Softplus)[2] - std::f32::consts::LN_2).abs() < 1e-6);
    assert!((of(UnaryFn::Mish)[3] - 0.865_098_4).abs() < 1e-6);
    assert_eq!(of(UnaryFn::Tanh)[2], 0.0);
}

#[test]
fn whole_numbers_are_found_below_above_and_nearest() {
    let x = row(&[-2.5, -0.2, -1e-30, 0.0, 1e-30, 0.5, 1.5, 7.0, 1e9]);
    let of = |f| run(Unary(f), &[&x]).data().to_vec();
    assert_eq!(of(UnaryFn::Floor), [-3.0, -1.0, -1.0, 0.0, 0.0, 0.0, 1.0, 7.0, 1e9]);
    assert_eq!(of(UnaryFn::Ceil), [-2.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 7.0, 1e9]);
    assert_eq!(of(UnaryFn::Round), [-2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 7.0, 1e9]);
}

#[test]
fn one_minus_twice_and_relu_twice_are_themselves() {
    let x = input_tensor(1, Shape::new(2, 19, 3, 3));
    let relu = run(Unary(UnaryFn::Relu), &[&x]);
    assert_eq!(run(Unary(UnaryFn::Relu), &[&relu]), relu);
    let once = run(Unary(UnaryFn::OneMinus), &[&x]);
    for (a, b) in run(Unary(UnaryFn::OneMinus), &[&once]).data().iter().zip(x.data()) {
        assert!((a - b).abs() <= f32::EPSILON, "{a} and {b}");
    }
}

#[test]
fn selu_is_a_fixed_point_of_mean_0_and_variance_1() {
    // Means over the normal distribution, by a sum over its density.
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * 1e-3;
    let mean = |f: fn(f64) -> f64| -> f64 {
        let at = (-10_000..10_000).map(|i| (f64::from(i) + 0.5) * 1e-3);
        at.map(|x| f(UnaryFn::Selu.exact(x)) * density(x)).sum()
    };
    assert!(mean(|y| y).abs() < 1e-6 && (mean(|y| y * y) - 1.0).abs() < 1e-6);
}

#[test]
fn parameters_stand_among_the_attributes() {
    let attrs = |f| serde_json::to_string(&Unary(f).attrs()).unwrap();
    assert_eq!(attrs(UnaryFn::LeakyRelu(0.5)), r#"{"alpha":0.5}"#);
    assert_eq!(attrs(UnaryFn::Clip(f32::NEG_INFINITY, 2.0)), r#"{"max":2.0}"#);
    assert_eq!(attrs(UnaryFn::Gelu), "{}");
}

#[test]
fn cost_is_one_operation_an_element() {
    let cost = cost(Unary(UnaryFn::Relu), &[Shape::new(2, 3, 4, 5)]);
    assert_eq!((cost.flops, cost.mul_adds, cost.params), (120, 0, 0));
    assert_eq!((cost.access.read, cost.access.written, cost.access.weights), (120, 120, 0));
}

#[test]
fn two_inputs_are_refused() {
    let x = Shape::new(1, 2, 3, 4);
    assert_eq!(refusal(Unary(UnaryFn::Relu), &[x, x]), "takes 1 input, got 2");
}
