//! Takes each activation into the operator before it, which then applies it to its sums before they
//! are written.

use super::absorb::{Seen, absorbing};
use crate::{Epilogue, Graph, Node, Op, Unary, UnaryFn};
use profile::Shape;

/// The same network, each function that is the only reader of a convolution, linear operator,
/// addition, multiplication or batch norm taken into it. The last three, and depthwise
/// convolutions, take only functions that clamp.
pub fn fuse_activation(graph: &Graph) -> Graph {
    absorbing(graph, fused)
}

fn fused(seen: &Seen<'_>) -> Option<(usize, Node)> {
    let Op::Unary(Unary(function)) = seen.node.op else { return None };
    let (at, before) = seen.sole_source(0)?;
    if before.epilogue.function.is_some()
        || !takes(&before.op, seen.shape(before.inputs[0]), function)
    {
        return None;
    }
    let epilogue = Epilogue { function: Some(function), ..before.epilogue };
    Some((at, Node { epilogue, ..before.clone() }))
}

fn takes(op: &Op, input: Shape, function: UnaryFn) -> bool {
    match op {
        Op::Conv2d(conv) => !conv.is_depthwise(input) || function.bounds().is_some(),
        Op::Linear(_) => true,
        Op::Binary(_) | Op::BatchNorm(_) => function.bounds().is_some(),
        _ => false,
    }
}
