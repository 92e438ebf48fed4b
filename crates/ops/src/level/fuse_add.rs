//! Takes each addition of two maps into the convolution that makes one of them, which then adds the
//! other to its sums before they are written: the end of a residual branch.

use super::absorb::{Seen, absorbing};
use crate::{Binary, Epilogue, Graph, Node, Op};
use profile::Shape;

/// The same network, each addition taken into a convolution (not a depthwise one, nor a dense 3×3 one at stride 1) or linear
/// operator that it is the only reader of, with the activation that the addition had taken in. The
/// other map must be there when the convolution runs.
pub fn fuse_add(graph: &Graph) -> Graph {
    absorbing(graph, fused)
}

fn fused(seen: &Seen<'_>) -> Option<(usize, Node)> {
    let node = seen.node;
    if node.op != Binary::ADD.into() || node.epilogue.add {
        return None;
    }
    let [a, b] = node.inputs[..] else { return None };
    // What runs later can add what ran before.
    let (i, other) = if a.index() > b.index() { (0, b) } else { (1, a) };
    let (at, before) = seen.sole_source(i)?;
    let fits = seen.shape(other) == node.output && before.output == node.output;
    if !fits || before.epilogue != Epilogue::NONE || !takes(before, seen.shape(before.inputs[0])) {
        return None;
    }
    let inputs = before.inputs.iter().copied().chain([other]).collect();
    let epilogue = Epilogue { add: true, ..node.epilogue };
    Some((at, Node { inputs, epilogue, ..before.clone() }))
}

/// Whether a node over `input` is faster for adding to its sums: the depthwise kernel cannot, and
/// Winograd's, for 3×3 windows at stride 1, can but made ResNet-18 2 % slower by it.
fn takes(node: &Node, input: Shape) -> bool {
    match &node.op {
        Op::Conv2d(conv) => {
            let winograd = conv.kernel == (3, 3) && conv.stride == (1, 1) && conv.groups == 1;
            !winograd && !conv.is_depthwise(input)
        }
        Op::Linear(_) => true,
        _ => false,
    }
}
