//! Takes each activation into the operator before it, which then applies it to its sums before they
//! are written.

use super::absorb::{Seen, absorbing};
use crate::{Epilogue, Graph, Node, Op, Unary, UnaryFn};

/// The same network, each function that is the only reader of a convolution, linear operator,
/// addition, multiplication or batch norm taken into it. The last three take only functions that
/// clamp.
pub fn fuse_activation(graph: &Graph) -> Graph {
    absorbing(graph, fused)
}

fn fused(seen: &Seen<'_>) -> Option<(usize, Node)> {
    let Op::Unary(Unary(function)) = seen.node.op else { return None };
    let (at, before) = seen.sole_source(0)?;
    if before.epilogue.function.is_some() || !takes(&before.op, function) {
        return None;
    }
    let epilogue = Epilogue { function: Some(function), ..before.epilogue };
    Some((at, Node { epilogue, ..before.clone() }))
}

fn takes(op: &Op, function: UnaryFn) -> bool {
    match op {
        Op::Conv2d(_) | Op::Linear(_) => true,
        Op::Binary(_) | Op::BatchNorm(_) => function.bounds().is_some(),
        _ => false,
    }
}
