//! Takes each activation into the operator before it, which then applies it to its sums before they
//! are written.

use super::absorb::{Seen, absorbing};
use crate::{Epilogue, Graph, Node, Op, Unary};

/// The same network, each function that is the only reader of an operator taken into it, where that
/// [takes it](crate::Operator::fuses).
pub fn fuse_activation(graph: &Graph) -> Graph {
    absorbing(graph, fused)
}

fn fused(seen: &Seen<'_>) -> Option<(usize, Node)> {
    let Op::Unary(Unary(function)) = seen.node.op else { return None };
    let (at, before) = seen.sole_source(0)?;
    let epilogue = Epilogue { function: Some(function), ..before.epilogue };
    let fits = function.ends_others()
        && before.epilogue.function.is_none()
        && seen.fuses(before, epilogue);
    fits.then(|| (at, Node { epilogue, ..before.clone() }))
}
