//! Functions of one input that are one node each.

use crate::read::{
    call::Call,
    net::{FileNet, FileStep, Id, Kind},
};
use ops::{Op, Unary, UnaryFn};

pub(super) fn activation(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    let (input, function) = match call.kind {
        "Max" => net.with_scalar(step).map(|(id, k)| (id, clamp(k, f32::INFINITY)))?,
        "Min" => net.with_scalar(step).map(|(id, k)| (id, clamp(f32::NEG_INFINITY, k)))?,
        "Where" => chosen(net, step).map(|(x, function)| (x, Some(function)))?,
        _ => (step.input(0)?, function(&call)),
    };
    net.shape(input)?;
    let (input, function) = match (call.kind, function?) {
        ("Max" | "Min", function) => within(net, input, function),
        (_, function) => (input, function),
    };
    Some(vec![step.lab(Unary(function), &[input])])
}

/// A clamp, together with the one that makes its input for it alone.
fn within(net: &FileNet, input: Id, outer: UnaryFn) -> (Id, UnaryFn) {
    let both = || {
        let Kind::Lab(Op::Unary(Unary(inner)), _) = &net.sole_maker(input)?.kind else {
            return None;
        };
        let ((low, high), (least, most)) = (outer.bounds()?, inner.bounds()?);
        let function = clamp(low.max(least.min(high)), high.min(most.max(low)))?;
        Some((net.sole_maker(input)?.input(0)?, function))
    };
    both().unwrap_or((input, outer))
}

/// The function that chooses x itself above a number, with its x.
fn chosen(net: &FileNet, step: &FileStep) -> Option<(Id, UnaryFn)> {
    let condition = net.maker(step.input(0)?)?;
    let (above, below) = match net.call(condition)?.kind {
        "Greater" => (step.input(1)?, step.input(2)?),
        "LessOrEqual" => (step.input(2)?, step.input(1)?),
        _ => return None,
    };
    let (x, bound) = net.with_scalar(condition)?;
    let same_axes = net.dims(x) == net.dims(step.outputs[0]);
    (condition.input(0) == Some(x) && above == x && same_axes).then_some(())?;
    if let Some(constant) = net.constant(below) {
        let function = if bound == 0.0 { UnaryFn::Relu } else { UnaryFn::ThresholdedRelu(bound) };
        return constant.all(|k| k == 0.0).then_some((x, function));
    }
    let (below, Op::Unary(Unary(function))) = net.lab(below)? else { return None };
    (below.input(0) == Some(x)).then_some(())?;
    match *function {
        // e⁻ˣ is below an ε from 16 on.
        UnaryFn::Softplus if bound >= 16.0 => Some((x, UnaryFn::Softplus)),
        UnaryFn::Scale(slope) if bound == 0.0 => Some((x, UnaryFn::LeakyRelu(slope))),
        _ => None,
    }
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
    ("Log", UnaryFn::Log),
    ("Erf", UnaryFn::Erf),
    ("Softsign", UnaryFn::Softsign),
    ("Sign", UnaryFn::Sign),
    ("Floor", UnaryFn::Floor),
    ("Ceil", UnaryFn::Ceil),
    ("Round", UnaryFn::Round),
];

fn function(call: &Call<'_>) -> Option<UnaryFn> {
    if let Some((_, function)) = PLAIN.iter().find(|(kind, _)| *kind == call.kind) {
        return Some(*function);
    }
    let alpha = |default: f32| Some(call.float("alpha", default)).filter(|a| a.is_finite());
    match call.kind {
        "HardSigmoid" => {
            let (alpha, beta) = (call.float("alpha", 0.2), call.float("beta", 0.5));
            let known = is_near(alpha, 1.0 / 6.0) && beta == 0.5;
            let ramp =
                (alpha.is_finite() && beta.is_finite()).then_some(UnaryFn::Ramp(alpha, beta));
            if known { Some(UnaryFn::HardSigmoid) } else { ramp }
        }
        "Clip" => {
            clamp(call.number("min", 1, f32::NEG_INFINITY)?, call.number("max", 2, f32::INFINITY)?)
        }
        "Gelu" => match call.text("approximate") {
            "" | "none" => Some(UnaryFn::Gelu),
            "tanh" => Some(UnaryFn::GeluTanh),
            _ => None,
        },
        "Swish" => match alpha(1.0)? {
            1.0 => Some(UnaryFn::Silu),
            beta => Some(UnaryFn::Swish(beta)),
        },
        "ThresholdedRelu" => alpha(1.0).map(UnaryFn::ThresholdedRelu),
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
    fn what_is_chosen_above_a_number_has_a_slope_below_or_nothing() {
        let written = |kind: &str, bound: f32, slope: f32| {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let (bound, slope) =
                (s.floats("bound", &[], &[bound]), s.floats("slope", &[], &[slope]));
            let zeros = s.floats("zeros", &[1, 2, 3, 3], &[0.0; 18]);
            let scaled = s.node("Mul", &["input", &slope]);
            let test = s.node(kind, &["input", &bound]);
            let x = match kind {
                "Greater" => s.node("Where", &[&test, "input", &scaled]),
                _ => s.node("Where", &[&test, &zeros, "input"]),
            };
            s.net(&x)
        };
        let leaky = written("Greater", 0.0, 0.25);
        assert_eq!(op(&leaky, 0), &Unary(UnaryFn::LeakyRelu(0.25)).into());
        let thresholded = written("LessOrEqual", 0.5, 0.25);
        assert_eq!(op(&thresholded, 0), &Unary(UnaryFn::ThresholdedRelu(0.5)).into());
        assert_eq!(op(&written("LessOrEqual", 0.0, 0.25), 0), &Unary(UnaryFn::Relu).into());
        assert!(kinds(&written("Greater", 0.5, 0.25)).contains(&"Where"));
    }

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
        let x = s.node("HardSigmoid", &[&x]);
        let x = s.node("Min", &[&x, &two]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["relu", "hard_sigmoid", "clip"]);
        assert_eq!(op(&net, 1), &Unary(UnaryFn::Ramp(0.2, 0.5)).into());
    }

    #[test]
    fn a_minimum_of_a_maximum_is_one_clamp() {
        let clamped = |kinds: [&str; 2], numbers: [f32; 2]| {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let (a, b) = (s.floats("a", &[], &numbers[..1]), s.floats("b", &[], &numbers[1..]));
            let x = s.node(kinds[0], &["input", &a]);
            let x = s.node(kinds[1], &[&b, &x]);
            let net = s.net(&x);
            assert_eq!(net.steps.len(), 1);
            op(&net, 0).clone()
        };
        assert_eq!(clamped(["Max", "Min"], [0.0, 6.0]), Unary(UnaryFn::Relu6).into());
        assert_eq!(clamped(["Min", "Max"], [2.0, -1.0]), Unary(UnaryFn::Clip(-1.0, 2.0)).into());
        assert_eq!(clamped(["Max", "Min"], [3.0, 1.0]), Unary(UnaryFn::Clip(1.0, 1.0)).into());
    }

    #[test]
    fn a_clamp_that_others_read_stays() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let (zero, six) = (s.floats("zero", &[], &[0.0]), s.floats("six", &[], &[6.0]));
        let x = s.node("Max", &["input", &zero]);
        let y = s.node("Min", &[&x, &six]);
        let x = s.node("Mul", &[&x, &y]);
        assert_eq!(kinds(&s.net(&x)), ["relu", "clip", "mul"]);
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
}
