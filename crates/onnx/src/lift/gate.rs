//! Activations that exporters write as products: x · sigmoid(x), relu6(x + 3) / 6, ½x · (1 + erf(x/√2)), and so on.
//!
//! A product is a number times some values, in whatever order they were multiplied. One of them is the gate, which
//! says what x is; the others must be x.

use super::activation::is_near;
use crate::read::net::{FileNet, FileStep, Id, Kind};
use ops::{Binary, Op, Unary, UnaryFn};
use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

pub(super) fn gate(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    matches!(net.call(step)?.kind, "Mul" | "Div").then_some(())?;
    let whole = Product::of_step(net, step)?;
    let (x, function) = whole.values.iter().find_map(|&gate| {
        let is = |(x, number, function): (Id, f32, UnaryFn)| {
            let beside = if function == UnaryFn::HardSigmoid {
                Product { number: 1.0, values: Vec::new() }
            } else {
                Product::of(net, x)
            };
            whole.is(number, beside, gate).then_some((x, function))
        };
        gates(net, gate)?.into_iter().find_map(is)
    })?;
    net.shape(x)?;
    Some(vec![step.lab(Unary(function), &[x])])
}

/// The functions that a gate makes, each with its x: it is so many times the gate times x, but that hard-sigmoid is
/// the gate alone.
fn gates(net: &FileNet, gate: Id) -> Option<Vec<(Id, f32, UnaryFn)>> {
    let (x, function) = unary(net, gate)?;
    match function {
        UnaryFn::Sigmoid => match unary(net, x) {
            Some((inner, UnaryFn::Scale(k))) => {
                let swish = if is_near(k, 1.702) { UnaryFn::QuickGelu } else { UnaryFn::Swish(k) };
                Some(vec![(inner, 1.0, swish), (x, 1.0, UnaryFn::Silu)])
            }
            _ => Some(vec![(x, 1.0, UnaryFn::Silu)]),
        },
        UnaryFn::HardSigmoid => Some(vec![(x, 1.0, UnaryFn::HardSwish)]),
        UnaryFn::Relu6 => {
            let (x, _) = unary(net, x).filter(|(_, f)| *f == UnaryFn::Offset(3.0))?;
            let both = [UnaryFn::HardSigmoid, UnaryFn::HardSwish];
            Some(both.map(|function| (x, 1.0 / 6.0, function)).to_vec())
        }
        UnaryFn::Tanh => {
            let (x, _) = unary(net, x).filter(|(_, f)| *f == UnaryFn::Softplus)?;
            Some(vec![(x, 1.0, UnaryFn::Mish)])
        }
        UnaryFn::Offset(1.0) => match unary(net, x)? {
            (z, UnaryFn::Erf) => {
                let (x, UnaryFn::Scale(k)) = unary(net, z)? else { return None };
                is_near(k, FRAC_1_SQRT_2).then(|| vec![(x, 0.5, UnaryFn::Gelu)])
            }
            (z, UnaryFn::Tanh) => Some(vec![(below_tanh(net, z)?, 0.5, UnaryFn::GeluTanh)]),
            _ => None,
        },
        _ => None,
    }
}

/// The function that makes a value, and of what.
fn unary(net: &FileNet, id: Id) -> Option<(Id, UnaryFn)> {
    match net.lab(id)? {
        (step, Op::Unary(Unary(function))) => Some((step.input(0)?, *function)),
        _ => None,
    }
}

/// The x of √(2/π) · (x + 0.044715x³).
fn below_tanh(net: &FileNet, id: Id) -> Option<Id> {
    let (sum, UnaryFn::Scale(k)) = unary(net, id)? else { return None };
    let (added, Op::Binary(Binary::ADD)) = net.lab(sum)? else { return None };
    let (a, b) = (added.input(0)?, added.input(1)?);
    let (x, _) = [(a, b), (b, a)].into_iter().find(|&(x, cube)| {
        let cube = Product::of(net, cube);
        let mut thrice = Product::of(net, x);
        thrice.number = thrice.number.powi(3);
        thrice.values = thrice.values.repeat(3);
        cube.equals(0.044_715, thrice)
    })?;
    is_near(k, FRAC_2_SQRT_PI * FRAC_1_SQRT_2).then_some(x)
}

/// A number times values.
#[derive(Clone, Debug)]
struct Product {
    number: f32,
    values: Vec<Id>,
}

impl Product {
    /// Products within products that are looked at.
    const MOST_DEEP: usize = 4;

    /// That which a step computes, where it computes one.
    fn of_step(net: &FileNet, step: &FileStep) -> Option<Self> {
        let mut product = Self { number: 1.0, values: Vec::new() };
        let (number, factors) = factors(net, step)?;
        product.take(net, number, &factors, Self::MOST_DEEP);
        Some(product)
    }

    /// That which a value is.
    fn of(net: &FileNet, id: Id) -> Self {
        let mut product = Self { number: 1.0, values: Vec::new() };
        product.take(net, 1.0, &[id], Self::MOST_DEEP);
        product
    }

    fn take(&mut self, net: &FileNet, number: f32, values: &[Id], deep: usize) {
        self.number *= number;
        for &id in values {
            match net.maker(id).filter(|_| deep > 0).and_then(|step| factors(net, step)) {
                Some((number, factors)) => self.take(net, number, &factors, deep - 1),
                None => self.values.push(id),
            }
        }
    }

