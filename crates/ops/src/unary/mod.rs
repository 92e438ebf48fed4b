//! Element-wise functions of one input: activations, and arithmetic with a number.

mod deferred;
mod definition;
mod function;
mod gpu;
mod kernels;
mod shader;
mod vector;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{attrs, only},
};
pub(crate) use deferred::DeferredActivation;
pub use definition::Unary;
pub use function::UnaryFn;
use kernels::KERNELS;
use profile::{Class, Shape};
pub(crate) use shader::{FUNCTIONS, choice};

impl Operator for Unary {
    fn kind(&self) -> &'static str {
        self.0.name()
    }

    fn class(&self) -> Class {
        Class::ElementWise
    }

    fn attrs(&self) -> Attrs {
        match self.0 {
            UnaryFn::LeakyRelu(alpha)
            | UnaryFn::Elu(alpha)
            | UnaryFn::Celu(alpha)
            | UnaryFn::ThresholdedRelu(alpha) => attrs! { "alpha": alpha },
            UnaryFn::Offset(k) | UnaryFn::KMinus(k) | UnaryFn::KOver(k) => attrs! { "k": k },
            UnaryFn::Pow(exponent) => attrs! { "exponent": exponent },
            UnaryFn::Swish(beta) => attrs! { "beta": beta },
            UnaryFn::Ramp(alpha, beta) => attrs! { "alpha": alpha, "beta": beta },
            UnaryFn::Clip(low, high) => [("min", low), ("max", high)]
                .into_iter()
                .filter(|(_, bound)| bound.is_finite())
                .map(|(name, bound)| (name.to_owned(), serde_json::json!(bound)))
                .collect(),
            _ => Attrs::new(),
        }
    }

    fn in_place(&self) -> std::ops::Range<usize> {
        0..1
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        only(inputs)
    }

    /// One for every element, whatever the function.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        output.elements() as u64
    }

    fn reference(&self, x: &Operands<'_>, at: [usize; 4]) -> Exact {
        self.0.of(Exact::of(x.inputs[0].at(at)))
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
