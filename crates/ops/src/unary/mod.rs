//! Element-wise functions of one input: activations and the gates' 1 − x.

mod gpu;
mod kernels;

use crate::{Exact, Operands, Operator, cpu, operator::only};
use kernels::KERNELS;
use profile::{Class, Shape};

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UnaryFn {
    /// max(x, 0).
    Relu,
    /// min(max(x, 0), 6).
    Relu6,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ).
    Tanh,
    /// x · sigmoid(x), also called swish.
    Silu,
    /// min(max(x + 3, 0), 6) / 6 (MobileNetV3, arXiv 1905.02244).
    HardSigmoid,
    /// x · hard-sigmoid(x) (MobileNetV3).
    HardSwish,
    /// 1 − x: the carry gate of a highway network (arXiv 1505.00387).
    OneMinus,
    /// x · k: the constant scaling of a residual branch, as in Inception-ResNet.
    Scale(f32),
}

impl UnaryFn {
    /// The function's definition.
    pub fn exact(self, x: f64) -> f64 {
        match self {
            Self::Relu => x.max(0.0),
            Self::Relu6 => x.clamp(0.0, 6.0),
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Self::Tanh => x.tanh(),
            Self::Silu => x / (1.0 + (-x).exp()),
            Self::HardSigmoid => (x + 3.0).clamp(0.0, 6.0) / 6.0,
            Self::HardSwish => x * ((x + 3.0).clamp(0.0, 6.0) / 6.0),
            Self::OneMinus => 1.0 - x,
            Self::Scale(k) => x * f64::from(k),
        }
    }

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Relu6 => "relu6",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Silu => "silu",
            Self::HardSigmoid => "hard_sigmoid",
            Self::HardSwish => "hard_swish",
            Self::OneMinus => "one_minus",
            Self::Scale(_) => "scale",
        }
    }
}

/// An element-wise operator with one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unary(pub UnaryFn);

impl Operator for Unary {
    fn kind(&self) -> &'static str {
        self.0.name()
    }

    fn class(&self) -> Class {
        Class::ElementWise
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        only(inputs)
    }

    /// One for every element, whatever the function.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        output.elements() as u64
    }

    fn reference(&self, x: &Operands<'_>, at: [usize; 4]) -> Exact {
        let x = x.inputs[0].at(at);
        let value = self.0.exact(x);
        // Functions that add a constant, or take eˣ, are as exact as the largest term they pass.
        Exact { value, magnitude: value.abs().max(x.abs()).max(1.0), terms: 1 }
    }

    fn cpu(&self, site: &cpu::Site<'_>) -> Vec<cpu::Candidate<'_>> {
        cpu::candidates(self, KERNELS, site)
    }

    fn gpu<'a>(&'a self, site: &'a crate::gpu::Site<'a>) -> Vec<crate::gpu::Candidate<'a>> {
        crate::gpu::candidates(self, gpu::KERNELS, site)
    }
}

#[cfg(test)]
mod tests;
