//! What every operator says of itself.

use crate::{Epilogue, Exact, MapRef, Tensor, cpu, gpu};
use profile::{Attr, Class, Shape};
use std::{collections::BTreeMap, ops::Range};

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
