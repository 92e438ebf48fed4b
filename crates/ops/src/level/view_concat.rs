//! Makes a concatenation a view: what makes its inputs writes them where they belong.

use crate::{Graph, Node, Op, Value};
use std::collections::HashSet;

/// The same network, each concatenation a view whose inputs can all be written in place: every one
/// made by a node that moves or computes (not an input of the network, not a view of another value), and
/// part of no other concatenation. One that begins with all that another has, as those of a dense block
/// do, has the other for its first input: the smaller lies in the larger.
pub fn view_concat(graph: &Graph) -> Graph {
    let mut nodes = graph.nodes.clone();
    let mut placed: HashSet<Value> = HashSet::new();
    for i in (0..nodes.len()).filter(|&i| is_concat(&graph.nodes[i])) {
        let smaller = (0..i).rev().find(|&j| nodes[j].view && begins(&graph.nodes, i, j));
        let inputs = smaller.map_or_else(|| nodes[i].inputs.clone(), |j| round(graph, i, j));
        let different: HashSet<Value> = inputs.iter().copied().collect();
        let written = |v: &Value| {
            let of_its_own = |at: usize| !nodes[at].view || is_concat(&nodes[at]);
            v.node().is_some_and(of_its_own) && !placed.contains(v)
        };
        if different.len() == inputs.len() && inputs.iter().all(written) {
            nodes[i] = Node { inputs, view: true, ..nodes[i].clone() };
            placed.extend(different);
        }
    }
    Graph { nodes, ..graph.clone() }
}

/// Whether node `i` begins with all that concatenation `j` has.
fn begins(nodes: &[Node], i: usize, j: usize) -> bool {
    is_concat(&nodes[j]) && nodes[i].inputs.starts_with(&nodes[j].inputs)
}

/// The inputs of node `i`, which begins with those of node `j`, with `j` in their place.
fn round(graph: &Graph, i: usize, j: usize) -> Vec<Value> {
    let rest = &graph.nodes[i].inputs[graph.nodes[j].inputs.len()..];
    [&[Value::of_node(j)], rest].concat()
}

const fn is_concat(node: &Node) -> bool {
    matches!(node.op, Op::Concat(_))
}
