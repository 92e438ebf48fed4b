//! Arithmetic with one number: x · k, x / k, k / x, x + k, k − x, xᵏ.

use crate::read::net::{FileNet, FileStep};
use ops::{Unary, UnaryFn};

pub(super) fn scale(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let (id, k) = net.with_scalar(step)?;
    let first = step.input(0) == Some(id);
    let function = match net.call(step)?.kind {
        "Mul" => UnaryFn::Scale(k),
        "Div" if first && k != 0.0 => UnaryFn::Scale(1.0 / k),
        "Div" if k == 1.0 => UnaryFn::Reciprocal,
        "Div" if !first => UnaryFn::KOver(k),
        "Add" => UnaryFn::Offset(k),
        "Sub" if first => UnaryFn::Offset(-k),
        "Sub" if k == 0.0 => UnaryFn::Scale(-1.0),
        "Sub" if k == 1.0 => UnaryFn::OneMinus,
        "Sub" => UnaryFn::KMinus(k),
        "Pow" if first && k == 2.0 => UnaryFn::Square,
        "Pow" if first && k == 0.5 => UnaryFn::Sqrt,
        "Pow" if first && k == -1.0 => UnaryFn::Reciprocal,
        "Pow" if first => UnaryFn::Pow(k),
        _ => return None,
    };
    net.shape(id)?;
    Some(vec![step.lab(Unary(function), &[id])])
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::{Unary, UnaryFn};

    /// What a node of this kind with a number at this side is.
    fn read(kind: &str, k: f32, first: bool) -> UnaryFn {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let k = s.floats("k", &[], &[k]);
        let x = s.node(kind, &if first { ["input", &k] } else { [&k, "input"] });
        match op(&s.net(&x), 0) {
            ops::Op::Unary(Unary(function)) => *function,
            other => panic!("{kind} is {other:?}"),
        }
    }

    #[test]
    fn the_side_on_which_the_number_stands_matters() {
        assert_eq!(read("Sub", 1.0, false), UnaryFn::OneMinus);
        assert_eq!(read("Sub", 1.0, true), UnaryFn::Offset(-1.0));
        assert_eq!(read("Div", 4.0, true), UnaryFn::Scale(0.25));
        assert_eq!(read("Div", 1.0, false), UnaryFn::Reciprocal);
        assert_eq!(read("Add", 3.0, false), UnaryFn::Offset(3.0));
        assert_eq!(read("Div", 4.0, false), UnaryFn::KOver(4.0));
        assert_eq!(read("Sub", 4.0, false), UnaryFn::KMinus(4.0));
        assert_eq!(read("Sub", 0.0, false), UnaryFn::Scale(-1.0));
    }

    #[test]
    fn a_power_has_its_exponent_on_the_right_whole_or_not() {
        assert_eq!(read("Pow", 2.0, true), UnaryFn::Square);
        assert_eq!(read("Pow", -0.5, true), UnaryFn::Pow(-0.5));

        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let three = s.ints("three", &[3]);
        let x = s.node("Pow", &["input", &three]);
        assert_eq!(op(&s.net(&x), 0), &Unary(UnaryFn::Pow(3.0)).into());

        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let three = s.floats("three", &[], &[3.0]);
        let x = s.node("Pow", &[&three, "input"]);
        assert_eq!(kinds(&s.net(&x)), ["Pow"]);
    }
}
