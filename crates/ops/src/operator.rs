//! What every operator says of itself, and the closed list of operators.

use crate::{
    BatchNorm, Binary, ChannelPad, ChannelPool, ChannelShuffle, ChannelSplit, Concat,
    ConcatShuffle, Conv2d, Epilogue, Flatten, Linear, LocalResponseNorm, MapRef, Pad2d,
    PixelShuffle, Pool2d, Resize, Softmax, Tensor, Unary, cpu, gpu,
};
use profile::{Access, Attr, Class, Cost, Shape};
use std::{
    collections::BTreeMap,
    ops::{Deref, Range},
};

/// An operator's attributes as files and tables print them.
pub type Attrs = BTreeMap<String, Attr>;

/// The largest kernel, stride, padding, dilation or window that operators take: far above what networks
/// have, and far below what sums and products of them could overflow at.
pub(crate) const LARGEST: usize = 1 << 20;

/// One kind of operator: what it computes, what that costs, and how it is run.
///
/// Shapes given to the methods after [`Operator::output`] have passed it. Counts that no 64 bits hold come
/// out as the largest number that they do: [`GraphBuilder`](crate::GraphBuilder) refuses those.
pub trait Operator {
    /// Its name in files, e.g. `conv2d`.
    fn kind(&self) -> &'static str;

    /// Its bucket in the paper's figure 2.
    fn class(&self) -> Class;

    /// Its attributes.
    fn attrs(&self) -> Attrs {
        Attrs::new()
    }

    /// The shape it makes of `inputs`.
    ///
    /// # Errors
    /// The reason why it cannot take them, in words that need neither the node's name nor the
    /// shapes: [`GraphError`](crate::GraphError) adds both.
    fn output(&self, inputs: &[Shape]) -> Result<Shape, String>;

    /// The weights it needs, in the order in which kernels and [`Operator::reference`] get them.
    fn weights(&self, _inputs: &[Shape]) -> Vec<Weight> {
        Vec::new()
    }

    /// Multiply-adds: convolution and linear operators only.
    fn mul_adds(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    /// Floating-point operations ([`profile::FLOPS_CONVENTION`]).
    fn flops(&self, inputs: &[Shape], output: Shape) -> u64;

    /// Activation elements that it must read: all of its inputs, unless it skips some.
    fn read_access(&self, inputs: &[Shape], _output: Shape) -> u64 {
        inputs.iter().map(|s| s.elements() as u64).fold(0, u64::saturating_add)
    }

    /// Weight elements that it must read, biases left out.
    fn weight_access(&self, _inputs: &[Shape]) -> u64 {
        0
    }

    /// The inputs over which its CPU kernels may write the output, where the shapes are the same: each of
    /// their elements is read before the output's element at its place is written, and not after.
    fn in_place(&self) -> Range<usize> {
        0..0
    }

    /// Whether its nodes over `inputs` end so themselves, before they write their results, and are faster
    /// for it.
    fn fuses(&self, _epilogue: Epilogue, _inputs: &[Shape]) -> bool {
        false
    }

    /// Output element `at` (n, c, h, w), computed in f64 straight from the definition.
    fn reference(&self, x: &Operands<'_>, at: [usize; 4]) -> Exact;

    /// The CPU kernels that fit, best first; never empty.
    fn cpu(&self, site: &cpu::Site<'_>) -> Vec<cpu::Candidate<'_>>;

    /// The GPU kernels that can take the node, best first.
    fn gpu<'a>(&'a self, site: &'a gpu::Site<'a>) -> Vec<gpu::Candidate<'a>>;
}

/// A weight that an operator needs, and how its values are drawn: uniform in `mean ± spread`.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// Its name within the node, e.g. `weight`, `bias`, `gamma`.
    pub name: &'static str,
    /// Its shape; a vector of `c` values is `Shape::features(1, c)`.
    pub shape: Shape,
    /// Whether training changes it (a running mean is not trained).
    pub trainable: bool,
    /// Middle of the drawn values.
    pub mean: f32,
    /// Half-width of the drawn values.
    pub spread: f32,
}

impl Weight {
    /// A kernel whose output keeps the variance of its input through a ReLU: uniform with
    /// variance 2 / fan-in (He et al. 2015, arXiv 1502.01852, eq. 10).
    pub fn kernel(shape: Shape) -> Self {
        let fan_in = [shape.c, shape.h, shape.w].into_iter().map(|x| x as f64).product::<f64>();
        let fan_in = fan_in as f32;
        Self { name: "weight", shape, trainable: true, mean: 0.0, spread: (6.0 / fan_in).sqrt() }
    }

