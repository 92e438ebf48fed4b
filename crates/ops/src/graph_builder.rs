//! Building a graph: what each node makes is inferred, and what no graph may hold is refused.

use crate::{Epilogue, Graph, Node, Op, Recipe, Value, residuals};
use profile::{Cost, LARGEST_COUNT, Level, Shape};
use std::collections::HashSet;

/// A graph that cannot be.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GraphError {
    /// An operator cannot take its inputs.
    #[error("{model}: node `{node}` ({kind}) {reason}; its input is {}", Shape::list(inputs))]
    Shape {
        /// The model.
        model: String,
        /// The node.
        node: String,
        /// Its operator.
        kind: &'static str,
        /// What is wrong and what was expected.
        reason: String,
        /// Shapes of its inputs.
        inputs: Vec<Shape>,
    },
    /// Two nodes have one name.
    #[error(
        "{model}: two nodes are called `{node}`; names must differ, weights are drawn from them"
    )]
    Name {
        /// The model.
        model: String,
        /// The name.
        node: String,
    },
    /// It has too many nodes.
    #[error("{model}: would have more than {MOST_NODES} nodes, the most of a graph")]
    Nodes {
        /// The model.
        model: String,
    },
}

/// Most nodes of a graph: several times what the deepest networks have.
pub const MOST_NODES: usize = 1 << 16;

/// Most elements of a tensor: far above what any machine holds, and so few that no product of a graph's
/// axes overflows.
const MOST_ELEMENTS: u64 = if usize::BITS < u64::BITS { 1 << 29 } else { 1 << 36 };

/// Whether tensors of these shapes have elements, and not too many.
fn within_limits(shapes: impl IntoIterator<Item = Shape>) -> Result<(), String> {
    let elements = |s: Shape| [s.n, s.c, s.h, s.w].into_iter().map(|x| x as f64).product::<f64>();
    shapes.into_iter().map(elements).try_for_each(|elements| match elements {
        0.0 => Err("takes and makes maps of at least 1 element".to_owned()),
        n if n <= MOST_ELEMENTS as f64 => Ok(()),
        n => Err(format!("would need a tensor of {n:.1e} elements: the limit is {MOST_ELEMENTS}")),
    })
}

/// The shape that `op` makes of `inputs`, where all of its tensors are [`within_limits`].
fn shape_within_limits(op: &Op, inputs: &[Shape]) -> Result<Shape, String> {
    within_limits(inputs.iter().copied())?;
    let output = op.output(inputs)?;
    within_limits([output])?;
    within_limits(op.weights(inputs).iter().map(|w| w.shape))?;
    Ok(output)
}

/// Builds a [`Graph`] node by node; shapes are inferred, and checked, at each push.
#[derive(Debug)]
pub struct GraphBuilder {
    graph: Graph,
    names: HashSet<String>,
    /// The cost of the nodes so far.
    cost: Cost,
}

impl GraphBuilder {
    /// An empty network called `name` over one input, of shape `input`.
    pub fn new(name: impl Into<String>, input: Shape) -> Self {
        let graph = Graph {
            name: name.into(),
            inputs: vec![input],
            nodes: Vec::new(),
            outputs: vec![Value::INPUT],
            level: Level::Raw,
            training_params: 0,
            stored: None,
        };
        Self { graph, names: HashSet::new(), cost: Cost::default() }
    }

    /// Another input, of this shape.
    pub fn input(&mut self, shape: Shape) -> Value {
        self.graph.inputs.push(shape);
        Value::Input(self.graph.inputs.len() - 1)
    }

    /// Appends a node and returns its output.
    ///
    /// # Errors
    /// Where the operator cannot take such inputs, the name is taken, or the network has more nodes than
    /// [`MOST_NODES`] or a count beyond [`LARGEST_COUNT`].
    pub fn push(
        &mut self,
        name: impl Into<String>,
        op: impl Into<Op>,
        inputs: &[Value],
    ) -> Result<Value, GraphError> {
        self.append(name.into(), op.into(), inputs, Recipe::Drawn)
    }

    fn append(
        &mut self,
        name: String,
        op: Op,
        inputs: &[Value],
        recipe: Recipe,
    ) -> Result<Value, GraphError> {
        let model = || self.graph.name.clone();
        if self.graph.nodes.len() == MOST_NODES {
            return Err(GraphError::Nodes { model: model() });
        }
        let shapes: Vec<Shape> = inputs.iter().map(|&v| self.graph.shape(v)).collect();
        let refused = |node: &str, kind, reason| {
            let (node, inputs) = (node.to_owned(), shapes.clone());
            GraphError::Shape { model: model(), node, kind, reason, inputs }
        };
        let output = shape_within_limits(&op, &shapes)
            .map_err(|reason| refused(&name, op.kind(), reason))?;
        let (epilogue, inputs) = (Epilogue::NONE, inputs.to_vec());
        let [view, joined, in_bands] = [false; 3];
        let node = Node { name, op, inputs, output, recipe, epilogue, view, joined, in_bands };
        let cost = self.cost + self.graph.node_cost(&node);
        if let Some((what, count)) = cost.beyond() {
            let count = count as f64;
            let reason =
                format!("brings the network to {count:.1e} {what}: the limit is {LARGEST_COUNT}");
            return Err(refused(&node.name, node.op.kind(), reason));
        }
        if !self.names.insert(node.name.clone()) {
            return Err(GraphError::Name { model: model(), node: node.name });
        }
        self.cost = cost;
        self.graph.nodes.push(node);
        Ok(Value::of_node(self.graph.nodes.len() - 1))
    }

