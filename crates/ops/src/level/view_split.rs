//! Makes each channel split a view: its readers read the channels where they are.

use crate::{Graph, Node, Op};

/// The same network, no channel split of which moves anything on a device whose layouts have gaps
/// between pixels.
pub fn view_split(graph: &Graph) -> Graph {
    let mark = |node: &Node| {
        let view = matches!(node.op, Op::ChannelSplit(_));
        Node { view: node.view || view, ..node.clone() }
    };
    Graph { nodes: graph.nodes.iter().map(mark).collect(), ..graph.clone() }
}
