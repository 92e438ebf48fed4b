//! A network: a list of nodes with static shapes, in the order in which they run.

use crate::{
    Attrs, Epilogue, Exact, Keep, Op, Operands, Tensor, Weight, Weights,
    channel_affine::fold_into,
    draw::{self, Stored},
    operator::attrs,
};
use profile::{Access, Cost, Level, Shape};
use std::ops::Range;

/// A value that flows in a graph, in an order in which each stands behind those that it is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// An input of the graph.
    Input(usize),
    /// The output of a node.
    Node(usize),
}

impl Value {
    /// The graph's first input: of most networks, the only one.
    pub const INPUT: Self = Self::Input(0);

    /// The output of node `i`.
    pub const fn of_node(i: usize) -> Self {
        Self::Node(i)
    }

    /// The node that makes this value; `None` for an input of the graph.
    pub const fn node(self) -> Option<usize> {
        match self {
            Self::Input(_) => None,
            Self::Node(i) => Some(i),
        }
    }
}

/// One operator in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Unique name, e.g. `stage2.0.branch2.conv1`.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// What it computes from: the operator's own inputs, then the map that its epilogue adds.
    pub inputs: Vec<Value>,
    /// The shape it makes.
    pub output: Shape,
    /// Where its weights come from.
    pub recipe: Recipe,
    /// What is done to the operator's result before it is written; nothing below level `fused`.
    pub epilogue: Epilogue,
    /// Whether it moves nothing where layouts may have gaps between pixels: a split whose output is
    /// read in its input, a concatenation whose inputs are written in its output.
    pub view: bool,
    /// Whether what makes its second input, for nobody else, may write all of its output: the first
    /// input's channels beside its own. GPUs do that where quads allow it; on a CPU it stays a step.
    pub joined: bool,
    /// Whether it and the node before it, which makes its first input for nobody else, may run
    /// together, a band of rows after the other, so that the map between them stays in a cache. What
    /// each computes, and what that costs, is the same.
    pub in_bands: bool,
}

impl Node {
    /// The operator's attributes, and what was taken into it.
    pub fn attrs(&self) -> Attrs {
        let mut all = self.op.attrs();
        if self.epilogue != Epilogue::NONE {
            all.extend(attrs! { "epilogue": self.epilogue.names() });
        }
        if self.in_bands {
            all.extend(attrs! { "in_bands": true });
        }
        all
    }

    /// Output element `at` (n, c, h, w), computed in f64 straight from the definitions.
    pub fn reference(&self, x: &Operands<'_>, at: [usize; 4]) -> Exact {
        let added = || x.inputs[x.inputs.len() - 1].at(at);
        self.epilogue.exact(self.op.reference(x, at), added)
    }
}

/// Where a node's weights come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Recipe {
    /// Drawn from the seed and the node's own name.
    Drawn,
    /// Drawn as above, for the same operator without a bias if `had_bias` is false; then scaled
    /// and shifted by the operator that was drawn under the name `node`.
    Folded {
        /// Name of the operator that was folded in.
        node: String,
        /// The operator, which has a [scale and shift](crate::Operator::scale_and_shift).
        folded: Op,
        /// Whether the convolution had a bias of its own.
        had_bias: bool,
    },
    /// Those of the node of this name, whose parameters they are.
    Shared {
        /// The node that owns them.
        node: String,
    },
}

/// What input `i` of a graph is called: its values are drawn from that.
pub fn input_name(i: usize) -> String {
    if i == 0 { "input".to_owned() } else { format!("input{}", i + 1) }
}

/// A network with static shapes.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// The model's name, as asked for.
    pub name: String,
    /// Shapes of its inputs, of which there is one at least.
    pub inputs: Vec<Shape>,
    /// Its nodes in the order in which they run: inputs stand before their users.
    pub nodes: Vec<Node>,
    /// Its outputs, of which there is one at least.
    pub outputs: Vec<Value>,
    /// How far it was lowered.
    pub level: Level,
    /// Trainable parameters of parts that only training runs, such as auxiliary classifiers: they
    /// count in [`Graph::cost`] but belong to no node.
    pub training_params: u64,
    /// Weights that are not drawn.
    pub stored: Option<Stored>,
}

impl Graph {
    /// Shape of a value.
    pub fn shape(&self, value: Value) -> Shape {
        match value {
            Value::Input(i) => self.inputs[i],
            Value::Node(i) => self.nodes[i].output,
        }
    }

    /// A dense index of a value: inputs come first, then the outputs of nodes.
    pub fn index(&self, value: Value) -> usize {
        match value {
            Value::Input(i) => i,
            Value::Node(i) => self.inputs.len() + i,
        }
    }

    /// Shapes of all values, by [`Graph::index`].
    pub fn shapes(&self) -> Vec<Shape> {
        self.inputs.iter().copied().chain(self.nodes.iter().map(|n| n.output)).collect()
    }

    /// Its inputs, drawn from `seed`: uniform in ±1, each by its name.
    pub fn drawn_inputs(&self, seed: u64) -> Vec<Tensor> {
        let draw = |(i, shape): (usize, &Shape)| draw::named_input(seed, &input_name(i), *shape);
        self.inputs.iter().enumerate().map(draw).collect()
    }

    /// Shapes of a node's inputs.
    pub fn input_shapes(&self, node: &Node) -> Vec<Shape> {
        node.inputs.iter().map(|&v| self.shape(v)).collect()
    }

