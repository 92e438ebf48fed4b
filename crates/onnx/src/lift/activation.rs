//! Functions of one input that are one node each.

use crate::read::{
    call::Call,
    net::{Net, Step},
};
use ops::{Unary, UnaryFn};

pub(super) fn activation(net: &Net, step: &Step) -> Option<Vec<Step>> {
    let call = net.call(step)?;
    let (input, function) = match call.kind {
        "Max" => {
            let (id, k) = net.with_scalar(step)?;
            (id, clamp(k, f32::INFINITY)?)
        }
        _ => (step.input(0)?, function(&call)?),
    };
    net.shape(input)?;
    Some(vec![step.lab(Unary(function), &[input])])
}

fn function(call: &Call<'_>) -> Option<UnaryFn> {
    match call.kind {
        "Relu" => Some(UnaryFn::Relu),
        "Sigmoid" => Some(UnaryFn::Sigmoid),
        "Tanh" => Some(UnaryFn::Tanh),
        "HardSwish" => Some(UnaryFn::HardSwish),
        "HardSigmoid" => {
            let (alpha, beta) = (call.float("alpha", 0.2), call.float("beta", 0.5));
            (is_sixth(alpha) && beta == 0.5).then_some(UnaryFn::HardSigmoid)
        }
        "Clip" => {
            clamp(call.number("min", 1, f32::NEG_INFINITY)?, call.number("max", 2, f32::INFINITY)?)
        }
        "Neg" => Some(UnaryFn::Scale(-1.0)),
        _ => None,
    }
}

/// The function that clamps between these bounds.
fn clamp(low: f32, high: f32) -> Option<UnaryFn> {
    let all = [UnaryFn::Relu, UnaryFn::Relu6];
    // Exporters write the largest float where there is no bound.
    let high = if high == f32::MAX { f32::INFINITY } else { high };
    all.into_iter().find(|f| f.bounds() == Some((low, high)))
}

/// Whether `k` is 1/6, as exactly as exporters write it.
pub(super) fn is_sixth(k: f32) -> bool {
    (k - 1.0 / 6.0).abs() < 1e-6
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::{Unary, UnaryFn};

    #[test]
    fn a_clip_is_what_its_bounds_say() {
        let clipped = |low: f32, high: f32| {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let (low, high) = (s.floats("low", &[], &[low]), s.floats("high", &[], &[high]));
            let x = s.node("Clip", &["input", &low, &high]);
            s.net(&x)
        };
        assert_eq!(op(&clipped(0.0, 6.0), 0), &Unary(UnaryFn::Relu6).into());
        assert_eq!(op(&clipped(0.0, f32::MAX), 0), &Unary(UnaryFn::Relu).into());
        assert_eq!(kinds(&clipped(-1.0, 1.0)), ["Clip"]);
    }

    #[test]
    fn a_maximum_with_zero_is_relu_and_the_default_hard_sigmoid_another_function() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let zero = s.floats("zero", &[], &[0.0]);
        let x = s.node("Max", &[&zero, "input"]);
        let x = s.node("HardSigmoid", &[&x]);
        assert_eq!(kinds(&s.net(&x)), ["relu", "HardSigmoid"]);
    }

    #[test]
    fn a_maximum_of_three_is_left() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let zero = s.floats("zero", &[], &[0.0]);
        let x = s.node("Tanh", &["input"]);
        let x = s.node("Max", &["input", &zero, &x]);
        assert_eq!(kinds(&s.net(&x)), ["tanh", "Max"]);
    }
}