    /// Appends a node that has the weights of the node called `owner`, of the same operator over
    /// the same number of channels.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn push_shared(
        &mut self,
        name: impl Into<String>,
        op: impl Into<Op>,
        inputs: &[Value],
        owner: impl Into<String>,
    ) -> Result<Value, GraphError> {
        self.append(name.into(), op.into(), inputs, Recipe::Shared { node: owner.into() })
    }

    /// Counts `params` trainable parameters more, of a part that only training runs.
    pub fn add_training_params(&mut self, params: u64) {
        self.graph.training_params = self.graph.training_params.saturating_add(params);
        self.cost += Cost { params, ..Cost::default() };
    }

    /// Shape of a value pushed earlier.
    pub fn shape(&self, value: Value) -> Shape {
        self.graph.shape(value)
    }

    /// Ends the network with `output`.
    pub fn finish(self, output: Value) -> Graph {
        self.finish_with(vec![output])
    }

    /// Ends the network with several outputs, in this order.
    pub fn finish_with(mut self, outputs: Vec<Value>) -> Graph {
        self.graph.outputs = outputs;
        residuals::calm(&mut self.graph);
        self.graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Along, Conv2d, Pool2d, Softmax};

    /// A network whose nodes `next` appends until one is refused: how many there are, and why no more.
    fn grown(
        input: [usize; 4],
        next: impl Fn(&mut GraphBuilder, Value) -> Result<Value, GraphError>,
    ) -> (Graph, String) {
        let mut b = GraphBuilder::new("grown", Shape::from(input));
        let mut x = Value::INPUT;
        loop {
            match next(&mut b, x) {
                Ok(output) => x = output,
                Err(refused) => return (b.finish(x), refused.to_string()),
            }
        }
    }

    fn named(b: &GraphBuilder) -> String {
        format!("n{}", b.graph.nodes.len())
    }

    #[test]
    fn counts_stay_exact_or_the_node_is_refused() {
        // 2³² pixels, 2¹⁰ channels on either side: 2⁵² mult-adds, 2⁵³ FLOPs. One of them fits.
        let (graph, message) = grown([1 << 10, 1 << 10, 1 << 11, 1 << 11], |b, x| {
            let name = named(b);
            b.push(name, Conv2d::new(1 << 10, 1), &[x])
        });
        assert!(
            message.contains("tensor of 4.4e12 elements: the limit is 68719476736"),
            "{message}"
        );
        assert_eq!(graph.nodes.len(), 0);
        let (graph, message) = grown([1, 1 << 16, 1 << 10, 1 << 10], |b, x| {
            let name = named(b);
            b.push(name, Conv2d::new(1 << 16, 1), &[x])
        });
        assert_eq!((graph.nodes.len(), graph.cost().flops), (1, LARGEST_COUNT));
        let expected =
            "node `n1` (conv2d) brings the network to 1.8e16 FLOPs: the limit is 9007199254740992";
        assert!(message.contains(expected), "{message}");
        // 2³⁶ elements under windows of 2³⁴ places: no 64 bits count those.
        let (graph, message) = grown([1, 1, 1 << 18, 1 << 18], |b, x| {
            let name = named(b);
            let window = Pool2d::max((1 << 17) + 1, 1).padding(1 << 16);
            b.push(name, window, &[x])
        });
        assert!(graph.nodes.is_empty() && message.contains("FLOPs: the limit is"), "{message}");
        let mut b = GraphBuilder::new("trained", Shape::new(1, 4, 1, 1));
        b.add_training_params(u64::MAX);
        b.add_training_params(u64::MAX);
        let message =
            b.push("softmax", Softmax(Along::Channels), &[Value::INPUT]).unwrap_err().to_string();
        assert!(message.contains("1.8e19 parameters"), "{message}");
    }

    #[test]
    fn graphs_end_at_the_most_nodes() {
        let (graph, message) = grown([1, 1, 1, 1], |b, x| {
            let name = named(b);
            b.push(name, Softmax(Along::Channels), &[x])
        });
        assert_eq!(graph.nodes.len(), MOST_NODES);
        // Of a file, too: no advice that only blocks could follow.
        assert_eq!(message, "grown: would have more than 65536 nodes, the most of a graph");
    }

    #[test]
    fn maps_without_elements_are_refused() {
        let cases: [(Op, [usize; 4]); 5] = [
            (Softmax(Along::Channels).into(), [0, 4, 8, 8]),
            (Softmax(Along::Channels).into(), [1, 4, 8, 0]),
            (Conv2d::new(4, 3).into(), [1, 0, 8, 8]),
            (Conv2d::new(4, 1).padding(1).into(), [1, 4, 0, 8]),
            (Pool2d::max(2, 2).padding(1).into(), [1, 4, 0, 8]),
        ];
        for (op, empty) in cases {
            let mut b = GraphBuilder::new("empty", Shape::from(empty));
            let message = b.push("op", op, &[Value::INPUT]).unwrap_err().to_string();
            assert!(message.contains("at least 1 element"), "{message}");
        }
    }
}
