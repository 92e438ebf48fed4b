//! The walk that passes share: each node is either kept or taken into one before it.

use crate::{Graph, Node, Value};
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
        value.node().map_or(self.graph.input, |at| self.kept[at].output)
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
    let mut nodes: Vec<Node> = Vec::new();
    // The new value that stands for each old one.
    let mut moved = vec![Value::INPUT; graph.nodes.len() + 1];
    for (i, old) in graph.nodes.iter().enumerate() {
        let inputs = old.inputs.iter().map(|v| moved[v.index()]).collect();
        let node = Node { inputs, ..old.clone() };
        let readers = old.inputs.iter().map(|v| readers[v.index()]).collect();
        let absorbed = absorb(&Seen { graph, node: &node, kept: &nodes, readers });
        moved[Value::of_node(i).index()] = match absorbed {
            Some((at, merged)) => {
                nodes[at] = merged;
                Value::of_node(at)
            }
            None => {
                nodes.push(node);
                Value::of_node(nodes.len() - 1)
            }
        };
    }
    Graph { nodes, output: moved[graph.output.index()], ..graph.clone() }
}
