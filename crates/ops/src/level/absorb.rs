//! The walk that passes share: each node is either kept or taken into one before it.

use crate::{Epilogue, Graph, Node, Value};
use profile::Shape;

/// A node as a pass sees it.
pub(super) struct Seen<'a> {
    /// The graph as it was.
    pub graph: &'a Graph,
    /// The node, its inputs as the new graph numbers them.
    pub node: &'a Node,
    /// The nodes kept so far.
    pub kept: &'a [Node],
    /// How many nodes of the old graph read each of its inputs.
    pub readers: Vec<usize>,
}

impl Seen<'_> {
    /// The shape of a value of the new graph.
    pub fn shape(&self, value: Value) -> Shape {
        match value {
            Value::Input(_) => self.graph.shape(value),
            Value::Node(at) => self.kept[at].output,
        }
    }

    /// Whether a node kept so far would end so itself.
    pub fn fuses(&self, before: &Node, epilogue: Epilogue) -> bool {
        let inputs: Vec<Shape> = before.inputs.iter().map(|&v| self.shape(v)).collect();
        before.op.fuses(epilogue, &inputs)
    }

    /// The place and the node that make input `i`, if that is all it is made for.
    pub fn sole_source(&self, i: usize) -> Option<(usize, &Node)> {
        let at = self.node.inputs[i].node().filter(|_| self.readers[i] == 1)?;
        Some((at, &self.kept[at]))
    }
}

/// `graph` with each node for which `absorb` names a place and the merged node taken into that
/// place.
pub(super) fn absorbing(
    graph: &Graph,
    absorb: impl Fn(&Seen<'_>) -> Option<(usize, Node)>,
) -> Graph {
    let readers = graph.readers();
    graph.rewritten(|new, i, node| {
        let readers = graph.nodes[i].inputs.iter().map(|v| readers[graph.index(*v)]).collect();
        match absorb(&Seen { graph, node: &node, kept: &new.nodes, readers }) {
            Some((at, merged)) => {
                new.nodes[at] = merged;
                Value::of_node(at)
            }
            None => new.push(node),
        }
    })
}
