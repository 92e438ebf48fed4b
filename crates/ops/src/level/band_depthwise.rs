//! Lets each depthwise convolution run in bands with the pointwise one behind it: a few rows of the
//! one, then the same rows of the other, while they still lie in a second-level cache.

use crate::{Conv2d, Graph, Op, Value};

/// The same network, each pointwise convolution that stands right behind a depthwise one, and alone
/// reads it, marked to run in bands with it.
pub fn band_depthwise(graph: &Graph) -> Graph {
    let readers = graph.readers();
    let in_bands = |i: usize| {
        let node = &graph.nodes[i];
        let Some(before) = i.checked_sub(1).map(|before| &graph.nodes[before]) else {
            return false;
        };
        let made = Value::of_node(i - 1);
        node.inputs[0] == made
            && readers[graph.index(made)] == 1
            && conv(&node.op).is_some_and(|c| c.is_pointwise() && c.groups == 1)
            && conv(&before.op).is_some_and(|c| c.is_depthwise(graph.shape(before.inputs[0])))
    };
    let mut nodes = graph.nodes.clone();
    nodes.iter_mut().enumerate().for_each(|(i, node)| node.in_bands = in_bands(i));
    Graph { nodes, ..graph.clone() }
}

const fn conv(op: &Op) -> Option<&Conv2d> {
    match op {
        Op::Conv2d(conv) => Some(conv),
        _ => None,
    }
}
