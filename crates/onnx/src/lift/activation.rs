//! Functions of one input that are one node each.

use crate::read::{
    call::Call,
    net::{FileNet, FileStep, Id},
};
use ops::{Op, Unary, UnaryFn};

pub(super) fn activation(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    let (input, function) = match call.kind {
        "Max" => net.with_scalar(step).map(|(id, k)| (id, clamp(k, f32::INFINITY)))?,
        "Min" => net.with_scalar(step).map(|(id, k)| (id, clamp(f32::NEG_INFINITY, k)))?,
        "Where" => (softplus(net, step)?, Some(UnaryFn::Softplus)),
        _ => (step.input(0)?, function(&call)),
    };
    net.shape(input)?;
    Some(vec![step.lab(Unary(function?), &[input])])
}

/// The x of ln(1 + eˣ), for which x is chosen where the difference is none.
fn softplus(net: &FileNet, step: &FileStep) -> Option<Id> {
    let (greater, x) = (net.node(step.input(0)?, "Greater")?, step.input(1)?);
    let (compared, bound) = net.with_scalar(greater)?;
    let (softplus, Op::Unary(Unary(UnaryFn::Softplus))) = net.lab(step.input(2)?)? else {
        return None;
    };
    let same = compared == x && greater.input(0) == Some(x) && softplus.input(0) == Some(x);
    // e⁻ˣ is below an ε from 16 on.
    (same && bound >= 16.0).then_some(x)
}

/// Functions without attributes.
const PLAIN: &[(&str, UnaryFn)] = &[
    ("Relu", UnaryFn::Relu),
    ("Sigmoid", UnaryFn::Sigmoid),
    ("Tanh", UnaryFn::Tanh),
    ("HardSwish", UnaryFn::HardSwish),
    ("Softplus", UnaryFn::Softplus),
    ("Mish", UnaryFn::Mish),
    ("Neg", UnaryFn::Scale(-1.0)),
    ("Abs", UnaryFn::Abs),
    ("Exp", UnaryFn::Exp),
    ("Sqrt", UnaryFn::Sqrt),
    ("Reciprocal", UnaryFn::Reciprocal),
];

fn function(call: &Call<'_>) -> Option<UnaryFn> {
    if let Some((_, function)) = PLAIN.iter().find(|(kind, _)| *kind == call.kind) {
        return Some(*function);
    }
    let alpha = |default: f32| Some(call.float("alpha", default)).filter(|a| a.is_finite());
    match call.kind {
        "HardSigmoid" => {
            let (alpha, beta) = (call.float("alpha", 0.2), call.float("beta", 0.5));
            (is_near(alpha, 1.0 / 6.0) && beta == 0.5).then_some(UnaryFn::HardSigmoid)
        }
        "Clip" => {
            clamp(call.number("min", 1, f32::NEG_INFINITY)?, call.number("max", 2, f32::INFINITY)?)
        }
        "Gelu" => match call.text("approximate") {
            "" | "none" => Some(UnaryFn::Gelu),
            "tanh" => Some(UnaryFn::GeluTanh),
            _ => None,
        },
        "LeakyRelu" => alpha(0.01).map(UnaryFn::LeakyRelu),
        "Elu" => alpha(1.0).map(UnaryFn::Elu),
        "Celu" => alpha(1.0).filter(|a| *a > 0.0 && a.recip().is_finite()).map(UnaryFn::Celu),
        "Selu" => {
            let (alpha, gamma) = (call.float("alpha", ALPHA), call.float("gamma", LAMBDA));
            (is_near(alpha, ALPHA) && is_near(gamma, LAMBDA)).then_some(UnaryFn::Selu)
        }
        _ => None,
    }
}

/// SELU's numbers.
const ALPHA: f32 = 1.673_263_2;
const LAMBDA: f32 = 1.050_701;

/// The function that clamps between these bounds.
fn clamp(low: f32, high: f32) -> Option<UnaryFn> {
    // Exporters write the largest float where there is no bound.
    let low = if low == f32::MIN { f32::NEG_INFINITY } else { low };
    let high = if high == f32::MAX { f32::INFINITY } else { high };
    let known = [UnaryFn::Relu, UnaryFn::Relu6];
    let known = known.into_iter().find(|f| f.bounds() == Some((low, high)));
    known.or_else(|| (low <= high).then_some(UnaryFn::Clip(low, high)))
}

/// Whether `k` is this number, as exactly as exporters write it.
pub(super) fn is_near(k: f32, number: f32) -> bool {
    (k - number).abs() < 1e-6 * number.abs().max(1.0)
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
        assert_eq!(op(&clipped(-1.0, 1.0), 0), &Unary(UnaryFn::Clip(-1.0, 1.0)).into());
        assert_eq!(kinds(&clipped(1.0, -1.0)), ["Clip"]);
        assert_eq!(kinds(&clipped(f32::NAN, 1.0)), ["Clip"]);
    }

    #[test]
    fn a_maximum_with_zero_is_relu_and_the_default_hard_sigmoid_another_function() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let (zero, two) = (s.floats("zero", &[], &[0.0]), s.floats("two", &[], &[2.0]));
        let x = s.node("Max", &[&zero, "input"]);
        let x = s.node("Min", &[&x, &two]);
        let x = s.node("HardSigmoid", &[&x]);
        assert_eq!(kinds(&s.net(&x)), ["relu", "clip", "HardSigmoid"]);
    }

    #[test]
    fn parameters_are_the_files() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let x = s.node("LeakyRelu", &["input"]);
        let x = s.worded("Gelu", &[&x], &[("approximate", "tanh")]);
        let x = s.node("Selu", &[&x]);
        let x = s.node("Celu", &[&x]);
        let net = s.net(&x);
        assert_eq!(op(&net, 0), &Unary(UnaryFn::LeakyRelu(0.01)).into());
        assert_eq!(op(&net, 1), &Unary(UnaryFn::GeluTanh).into());
        assert_eq!(op(&net, 2), &Unary(UnaryFn::Selu).into());
        assert_eq!(op(&net, 3), &Unary(UnaryFn::Celu(1.0)).into());
    }

    #[test]
    fn a_softplus_that_is_x_from_twenty_on_is_one() {
        let written = |bound: f32| {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let bound = s.floats("bound", &[], &[bound]);
            let soft = s.node("Softplus", &["input"]);
            let large = s.node("Greater", &["input", &bound]);
            let x = s.node("Where", &[&large, "input", &soft]);
            s.net(&x)
        };
        assert_eq!(kinds(&written(20.0)), ["softplus"]);
        assert_eq!(kinds(&written(2.0)), ["softplus", "Greater", "Where"]);
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
