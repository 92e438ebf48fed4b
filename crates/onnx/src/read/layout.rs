//! Where a network's own input has its channels: what reads it says so.

use super::call::{Call, axis};
use super::infer;
use crate::proto::Node;
use std::collections::{HashMap, HashSet, VecDeque};

/// Of each axis with channels first, which one it is with channels last.
pub(crate) const FIRST: [usize; 4] = [0, 3, 1, 2];

/// Of each axis with channels last, which one it is with channels first.
pub(crate) const LAST: [usize; 4] = [0, 2, 3, 1];

/// Whether the input called `input`, of four axes, has its channels last; its last axis has length `len`, or is free.
/// The nearest reader that tells channels from pixels decides. It is looked for behind what computes element by
/// element. Channels are first where nobody tells.
pub(super) fn is_channels_last<'a>(
    nodes: &'a [Node],
    input: &'a str,
    len: Option<usize>,
    call: impl Fn(&'a Node) -> Call<'a>,
) -> bool {
    let mut readers: HashMap<&str, Vec<&Node>> = HashMap::new();
    for node in nodes {
        node.input.iter().for_each(|name| readers.entry(name).or_default().push(node));
    }
    let (mut next, mut seen) = (VecDeque::from([input]), HashSet::from([input]));
    while let Some(name) = next.pop_front() {
        for node in readers.get(name).into_iter().flatten() {
            let call = call(node);
            if let Some(last) = says(&call, len) {
                return last;
            }
            // One channel may become the first by way of a fifth axis.
            if keeps_order(call.kind) || call.kind == "Unsqueeze" {
                next.extend(
                    node.output.iter().map(String::as_str).filter(|&name| seen.insert(name)),
                );
            }
        }
    }
    false
}

/// Whether an operator's outputs have a map's axes in the same order.
pub(crate) fn keeps_order(kind: &str) -> bool {
    infer::keeps_axes(kind) || MOVES.contains(&kind)
}

/// Operators that move elements along axes.
const MOVES: &[&str] = &["Concat", "Expand", "Pad", "Resize", "Slice", "Split", "Tile", "Upsample"];

/// Operators that have channels first.
const OF_MAPS: &[&str] = &[
    "AveragePool",
    "BatchNormalization",
    "Conv",
    "ConvTranspose",
    "DepthToSpace",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "GroupNormalization",
    "InstanceNormalization",
    "LRN",
    "MaxPool",
    "SpaceToDepth",
];

/// Whether channels stand last in a map that is read so; `None` where that makes no difference.
fn says(call: &Call<'_>, len: Option<usize>) -> Option<bool> {
    match call.kind {
        kind if OF_MAPS.contains(&kind) => Some(false),
        "Transpose" => match *call.ints("perm") {
            [0, 3, 1, 2] | [0, 3, 2, 1] | [_, _, _, 3] => Some(true),
            [0, 2, 3, 1] | [0, 1, 3, 2] => Some(false),
            _ => None,
        },
        "Reshape" => match *call.constant(1)?.as_ints()? {
            // A transpose of one channel.
            [_, 1, _, columns] => (len == Some(1) && columns != 1).then_some(true),
            // A pixel a row.
            [_, channels] => (i64::try_from(len?) == Ok(channels)).then_some(true),
            _ => None,
        },
        "MatMul" => call.constant(1).is_some_and(|kernel| kernel.dims.len() == 2).then_some(true),
        "LayerNormalization" => (call.axis("axis", -1, 4)? == 3).then_some(true),
        kind if kind.starts_with("Reduce") => {
            let mut over: Vec<usize> =
                call.list("axes", 1)?.iter().map(|&a| axis(a, 4)).collect::<Option<_>>()?;
            over.sort_unstable();
            match over[..] {
                [1, 2] => Some(true),
                [2, 3] => Some(false),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds};
    use profile::Shape;

    /// The input's shape to the lab, and what the network is, of one whose input has axes 1×4×5×3.
    fn read(write: impl FnOnce(&mut Sketch) -> String) -> (Shape, String) {
        let mut s = Sketch::new(&[1, 4, 5, 3]);
        let x = write(&mut s);
        let net = s.net(&x);
        (net.shape(net.inputs[0]).expect("a map"), kinds(&net).join(" "))
    }

    const LAST: Shape = Shape::new(1, 3, 4, 5);
    const FIRST: Shape = Shape::new(1, 4, 5, 3);

    #[test]
    fn a_transpose_behind_other_nodes_says_where_channels_are() {
        let (shape, kinds) = read(|s| {
            let (half, pads) =
                (s.floats("half", &[3], &[0.5; 3]), s.ints("pads", &[0, 1, 1, 0, 0, 1, 1, 0]));
            let x = s.node("Sub", &["input", &half]);
            let x = s.node("Pad", &[&x, &pads]);
            s.with("Transpose", &[&x], &[("perm", &[0, 3, 1, 2])])
        });
        assert_eq!((shape, kinds.as_str()), (LAST, "channel_affine pad2d"));
    }

    #[test]
    fn means_of_pixels_and_products_of_channels_say_it() {
        let mean = |axes: [i64; 2]| read(|s| s.with("ReduceMean", &["input"], &[("axes", &axes)]));
        assert_eq!(mean([1, 2]), (LAST, "global_avg_pool2d".to_owned()));
        assert_eq!(mean([2, 3]), (FIRST, "global_avg_pool2d".to_owned()));
        let product = read(|s| {
            let kernel = s.floats("kernel", &[3, 2], &[0.5; 6]);
            s.node("MatMul", &["input", &kernel])
        });
        assert_eq!(product, (LAST, "conv2d".to_owned()));
    }

    #[test]
    fn a_transpose_of_one_channel_may_be_a_reshape() {
        let reshaped = |to: &[i64]| {
            let mut s = Sketch::new(&[1, 4, 5, 1]);
            let to = s.ints("to", to);
            let x = s.node("Reshape", &["input", &to]);
            let x = s.with("MaxPool", &[&x], &[("kernel_shape", &[2, 2])]);
            let net = s.net(&x);
            net.shape(net.inputs[0])
        };
        assert_eq!(reshaped(&[-1, 1, 4, 5]), Some(Shape::new(1, 1, 4, 5)));
        assert_eq!(reshaped(&[-1, 2, 2, 5]), Some(Shape::new(1, 4, 5, 1)));
    }

    #[test]
    fn what_has_channels_first_or_says_nothing_leaves_them_first() {
        let pooled = read(|s| s.with("MaxPool", &["input"], &[("kernel_shape", &[2, 2])]));
        assert_eq!(pooled, (FIRST, "max_pool2d".to_owned()));
        assert_eq!(read(|s| s.node("Relu", &["input"])), (FIRST, "relu".to_owned()));
    }
}
