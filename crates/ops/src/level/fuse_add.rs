//! Takes each addition of two maps into the operator that makes one of them, which then adds the
//! other to its sums before they are written: the end of a residual branch.

use super::absorb::{Seen, absorbing};
use crate::{Binary, Epilogue, Graph, Node};

/// The same network, each addition taken into an operator that it is the only reader of and that
/// [takes it](crate::Operator::fuses), with the activation that the addition had taken in. The other map
/// must be there when the operator runs.
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
    let (i, other) = if a > b { (0, b) } else { (1, a) };
    let (at, before) = seen.sole_source(i)?;
    let epilogue = Epilogue { add: true, ..node.epilogue };
    let shapes_fit = seen.shape(other) == node.output && before.output == node.output;
    if !shapes_fit || before.epilogue != Epilogue::NONE || !seen.fuses(before, epilogue) {
        return None;
    }
    let inputs = before.inputs.iter().copied().chain([other]).collect();
    Some((at, Node { inputs, epilogue, ..before.clone() }))
}
