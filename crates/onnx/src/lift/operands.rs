//! Sums, means, largest and smallest of any number of operands, as operators of two; and constants on the left of
//! a difference or quotient, which go to the right of a sum or product.

use crate::read::{
    array::Array,
    call::Known,
    geometry::broadcast,
    net::{FileNet, FileStep, Id, Kind},
};

/// `net` with such nodes written anew.
pub(super) fn of_two(net: FileNet) -> FileNet {
    net.written_anew(written)
}

fn written(net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let operands: Vec<Id> = step.inputs.iter().copied().collect::<Option<_>>()?;
    match net.call(step)?.kind {
        "Sum" => in_turn(net, step, "Add", &operands),
        "Mean" => mean(net, step, &operands),
        kind @ ("Max" | "Min") if operands.len() != 2 => {
            let kind = kind.to_owned();
            in_turn(net, step, &kind, &operands)
        }
        "Sub" => turned(net, step, ("Neg", "Add")),
        "Div" => turned(net, step, ("Reciprocal", "Mul")),
        _ => None,
    }
}

/// The operands one after the other, constants last.
fn in_turn(
    net: &mut FileNet,
    step: &FileStep,
    kind: &str,
    operands: &[Id],
) -> Option<Vec<FileStep>> {
    let (constant, computed): (Vec<Id>, Vec<Id>) =
        operands.iter().partition(|&&id| net.constant(id).is_some());
    let ordered = [computed, constant].concat();
    let (&[mut so_far, ref rest @ ..], last) = (&ordered[..], step.outputs[0]) else { return None };
    if rest.is_empty() {
        return Some(vec![step.instead(node("Identity"), &[so_far])]);
    }
    let mut steps = Vec::with_capacity(rest.len());
    for (i, &operand) in rest.iter().enumerate() {
        let to = if i + 1 == rest.len() {
            last
        } else {
            let dims = broadcast(&[net.dims(so_far)?, net.dims(operand)?])?;
            net.value_like(last, Known::Dims(dims))
        };
        steps.push(FileStep { outputs: vec![to], ..step.instead(node(kind), &[so_far, operand]) });
        so_far = to;
    }
    Some(steps)
}

/// The sum times 1 over the number of operands.
fn mean(net: &mut FileNet, step: &FileStep, operands: &[Id]) -> Option<Vec<FileStep>> {
    let out = step.outputs[0];
    let share = Array::floats(Vec::new(), [1.0 / operands.len() as f32]);
    let share = net.value_like(out, Known::Constant(share));
    let sum = net.value_like(out, Known::Dims(net.dims(out)?.to_vec()));
    let mut steps =
        in_turn(net, &FileStep { outputs: vec![sum], ..step.clone() }, "Add", operands)?;
    steps.push(step.instead(node("Mul"), &[sum, share]));
    Some(steps)
}

/// k − x as −x + k, k / x as 1/x · k, for a k of several values.
fn turned(
    net: &mut FileNet,
    step: &FileStep,
    (inverse, then): (&str, &str),
) -> Option<Vec<FileStep>> {
    let &[Some(k), Some(x)] = &step.inputs[..] else { return None };
    let several = net.constant(k).is_some_and(|k| k.len() > 1);
    (several && net.constant(x).is_none()).then_some(())?;
    let turned = net.value_like(x, Known::Dims(net.dims(x)?.to_vec()));
    let first = FileStep { outputs: vec![turned], ..step.instead(node(inverse), &[x]) };
    Some(vec![first, step.instead(node(then), &[turned, k])])
}

fn node(kind: &str) -> Kind {
    Kind::Node { kind: kind.to_owned(), attributes: Vec::new() }
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op, weight};
    use ops::{Unary, UnaryFn};

    fn of_three(kind: &str) -> String {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let zero = s.floats("zero", &[], &[0.0]);
        let x = s.node("Tanh", &["input"]);
        let x = s.node(kind, &[&zero, "input", &x]);
        kinds(&s.net(&x)).join(" ")
    }

    #[test]
    fn several_operands_are_taken_in_turn_numbers_last() {
        assert_eq!(of_three("Max"), "tanh max relu");
        assert_eq!(of_three("Min"), "tanh min clip");
        assert_eq!(of_three("Sum"), "tanh add view");
    }

    #[test]
    fn a_mean_is_a_sum_and_a_scale() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let x = s.node("Tanh", &["input"]);
        let x = s.node("Mean", &["input", &x, &x, "input"]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["tanh", "add", "add", "add", "scale"]);
        assert_eq!(op(&net, 4), &Unary(UnaryFn::Scale(0.25)).into());
    }

    #[test]
    fn one_operand_is_itself() {
        for kind in ["Max", "Min", "Sum"] {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let x = s.node("Tanh", &["input"]);
            let x = s.node(kind, &[&x]);
            assert_eq!(kinds(&s.net(&x)), ["tanh", "view"], "{kind}");
        }
    }

    #[test]
    fn constants_on_the_left_go_to_the_right() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let k = s.floats("k", &[2, 1, 1], &[1.0, 3.0]);
        let x = s.node("Sub", &[&k, "input"]);
        let x = s.node("Div", &[&k, &x]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["scale", "channel_affine", "reciprocal", "channel_affine"]);
        assert_eq!(weight(&net, 1, "shift").at([0, 1, 0, 0]), 3.0);
        assert_eq!(weight(&net, 3, "scale").at([0, 1, 0, 0]), 3.0);
    }
}