    /// A trained vector of `c` values in `mean ± spread`.
    pub fn vector(name: &'static str, c: usize, mean: f32, spread: f32) -> Self {
        Self { name, shape: Shape::features(1, c), trainable: true, mean, spread }
    }
}

/// What a reference computes from.
#[derive(Clone, Copy, Debug)]
pub struct Operands<'a> {
    /// The inputs.
    pub inputs: &'a [MapRef<'a>],
    /// The weights, in the order of [`Operator::weights`].
    pub weights: &'a [Tensor],
}

/// An output element as the reference sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exact {
    /// Its value.
    pub value: f64,
    /// Σ of the magnitudes of the terms it was summed from: the scale of rounding errors.
    pub magnitude: f64,
    /// Number of those terms.
    pub terms: u32,
}

impl Exact {
    /// A value that was not summed from anything.
    pub const fn of(value: f64) -> Self {
        Self { value, magnitude: value.abs(), terms: 1 }
    }

    /// This with one term more.
    pub fn plus(self, term: f64) -> Self {
        Self {
            value: self.value + term,
            magnitude: self.magnitude + term.abs(),
            terms: self.terms + 1,
        }
    }

    /// The sum of `terms`.
    pub fn sum(terms: impl Iterator<Item = f64>) -> Self {
        terms.fold(Self { value: 0.0, magnitude: 0.0, terms: 0 }, Self::plus)
    }
}

/// Declares the closed enum of operators: adding one is one line below.
macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Any operator of the lab.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Op { $($(#[$doc])* $name($name),)* }

        impl Deref for Op {
            type Target = dyn Operator;
            fn deref(&self) -> &Self::Target {
                match self { $(Self::$name(op) => op,)* }
            }
        }

        $(impl From<$name> for Op {
            fn from(op: $name) -> Self {
                Self::$name(op)
            }
        })*
    };
}

operators! {
    /// Batch normalisation that stands alone.
    BatchNorm,
    /// Element-wise, two inputs.
    Binary,
    /// Zero channels appended.
    ChannelPad,
    /// Each pixel's channels reduced to one.
    ChannelPool,
    /// Channel shuffle.
    ChannelShuffle,
    /// One part of the channels.
    ChannelSplit,
    /// Concatenation along channels.
    Concat,
    /// Concatenation of two maps and channel shuffle in one.
    ConcatShuffle,
    /// Two-dimensional convolution.
    Conv2d,
    /// Rows of features from maps.
    Flatten,
    /// Fully connected.
    Linear,
    /// Local response normalisation.
    LocalResponseNorm,
    /// Padding and cropping of rows and columns.
    Pad2d,
    /// Channels to pixels, or pixels to channels.
    PixelShuffle,
    /// Max and average pooling.
    Pool2d,
    /// Another height and width.
    Resize,
    /// Softmax over channels.
    Softmax,
    /// Element-wise, one input.
    Unary,
}

impl Op {
    /// What the operator must compute and touch, by formula, in a node that reads `inputs`.
    pub fn cost(&self, inputs: &[Shape], output: Shape) -> Cost {
        Cost {
            params: self
                .weights(inputs)
                .iter()
                .filter(|w| w.trainable)
                .map(|w| w.shape.elements() as u64)
                .sum(),
            mul_adds: self.mul_adds(inputs, output),
            flops: self.flops(inputs, output),
            access: Access {
                read: self.read_access(inputs, output),
                written: output.elements() as u64,
                weights: self.weight_access(inputs),
            },
        }
    }
}

/// The one input of an operator that takes exactly one.
pub(crate) fn only(inputs: &[Shape]) -> Result<Shape, String> {
    match inputs {
        [x] => Ok(*x),
        _ => Err(format!("takes 1 input, got {}", inputs.len())),
    }
}

/// Attributes from pairs of name and anything that JSON can say.
macro_rules! attrs {
    ($($name:literal: $value:expr),* $(,)?) => {
        $crate::Attrs::from([$(($name.to_owned(), serde_json::json!($value))),*])
    };
}
pub(crate) use attrs;