    /// Whether it is `number` · `gate` · `x`.
    fn is(&self, number: f32, mut x: Self, gate: Id) -> bool {
        x.values.push(gate);
        self.equals(number, x)
    }

    /// Whether it is `number` · `other`.
    fn equals(&self, number: f32, mut other: Self) -> bool {
        let mut values = self.values.clone();
        values.sort_unstable();
        other.values.sort_unstable();
        values == other.values && is_near(self.number / other.number, number)
    }
}

/// What a step multiplies, where it multiplies.
fn factors(net: &FileNet, step: &FileStep) -> Option<(f32, Vec<Id>)> {
    let first = step.input(0)?;
    match &step.kind {
        Kind::Lab(Op::Binary(Binary::MUL), _) => Some((1.0, vec![first, step.input(1)?])),
        Kind::Lab(Op::Unary(Unary(UnaryFn::Scale(k))), _) => Some((*k, vec![first])),
        Kind::Lab(Op::Unary(Unary(UnaryFn::Square)), _) => Some((1.0, vec![first; 2])),
        Kind::Lab(Op::Unary(Unary(UnaryFn::Pow(3.0))), _) => Some((1.0, vec![first; 3])),
        Kind::Lab(..) | Kind::View(_) => None,
        Kind::Node { kind, .. } => match (kind.as_str(), net.with_scalar(step)) {
            ("Mul", Some((id, k))) => Some((k, vec![id])),
            ("Mul", None) => Some((1.0, vec![first, step.input(1)?])),
            ("Div", Some((id, k))) if id == first => Some((1.0 / k, vec![id])),
            _ => None,
        },
    }
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

        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let x = s.node("Softplus", &["input"]);
        let x = s.node("Tanh", &[&x]);
        let x = s.node("Mul", &["input", &x]);
        assert_eq!(kinds(&s.net(&x)), ["mish"]);

        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let k = s.floats("k", &[], &[1.702]);
        let x = s.node("Mul", &["input", &k]);
        let x = s.node("Sigmoid", &[&x]);
        let x = s.node("Mul", &["input", &x]);
        assert_eq!(kinds(&s.net(&x)), ["quick_gelu"]);
    }

    /// Numbers that exporters of GELU write.
    fn numbers(s: &mut Sketch) {
        let all = [
            ("half", 0.5),
            ("one", 1.0),
            ("root", std::f32::consts::SQRT_2),
            ("cubes", 0.044_715),
            ("outer", 0.797_884_6),
            ("three", 3.0),
        ];
        all.iter().for_each(|&(name, k)| _ = s.floats(name, &[], &[k]));
    }

    #[test]
    fn gelu_is_read_in_any_order() {
        for order in [["input", "gate", "half"], ["gate", "half", "input"]] {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            numbers(&mut s);
            // What x is made of does not matter.
            let x = s.node("Mul", &["input", "three"]);
            let gate = s.node("Div", &[&x, "root"]);
            let gate = s.node("Erf", &[&gate]);
            let gate = s.node("Add", &[&gate, "one"]);
            let [a, b, c] = order.map(|name| match name {
                "input" => x.clone(),
                "gate" => gate.clone(),
                number => number.to_owned(),
            });
            let y = s.node("Mul", &[&a, &b]);
            let y = s.node("Mul", &[&c, &y]);
            assert_eq!(kinds(&s.net(&y)), ["scale", "gelu"]);
        }
    }

    #[test]
    fn the_cube_of_the_approximation_is_a_power_or_two_products() {
        for power in [true, false] {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            numbers(&mut s);
            let cube = if power {
                s.node("Pow", &["input", "three"])
            } else {
                let square = s.node("Mul", &["input", "input"]);
                s.node("Mul", &["input", &square])
            };
            let z = s.node("Mul", &[&cube, "cubes"]);
            let z = s.node("Add", &["input", &z]);
            let z = s.node("Mul", &[&z, "outer"]);
            let gate = s.node("Tanh", &[&z]);
            let gate = s.node("Add", &[&gate, "one"]);
            let y = s.node("Mul", &["input", "half"]);
            let y = s.node("Mul", &[&y, &gate]);
            assert_eq!(kinds(&s.net(&y)), ["gelu_tanh"]);
        }
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
    fn a_swish_has_its_factor_and_a_gate_of_a_multiple_its_own() {
        let written = |beside: &str| {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let k = s.floats("k", &[], &[0.5]);
            let x = s.node("Mul", &["input", &k]);
            let gate = s.node("Sigmoid", &[&x]);
            let y = s.node("Mul", &[if beside == "x" { &x } else { "input" }, &gate]);
            kinds(&s.net(&y)).join(" ")
        };
        assert_eq!(written("input"), "swish");
        assert_eq!(written("x"), "scale silu");
    }

    #[test]
    fn half_of_a_hard_swish_is_none() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let gate = by_hand(&mut s);
        let twelfth = s.floats("twelfth", &[], &[1.0 / 12.0]);
        let gate = s.node("Mul", &[&gate, &twelfth]);
        let x = s.node("Mul", &["input", &gate]);
        assert_eq!(kinds(&s.net(&x)), ["offset", "relu6", "scale", "mul"]);
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