    /// What one node must compute and touch. What was taken into it computes as much as before; the
    /// maps that stood between are neither written nor read.
    pub fn node_cost(&self, node: &Node) -> Cost {
        let mut cost = node.op.cost(&self.input_shapes(node), node.output);
        if node.view {
            cost.access = Access::default();
        }
        let ending = node.epilogue.flops() * node.output.elements() as u64;
        cost.flops = cost.flops.saturating_add(ending);
        match &node.recipe {
            Recipe::Drawn => {}
            // Its parameters moved in; a bias that folding made of them is no parameter of its own.
            Recipe::Folded { folded, had_bias, .. } => {
                let bias = if *had_bias { 0 } else { node.output.c as u64 };
                cost.params += folded.cost(&[node.output], node.output).params;
                cost.params -= bias;
            }
            Recipe::Shared { .. } => cost.params = 0,
        }
        cost
    }

    /// What the whole network must compute and touch.
    pub fn cost(&self) -> Cost {
        let training = Cost { params: self.training_params, ..Cost::default() };
        self.nodes.iter().map(|n| self.node_cost(n)).sum::<Cost>() + training
    }

    /// How many nodes read each value; each of the graph's outputs counts as one reader more. Indexed by
    /// [`Graph::index`].
    pub fn readers(&self) -> Vec<usize> {
        let mut readers = vec![0; self.inputs.len() + self.nodes.len()];
        for &value in self.nodes.iter().flat_map(|n| &n.inputs).chain(&self.outputs) {
            readers[self.index(value)] += 1;
        }
        readers
    }

    /// The nodes that make its outputs, in their order; none of an output that is an input.
    pub fn output_nodes(&self) -> impl Iterator<Item = usize> + '_ {
        self.outputs.iter().filter_map(|output| output.node())
    }

    /// What the node before `i` reads, where both may run together: `i` writes while that one still reads.
    pub(crate) fn read_along(&self, i: usize) -> &[Value] {
        if self.nodes[i].in_bands { &self.nodes[i - 1].inputs } else { &[] }
    }

    /// The steps during which each value is needed, by [`Graph::index`]. Step i + 1 is node i; the
    /// inputs are there from step 0 and stay, so that a run can be repeated, and the outputs outlive
    /// the run, as every value does where `keep` says so.
    pub(crate) fn live_ranges(&self, keep: Keep) -> Vec<Range<usize>> {
        let end = self.nodes.len() + 2;
        let mut live_ranges = vec![0..end; self.inputs.len()];
        live_ranges.extend((1..=self.nodes.len()).map(|step| step..step + 1));
        for (i, node) in self.nodes.iter().enumerate() {
            let before = self.read_along(i);
            for value in node.inputs.iter().chain(before).filter(|v| v.node().is_some()) {
                live_ranges[self.index(*value)].end = i + 2;
            }
        }
        self.outputs.iter().for_each(|output| live_ranges[self.index(*output)].end = end);
        for life in &mut live_ranges {
            life.end = match keep {
                Keep::Output | Keep::Each => life.end,
                Keep::Everything => end,
            };
        }
        live_ranges
    }

    /// The weights of a node, drawn from `seed` where they are not stored; the same at every level up to
    /// folding.
    pub fn weights(&self, node: &Node, seed: u64) -> Vec<Tensor> {
        self.weights_of_outputs(node, seed, 0..usize::MAX)
    }

    /// The same, a large kernel read anew whenever it is asked for.
    pub fn node_weights<'a>(&'a self, node: &'a Node, seed: u64) -> Weights<'a> {
        let kernel = node.op.weights(&self.input_shapes(node)).first().map(|w| w.shape);
        Weights::read(kernel, move |outputs| self.weights_of_outputs(node, seed, outputs))
    }

    /// The same, but of a kernel only the rows of these outputs.
    pub(crate) fn weights_of_outputs(
        &self,
        node: &Node,
        seed: u64,
        outputs: Range<usize>,
    ) -> Vec<Tensor> {
        let rows = |w: &Weight| if w.shape.n == 1 { 0..1 } else { outputs.clone() };
        let drawn = |op: &Op, name: &str, inputs: &[Shape]| -> Vec<Tensor> {
            let stored = |w: &Weight| self.stored.as_ref()?.rows(name, w, rows(w));
            let draw =
                |w: &Weight| stored(w).unwrap_or_else(|| draw::weight_rows(seed, name, w, rows(w)));
            op.weights(inputs).iter().map(draw).collect()
        };
        let inputs = self.input_shapes(node);
        let mut weights = match &node.recipe {
            Recipe::Drawn => drawn(&node.op, &node.name, &inputs),
            Recipe::Shared { node: owner } => drawn(&node.op, owner, &inputs),
            Recipe::Folded { node: name, folded, had_bias } => {
                let mut own = drawn(&node.op, &node.name, &inputs);
                if !had_bias {
                    own[1].data_mut().fill(0.0);
                }
                let norm = drawn(folded, name, &[node.output]);
                fold_into(own, |c| folded.scale_and_shift(&norm, c).unwrap_or((1.0, 0.0)))
            }
        };
        // A subnormal weight would slow down the kernels; nothing is lost without it. Before it was folded it may
        // have been one that is none afterwards.
        let all = weights.iter_mut().flat_map(Tensor::data_mut);
        all.filter(|x| x.is_subnormal()).for_each(|x| *x = 0.0);
        weights
    }
}
