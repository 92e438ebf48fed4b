//! Transposes that keep the images apart, with the reshapes before and behind them: whatever axes they go over, a map
//! becomes a map.

use super::view::{root, seen};
use crate::read::{
    call::axis,
    net::{FileNet, FileStep, Id, Kind},
};
use ops::{Op, Permute};

/// A transpose that makes a map.
pub(super) fn transpose(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    (net.call(step)?.kind == "Transpose").then_some(())?;
    permuted(net, step, step)
}

/// A reshape of what a transpose makes that nobody else reads.
pub(super) fn reshaped(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let source = root(net, seen(net, step)?);
    if let Some(turn) = net.node(source, "Transpose") {
        return permuted(net, step, turn);
    }
    let maker = net.sole_maker(source)?;
    let Kind::Lab(Op::Permute(permute), _) = &maker.kind else { return None };
    let permute = to(net, permute.clone(), step.outputs[0], net.shape(source)?.n)?;
    Some(vec![step.lab(permute, &[maker.input(0)?])])
}

/// What the transpose `turn` makes of the map behind the views before it, as the output of `step`.
fn permuted(net: &FileNet, step: &FileStep, turn: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(turn)?;
    let dims = call.dims(0)?;
    let source = root(net, turn.input(0)?);
    let images = net.shape(source)?.n;
    let order: Vec<usize> = match call.ints("perm") {
        [] => (0..dims.len()).rev().collect(),
        given => given.iter().map(|&a| axis(a, dims.len())).collect::<Option<_>>()?,
    };
    // Axes of one element are nowhere.
    let order: Vec<usize> = order.into_iter().filter(|&a| dims[a] > 1).collect();
    let order = match images {
        1 => &order[..],
        n => order.split_first().filter(|(first, _)| **first == 0 && dims[0] == n)?.1,
    };
    let permute = to(net, canonical(dims, order), step.outputs[0], images)?;
    (2..=Permute::MOST).contains(&permute.axes.len()).then_some(())?;
    Some(vec![step.lab(permute, &[source])])
}

/// The axes `order` of those with lengths `dims`; such that stay side by side are one.
fn canonical(dims: &[usize], order: &[usize]) -> Permute {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    let place = |a: usize| sorted.partition_point(|&other| other < a);
    // The first axis of each that is several, in the input's order, with its length.
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for (i, &a) in order.iter().enumerate() {
        match parts.last_mut() {
            Some((_, len)) if place(a) == place(order[i - 1]) + 1 => *len *= dims[a],
            _ => parts.push((a, dims[a])),
        }
    }
    let mut first: Vec<(usize, usize)> = parts.clone();
    first.sort_unstable();
    let order = parts.iter().map(|(a, _)| first.partition_point(|(other, _)| other < a));
    Permute {
        axes: first.iter().map(|(_, len)| *len).collect(),
        order: order.collect(),
        to: (0, 0, 0),
    }
}

/// The same that makes `output` of so many images.
fn to(net: &FileNet, permute: Permute, output: Id, images: usize) -> Option<Permute> {
    let made = net.shape(output).filter(|made| made.n == images)?;
    Some(Permute { to: (made.c, made.h, made.w), ..permute })
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::Permute;

    fn permute(axes: &[usize], order: &[usize], to: (usize, usize, usize)) -> ops::Op {
        Permute { axes: axes.to_vec(), order: order.to_vec(), to }.into()
    }

    #[test]
    fn channels_that_become_rows_are_one_operator() {
        let mut s = Sketch::new(&[2, 6, 4, 5]);
        let x = s.with("MaxPool", &["input"], &[("kernel_shape", &[1, 1])]);
        let x = s.with("Transpose", &[&x], &[("perm", &[0, 2, 1, 3])]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["max_pool2d", "permute"]);
        assert_eq!(op(&net, 1), &permute(&[6, 4, 5], &[1, 0, 2], (4, 6, 5)));
    }

    #[test]
    fn windows_are_one_operator_with_their_reshapes() {
        let mut s = Sketch::new(&[2, 6, 4, 4]);
        let (windows, rows) =
            (s.ints("windows", &[2, 6, 2, 2, 2, 2]), s.ints("rows", &[2, 4, 4, 6]));
        let x = s.node("Reshape", &["input", &windows]);
        let x = s.with("Transpose", &[&x], &[("perm", &[0, 2, 4, 3, 5, 1])]);
        let x = s.node("Reshape", &[&x, &rows]);
        let x = s.node("Relu", &[&x]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["permute", "relu"]);
        assert_eq!(op(&net, 0), &permute(&[6, 2, 2, 2, 2], &[1, 3, 2, 4, 0], (4, 4, 6)));
    }

    #[test]
    fn axes_that_stay_side_by_side_are_one() {
        let mut s = Sketch::new(&[1, 6, 4, 5]);
        let row = s.ints("row", &[1, 120]);
        let x = s.with("Transpose", &["input"], &[("perm", &[0, 2, 3, 1])]);
        let x = s.node("Reshape", &[&x, &row]);
        let x = s.node("Relu", &[&x]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["permute", "relu"]);
        assert_eq!(op(&net, 0), &permute(&[6, 20], &[1, 0], (120, 1, 1)));
    }

    #[test]
    fn images_that_are_mixed_are_left() {
        let mixed = |images: usize| {
            let mut s = Sketch::new(&[images, 6, 4, 5]);
            let x = s.with("Transpose", &["input"], &[("perm", &[1, 0, 2, 3])]);
            let x = s.node("Relu", &[&x]);
            kinds(&s.net(&x))[0].to_owned()
        };
        assert_eq!(mixed(2), "Transpose");
    }
}
