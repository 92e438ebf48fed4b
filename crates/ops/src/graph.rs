//! A network: a list of nodes with static shapes, in the order in which they run.

use crate::{
    Attrs, BatchNorm, Epilogue, Exact, Keep, Op, Operands, Tensor, Weight, Weights,
    draw::{self, Stored},
    operator::attrs,
};
use profile::{Access, Cost, Level, Shape};
use std::ops::Range;

/// A value that flows in a graph: its input, or the output of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value(usize);

impl Value {
    /// The graph's input.
    pub const INPUT: Self = Self(0);

    /// The output of node `i`.
    pub const fn of_node(i: usize) -> Self {
        Self(i + 1)
    }

    /// The node that makes this value; `None` for the graph's input.
    pub const fn node(self) -> Option<usize> {
        self.0.checked_sub(1)
    }

    /// A dense index: 0 for the input, i + 1 for node i.
    pub const fn index(self) -> usize {
        self.0
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
    /// read in its input, a concatenation whose inputs are written in its output. A GPU, whose
    /// buffers cannot overlap, moves the data all the same.
    pub view: bool,
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
    /// and shifted by the batch norm that was drawn under the name `node`.
    Folded {
        /// Name of the batch norm that was folded in.
        node: String,
        /// The batch norm.
        batch_norm: BatchNorm,
        /// Whether the convolution had a bias of its own.
        had_bias: bool,
    },
    /// Those of the node of this name, whose parameters they are.
    Shared {
        /// The node that owns them.
        node: String,
    },
}

/// A network with static shapes.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// The model's name, as asked for.
    pub name: String,
    /// Shape of its input.
    pub input: Shape,
    /// Its nodes in the order in which they run: inputs stand before their users.
    pub nodes: Vec<Node>,
    /// Its output.
    pub output: Value,
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
        value.node().map_or(self.input, |i| self.nodes[i].output)
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
        let channels = node.output.c as u64;
        match node.recipe {
            Recipe::Drawn => {}
            // γ and β moved in; the bias that folding made of them is no parameter of its own.
            Recipe::Folded { had_bias: true, .. } => cost.params += 2 * channels,
            Recipe::Folded { had_bias: false, .. } => cost.params += channels,
            Recipe::Shared { .. } => cost.params = 0,
        }
        cost
    }

    /// What the whole network must compute and touch.
    pub fn cost(&self) -> Cost {
        let training = Cost { params: self.training_params, ..Cost::default() };
        self.nodes.iter().map(|n| self.node_cost(n)).sum::<Cost>() + training
    }

    /// How many nodes read each value; the graph's output counts as one reader more. Indexed by
    /// [`Value::index`].
    pub fn readers(&self) -> Vec<usize> {
        let mut readers = vec![0; self.nodes.len() + 1];
        for value in self.nodes.iter().flat_map(|n| &n.inputs).chain([&self.output]) {
            readers[value.index()] += 1;
        }
        readers
    }

    /// The steps during which each value is needed, by [`Value::index`]. Step i + 1 is node i; the
    /// input is there from step 0 and stays, so that a run can be repeated, and the output outlives
    /// the run, as every value does where `keep` says so.
    pub(crate) fn live_ranges(&self, keep: Keep) -> Vec<Range<usize>> {
        let end = self.nodes.len() + 2;
        let mut live_ranges: Vec<Range<usize>> = (0..=self.nodes.len()).map(|i| i..i + 1).collect();
        for (i, node) in self.nodes.iter().enumerate() {
            // What runs in bands with the node before it writes while that one still reads.
            let before = if node.in_bands { &self.nodes[i - 1].inputs[..] } else { &[] };
            for value in node.inputs.iter().chain(before) {
                live_ranges[value.index()].end = i + 2;
            }
        }
        live_ranges[Value::INPUT.index()].end = end;
        live_ranges[self.output.index()].end = end;
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
        match &node.recipe {
            Recipe::Drawn => drawn(&node.op, &node.name, &inputs),
            Recipe::Shared { node: owner } => drawn(&node.op, owner, &inputs),
            Recipe::Folded { node: name, batch_norm, had_bias } => {
                let mut own = drawn(&node.op, &node.name, &inputs);
                if !had_bias {
                    own[1].data_mut().fill(0.0);
                }
                let norm = drawn(&(*batch_norm).into(), name, &[node.output]);
                batch_norm.fold_into(own, &norm)
            }
        }
    }
}
