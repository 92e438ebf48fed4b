//! The pen with which families draw: a graph under construction, and the place in it.

use ops::{
    BatchNorm, Binary, Concat, Conv2d, Flatten, Graph, GraphBuilder, GraphError, Linear, Op,
    Pool2d, Unary, UnaryFn, Value,
};
use profile::Shape;
use std::fmt::Display;

/// A value in the network, or why there is none.
pub(crate) type Result<T = Value> = std::result::Result<T, BuildError>;

/// Why a family's parameters make no network.
#[derive(Debug)]
pub(crate) enum BuildError {
    /// An operator cannot take its inputs.
    Graph(GraphError),
    /// A parameter's value does not go with the others.
    Parameter {
        /// Its name.
        name: &'static str,
        /// What would have been right.
        expected: String,
    },
}

impl BuildError {
    /// A parameter that does not go with the others.
    pub fn parameter(name: &'static str, expected: impl Into<String>) -> Self {
        Self::Parameter { name, expected: expected.into() }
    }
}

impl From<GraphError> for BuildError {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}

/// A network under construction. Node names are given relative to the [scope](Self::scope).
pub(crate) struct Net {
    graph: GraphBuilder,
    scope: String,
    /// What follows a convolution in `conv_bn…`; where `None`, the convolution has a bias instead.
    pub norm: Option<BatchNorm>,
}

impl Net {
    /// An empty network called `model`.
    pub fn new(model: &str, input: Shape) -> Self {
        Self {
            graph: GraphBuilder::new(model, input),
            scope: String::new(),
            norm: Some(BatchNorm::default()),
        }
    }

    /// Ends the network with `output`.
    pub fn finish(self, output: Value) -> Graph {
        self.graph.finish(output)
    }

    /// Draws `part` with every name in it prefixed by `name.`.
    pub fn scope<T>(&mut self, name: impl Display, part: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.scope.len();
        self.scope.push_str(&format!("{name}."));
        let drawn = part(self);
        self.scope.truncate(outer);
        drawn
    }

    /// Shape of a value.
    pub fn shape(&self, x: Value) -> Shape {
        self.graph.shape(x)
    }

    /// Channels of a value.
    pub fn channels(&self, x: Value) -> usize {
        self.shape(x).c
    }

    /// Any operator.
    pub fn push(&mut self, name: &str, op: impl Into<Op>, inputs: &[Value]) -> Result {
        Ok(self.graph.push(format!("{}{name}", self.scope), op, inputs)?)
    }

    /// A linear operator that has the weights of the one called `owner`.
    pub fn linear_shared(&mut self, name: &str, x: Value, linear: Linear, owner: &str) -> Result {
        let [name, owner] = [name, owner].map(|n| format!("{}{n}", self.scope));
        Ok(self.graph.push_shared(name, linear, &[x], owner)?)
    }

    /// A convolution.
    pub fn conv(&mut self, name: &str, x: Value, conv: Conv2d) -> Result {
        self.push(name, conv, &[x])
    }

    /// A convolution and its batch norm, `name.bn`.
    pub fn conv_bn(&mut self, name: &str, x: Value, conv: Conv2d) -> Result {
        match self.norm {
            None => self.conv(name, x, conv.bias()),
            Some(norm) => {
                let x = self.conv(name, x, conv)?;
                self.push(&format!("{name}.bn"), norm, &[x])
            }
        }
    }

    /// The same within a residual branch, with γ drawn around `gain`: the graph itself finds only
    /// batch norms that end one.
    pub fn conv_bn_calm(&mut self, name: &str, x: Value, conv: Conv2d, gain: f32) -> Result {
        let norm = self.norm;
        self.norm = norm.map(|norm| BatchNorm { gain, ..norm });
        let y = self.conv_bn(name, x, conv);
        self.norm = norm;
        y
    }

    /// A convolution, its batch norm and the activation `f`, named after it.
    pub fn conv_bn_act(&mut self, name: &str, x: Value, conv: Conv2d, f: UnaryFn) -> Result {
        let x = self.conv_bn(name, x, conv)?;
        self.act(&format!("{name}.{}", f.name()), f, x)
    }

    /// A convolution, its batch norm and a ReLU.
    pub fn conv_bn_relu(&mut self, name: &str, x: Value, conv: Conv2d) -> Result {
        self.conv_bn_act(name, x, conv, UnaryFn::Relu)
    }

    /// A convolution with a bias, and a ReLU.
    pub fn conv_relu(&mut self, name: &str, x: Value, conv: Conv2d) -> Result {
        let x = self.conv(name, x, conv.bias())?;
        self.relu(&format!("{name}.relu"), x)
    }

    /// A batch norm that follows no convolution.
    pub fn bn(&mut self, name: &str, x: Value) -> Result {
        self.push(name, self.norm.unwrap_or_default(), &[x])
    }

    /// A batch norm and a ReLU before a convolution.
    pub fn bn_relu(&mut self, name: &str, x: Value) -> Result {
        let x = self.bn(name, x)?;
        self.relu(&format!("{name}.relu"), x)
    }

    /// The activation `f`.
    pub fn act(&mut self, name: &str, f: UnaryFn, x: Value) -> Result {
        self.push(name, Unary(f), &[x])
    }

    /// A ReLU.
    pub fn relu(&mut self, name: &str, x: Value) -> Result {
        self.act(name, UnaryFn::Relu, x)
    }

    /// A pooling.
    pub fn pool(&mut self, name: &str, x: Value, pool: Pool2d) -> Result {
        self.push(name, pool, &[x])
    }

    /// A branch's result plus what it was computed from.
    pub fn add(&mut self, name: &str, branch: Value, shortcut: Value) -> Result {
        self.push(name, Binary::ADD, &[branch, shortcut])
    }

    /// a · b, where b may have one value a channel or one a pixel.
    pub fn mul(&mut self, name: &str, a: Value, b: Value) -> Result {
        self.push(name, Binary::MUL, &[a, b])
    }

    /// The channels of all of `parts`.
    pub fn concat(&mut self, name: &str, parts: &[Value]) -> Result {
        self.push(name, Concat, parts)
    }

    /// A linear operator; a map of more than one pixel is flattened before it.
    pub fn linear(&mut self, name: &str, x: Value, linear: Linear) -> Result {
        let rows = match self.shape(x).area() {
            1 => x,
            _ => self.push(&format!("{name}.flatten"), Flatten, &[x])?,
        };
        self.push(name, linear, &[rows])
    }

    /// The usual end: the mean of each map, then a linear operator.
    pub fn classify(&mut self, x: Value, classes: usize) -> Result {
        let pooled = self.pool("avgpool", x, Pool2d::global_average())?;
        self.linear("fc", pooled, Linear::new(classes))
    }

    /// Counts the parameters of `part`, which only training runs, over a map of shape `input`.
    pub fn training_only(
        &mut self,
        input: Shape,
        part: impl FnOnce(&mut Self, Value) -> Result,
    ) -> Result<()> {
        let mut net = Self { norm: self.norm, ..Self::new("training", input) };
        let output = part(&mut net, Value::INPUT)?;
        self.graph.add_training_params(net.finish(output).cost().params);
        Ok(())
    }
}
