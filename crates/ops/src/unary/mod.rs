//! Element-wise functions of one input: activations and the gates' 1 − x.

mod deferred;
mod definition;
mod function;
mod gpu;
mod kernels;
mod shader;

use crate::{Exact, Operands, Operator, cpu, operator::only};
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
