//! Activations that exporters write as products: x · sigmoid(x), relu6(x + 3) / 6, x · relu6(x + 3) / 6.

use super::activation::is_sixth;
use crate::read::net::{Id, Net, Step};
use ops::{Binary, Op, Unary, UnaryFn};

pub(super) fn gate(net: &Net, step: &Step) -> Option<Vec<Step>> {
    let (input, function) = match net.call(step)?.kind {
        "Mul" => gated(net, step).or_else(|| sixth(net, step))?,
        "Div" => sixth(net, step)?,
        _ => return None,
    };
    Some(vec![step.lab(Unary(function), &[input])])
}

/// A value times a gate that is computed from it.
fn gated(net: &Net, step: &Step) -> Option<(Id, UnaryFn)> {
    let (a, b) = net.operands(step)?;
    [(a, b), (b, a)].into_iter().find_map(|(x, gate)| {
        let whole = match net.lab(gate)? {
            (_, Op::Unary(Unary(UnaryFn::Sigmoid))) => UnaryFn::Silu,
            (_, Op::Unary(Unary(UnaryFn::HardSigmoid))) => UnaryFn::HardSwish,
            _ => return None,
        };
        (net.lab(gate)?.0.input(0) == Some(x)).then_some((x, whole))
    })
}

/// A sixth of what relu6(x + 3) makes.
fn sixth(net: &Net, step: &Step) -> Option<(Id, UnaryFn)> {
    let (id, k) = net.with_scalar(step)?;
    let divides = net.call(step)?.kind == "Div";
    let is = if divides { k == 6.0 && step.input(0) == Some(id) } else { is_sixth(k) };
    is.then_some(())?;
    match net.lab(id)? {
        (product, Op::Binary(Binary::MUL)) => {
            let (a, b) = (product.input(0)?, product.input(1)?);
            let of = |x, gate| (above(net, gate) == Some(x)).then_some((x, UnaryFn::HardSwish));
            of(a, b).or_else(|| of(b, a))
        }
        _ => Some((above(net, id)?, UnaryFn::HardSigmoid)),
    }
}

/// The x of a value relu6(x + 3).
fn above(net: &Net, id: Id) -> Option<Id> {
    let (clamped, Op::Unary(Unary(UnaryFn::Relu6))) = net.lab(id)? else { return None };
    let (x, three) = net.with_scalar(net.node(clamped.input(0)?, "Add")?)?;
    (three == 3.0).then_some(x)
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds};

    #[test]
    fn spelled_out_gates_are_one_function() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let gate = s.node("Sigmoid", &["input"]);
        let x = s.node("Mul", &[&gate, "input"]);
        assert_eq!(kinds(&s.net(&x)), ["silu"]);
    }

    fn by_hand(s: &mut Sketch) -> String {
        let constants =
            [("zero", 0.0), ("three", 3.0), ("six", 6.0)].map(|(n, k)| s.floats(n, &[], &[k]));
        let [zero, three, six] = constants;
        let x = s.node("Add", &["input", &three]);
        s.node("Clip", &[&x, &zero, &six])
    }

    #[test]
    fn hard_swish_is_read_however_the_sixth_stands() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let gate = by_hand(&mut s);
        let x = s.node("Mul", &["input", &gate]);
        let x = s.node("Div", &[&x, "six"]);
        assert_eq!(kinds(&s.net(&x)), ["hard_swish"]);

        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let gate = by_hand(&mut s);
        let sixth = s.floats("sixth", &[], &[1.0 / 6.0]);
        let gate = s.node("Mul", &[&gate, &sixth]);
        let x = s.node("Mul", &["input", &gate]);
        assert_eq!(kinds(&s.net(&x)), ["hard_swish"]);
    }

    #[test]
    fn a_gate_of_another_value_stays_a_product() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let other = s.node("Tanh", &["input"]);
        let gate = s.node("Sigmoid", &[&other]);
        let x = s.node("Mul", &["input", &gate]);
        assert_eq!(kinds(&s.net(&x)), ["tanh", "sigmoid", "mul"]);
    }
}
