//! Additions and activations that are done as what makes their input is stored.
//!
//! Level `fused` takes into an operator what its kernels end with on every device. A GPU's kernels end in their
//! stores, which add any map that is there and apply any function. The graph has records of both nodes all the
//! same, so that devices can be compared; the one that is joined has no dispatch.
//!
//! Where intermediates are kept, all nodes run apart: there is no map between two that are joined.

use crate::{Binary, Epilogue, Graph, Keep, Node, Op, Unary, UnaryFn, Value};
use profile::Level;

/// `graph` as a session runs it that keeps so much: a node that is joined is a view of its one input, whose maker
/// does its work.
pub(super) fn joined(graph: &Graph, keep: Keep) -> Graph {
    let nodes = graph.nodes.clone();
    let makers = (0..nodes.len()).collect();
    let mut joining = Joining { graph, readers: graph.readers(), nodes, makers };
    if graph.level == Level::Fused && keep == Keep::Output {
        (0..graph.nodes.len()).for_each(|i| joining.join(i));
    }
    Graph { nodes: joining.nodes, ..graph.clone() }
}

/// What operators end with on a CPU, if they end with anything.
const CLAMP: Epilogue = Epilogue { add: false, function: Some(UnaryFn::Relu) };

struct Joining<'a> {
    graph: &'a Graph,
    readers: Vec<usize>,
    /// The nodes as they run.
    nodes: Vec<Node>,
    /// For each node, the one whose kernel makes its output.
    makers: Vec<usize>,
}

impl Joining<'_> {
    /// Joins node `i` with what makes one of its inputs, if that can be.
    fn join(&mut self, i: usize) {
        let node = &self.graph.nodes[i];
        let found = match (&node.op, &node.inputs[..]) {
            (Op::Unary(Unary(function)), &[own]) if function.ends_others() => {
                self.ended(own, None, Some(*function))
            }
            (op, &[a, b]) if *op == Binary::ADD.into() => {
                let mut pairs = [(a, b), (b, a)].into_iter();
                pairs.find_map(|(own, other)| self.ended(own, Some(other), node.epilogue.function))
            }
            _ => None,
        };
        if let Some((own, at, ended)) = found {
            self.nodes[at] = ended;
            self.nodes[i] =
                Node { inputs: vec![own], epilogue: Epilogue::NONE, view: true, ..node.clone() };
            self.makers[i] = at;
        }
    }

    /// What makes `own`, for one node alone, ending so: that value, its maker's place, and the maker. The map that is
    /// added is made before.
    fn ended(
        &self,
        own: Value,
        added: Option<Value>,
        function: Option<UnaryFn>,
    ) -> Option<(Value, usize, Node)> {
        let at = self.makers[own.node()?];
        let maker = &self.nodes[at];
        let is_alone = self.readers[self.graph.index(own)] == 1;
        let moves = matches!(maker.op, Op::ChannelPad(_) | Op::Resize(_));
        let ends = !maker.view && (moves || maker.op.fuses(CLAMP, &self.graph.input_shapes(maker)));
        let is_there = |v: Value| v < Value::of_node(at) && self.graph.shape(v) == maker.output;
        let free = maker.epilogue.function.is_none()
            && added.is_none_or(|v| !maker.epilogue.add && is_there(v));
        let epilogue = Epilogue { add: maker.epilogue.add || added.is_some(), function };
        let inputs = maker.inputs.iter().copied().chain(added).collect();
        (is_alone && ends && free).then(|| (own, at, Node { epilogue, inputs, ..maker.clone() }))
    }
}
