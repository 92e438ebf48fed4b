//! Lets what makes the second of two maps write their concatenation, shuffled or not: the other map's
//! channels beside its own, as it stores them.

use crate::{ConcatShuffle, Epilogue, Graph, Node, Op};

/// The same network, each concatenation of two maps that is no view marked to be written by what makes the second
/// map, for nobody else, after the first.
pub fn join_maps(graph: &Graph) -> Graph {
    let readers = graph.readers();
    let mut nodes = graph.nodes.clone();
    for i in 0..nodes.len() {
        let node = &nodes[i];
        let [first, second] = node.inputs[..] else { continue };
        let alone = readers[graph.index(second)] == 1 && second > first;
        let makes = |at: usize| !nodes[at].view && !nodes[at].joined;
        nodes[i].joined = joins(node) && alone && second.node().is_some_and(makes);
    }
    Graph { nodes, ..graph.clone() }
}

fn joins(node: &Node) -> bool {
    let two = match node.op {
        Op::Concat(_) => !node.view,
        // Interleaved, or even channels before odd ones.
        Op::ConcatShuffle(ConcatShuffle { groups }) => groups == 2 || 2 * groups == node.output.c,
        _ => false,
    };
    two && node.epilogue == Epilogue::NONE
}
