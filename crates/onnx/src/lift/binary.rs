//! Sums, products and so on of two activations; a second one of fewer elements may have been expanded before.

use crate::read::net::{FileNet, FileStep, Id};
use ops::{Binary, BinaryFn};

pub(super) fn binary(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let kind = net.call(step)?.kind;
    let (_, op, turned) = OPERATORS.iter().find(|(known, ..)| *known == kind)?;
    let (a, b) = net.operands(step)?;
    let whole = net.dims(step.outputs[0])?;
    let (shorter_a, shorter_b) = (unexpanded(net, a), unexpanded(net, b));
    let pairs = [(shorter_a, shorter_b), (a, shorter_b), (shorter_a, b), (a, b)];
    let (a, b) = pairs
        .into_iter()
        .find(|&(a, b)| net.dims(a).zip(net.dims(b)).is_some_and(|(a, b)| make(a, b, whole)))?;
    // The whole one is the first, where there is one.
    let turn = net.dims(a) != Some(whole) && net.dims(b) == Some(whole);
    let (op, inputs) = if turn { (turned, [b, a]) } else { (op, [a, b]) };
    Some(vec![step.lab(Binary(*op), &inputs)])
}

/// Operators, what they are, and what they are with their operands turned round.
const OPERATORS: &[(&str, BinaryFn, BinaryFn)] = &[
    ("Add", BinaryFn::Add, BinaryFn::Add),
    ("Mul", BinaryFn::Mul, BinaryFn::Mul),
    ("Sub", BinaryFn::Sub, BinaryFn::ReverseSub),
    ("Div", BinaryFn::Div, BinaryFn::ReverseDiv),
    ("Max", BinaryFn::Max, BinaryFn::Max),
    ("Min", BinaryFn::Min, BinaryFn::Min),
];

/// Whether the lab's operator makes axes `whole` of axes `a` and `b`: images stand side by side.
fn make(a: &[usize], b: &[usize], whole: &[usize]) -> bool {
    let same_rank = matches!(whole.len(), 2 | 4) && [a.len(), b.len()] == [whole.len(); 2];
    let axis = |(&len, (&a, &b)): (&usize, (&usize, &usize))| {
        [a, b].contains(&len) && [a, b].iter().all(|&x| x == len || x == 1)
    };
    same_rank && a[0] == b[0] && whole.iter().zip(a.iter().zip(b)).all(axis)
}

/// What stands before an `Expand` or a `Tile`: the operator broadcasts by itself.
fn unexpanded(net: &FileNet, id: Id) -> Id {
    let expand = net.node(id, "Expand").or_else(|| net.node(id, "Tile"));
    let source = expand.and_then(|expand| expand.input(0));
    let same_rank = |&s: &Id| net.dims(s).map(<[usize]>::len) == net.dims(id).map(<[usize]>::len);
    source.filter(same_rank).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds};

    #[test]
    fn an_excitation_is_taken_through_reshapes_and_expand() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let (rows, map, whole) =
            (s.ints("rows", &[1, 2]), s.ints("map", &[1, 2, 1, 1]), s.ints("whole", &[1, 2, 3, 3]));
        let kernel = s.floats("kernel", &[2, 2], &[1.0; 4]);
        let x = s.node("GlobalAveragePool", &["input"]);
        let x = s.node("Reshape", &[&x, &rows]);
        let x = s.node("Gemm", &[&x, &kernel]);
        let x = s.node("Sigmoid", &[&x]);
        let x = s.node("Reshape", &[&x, &map]);
        let x = s.node("Expand", &[&x, &whole]);
        let x = s.node("Mul", &[&x, "input"]);
        let expected = ["global_avg_pool2d", "view", "linear", "sigmoid", "view", "mul"];
        let net = s.net(&x);
        assert_eq!(kinds(&net), expected);
        assert_eq!(net.steps[5].input(0), Some(net.inputs[0]));
    }

    #[test]
    fn operands_are_turned_round_where_the_first_broadcasts() {
        let read = |kind: &str, first: bool| {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let mean = s.node("GlobalAveragePool", &["input"]);
            let x = s.node(kind, &if first { ["input", &mean] } else { [&mean, "input"] });
            kinds(&s.net(&x))[1].to_owned()
        };
        assert_eq!(
            (read("Sub", true).as_str(), read("Sub", false).as_str()),
            ("sub", "reverse_sub")
        );
        assert_eq!(
            (read("Div", true).as_str(), read("Div", false).as_str()),
            ("div", "reverse_div")
        );
        assert_eq!((read("Max", false).as_str(), read("Min", false).as_str()), ("max", "min"));
    }

    #[test]
    fn one_row_or_column_broadcasts() {
        for kernel in [[3, 1], [1, 3]] {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let x = s.with("MaxPool", &["input"], &[("kernel_shape", &kernel)]);
            let x = s.node("Mul", &["input", &x]);
            assert_eq!(kinds(&s.net(&x)), ["max_pool2d", "mul"]);
        }
    }

    #[test]
    fn one_row_of_one_channel_broadcasts() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let x = s.with("ReduceMax", &["input"], &[("axes", &[1])]);
        let x = s.with("MaxPool", &[&x], &[("kernel_shape", &[3, 1])]);
        let x = s.node("Add", &["input", &x]);
        assert_eq!(kinds(&s.net(&x)), ["channel_max", "max_pool2d", "add"]);
    }

    #[test]
    fn channels_and_pixels_that_were_expanded_make_a_map() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let whole = s.ints("whole", &[1, 2, 3, 3]);
        let pixels = s.with("ReduceMax", &["input"], &[("axes", &[1])]);
        let channels = s.node("GlobalAveragePool", &["input"]);
        let [a, b] = [channels, pixels].map(|x| s.node("Expand", &[&x, &whole]));
        let x = s.node("Sub", &[&a, &b]);
        assert_eq!(kinds(&s.net(&x)), ["channel_max", "global_avg_pool2d", "sub"]);
    }

    #[test]
    fn images_are_not_broadcast() {
        let mut s = Sketch::new(&[2, 2, 3, 3]);
        let x = s.with("ReduceMax", &["input"], &[("axes", &[0])]);
        let x = s.node("Add", &["input", &x]);
        assert!(kinds(&s.net(&x)).contains(&"Add"));
    }
}
