//! Arithmetic with one number: x · k, x / k, 1 − x.

use crate::read::net::{Net, Step};
use ops::{Unary, UnaryFn};

pub(super) fn scale(net: &Net, step: &Step) -> Option<Vec<Step>> {
    let (id, k) = net.with_scalar(step)?;
    let first = step.input(0) == Some(id);
    let function = match net.call(step)?.kind {
        "Mul" => UnaryFn::Scale(k),
        "Div" if first && k != 0.0 => UnaryFn::Scale(1.0 / k),
        "Sub" if !first && k == 1.0 => UnaryFn::OneMinus,
        _ => return None,
    };
    net.shape(id)?;
    Some(vec![step.lab(Unary(function), &[id])])
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::{Unary, UnaryFn};

    #[test]
    fn the_side_on_which_the_number_stands_matters() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let (one, four) = (s.floats("one", &[], &[1.0]), s.floats("four", &[1], &[4.0]));
        let x = s.node("Sub", &[&one, "input"]);
        let x = s.node("Div", &[&x, &four]);
        let net = s.net(&x);
        assert_eq!(op(&net, 0), &Unary(UnaryFn::OneMinus).into());
        assert_eq!(op(&net, 1), &Unary(UnaryFn::Scale(0.25)).into());

        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let four = s.floats("four", &[], &[4.0]);
        let x = s.node("Div", &[&four, "input"]);
        assert_eq!(kinds(&s.net(&x)), ["Div"]);
    }
}
