//! Makes a concatenation a view: what makes its inputs writes them where they belong.

use crate::{Graph, Op, Value};
use std::collections::HashSet;

/// The same network, each concatenation a view whose inputs can all be written in place: every one
/// made by a node that moves or computes (not the network's input, not a view of another value), and
/// part of no other concatenation.
pub fn view_concat(graph: &Graph) -> Graph {
    let mut nodes = graph.nodes.clone();
    let mut placed: HashSet<Value> = HashSet::new();
    for i in 0..nodes.len() {
        let inputs: HashSet<Value> = nodes[i].inputs.iter().copied().collect();
        let written = |v: &Value| {
            let of_its_own = |at: usize| !nodes[at].view || is_concat(&nodes[at].op);
            v.node().is_some_and(of_its_own) && !placed.contains(v)
        };
        let once = inputs.len() == nodes[i].inputs.len();
        if is_concat(&nodes[i].op) && once && inputs.iter().all(written) {
            nodes[i].view = true;
            placed.extend(inputs);
        }
    }
    Graph { nodes, ..graph.clone() }
}

const fn is_concat(op: &Op) -> bool {
    matches!(op, Op::Concat(_))
}
