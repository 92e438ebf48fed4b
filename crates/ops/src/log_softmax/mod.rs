//! The logarithm of a softmax: y = x − m − ln Σ e^{xᵢ − m}, m the largest.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::only,
    softmax::{Shared, along},
};
pub use definition::LogSoftmax;
use profile::{Class, Shape};

impl Operator for LogSoftmax {
    fn kind(&self) -> &'static str {
        "log_softmax"
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn attrs(&self) -> Attrs {
        along(self.0)
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        only(inputs)
    }

    /// Largest, difference, power, sum and difference: five for every element.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        5 * output.elements() as u64
    }

    fn read_for_one(&self, inputs: &[Shape]) -> u64 {
        self.0.places(inputs[0], [0; 4]).count() as u64
    }

    fn reference(&self, x: &Operands<'_>, at: [usize; 4]) -> Exact {
        let Shared { exponent, largest, sum, terms } = Shared::of(self.0, x, at);
        // The sum is off by a share of itself, which is what its logarithm is off by.
        let magnitude = exponent.abs() + largest.abs() + sum.ln() + 1.0;
        Exact { value: exponent - sum.ln(), magnitude, terms }
    }

    fn cpu(&self, site: &cpu::Site<'_>) -> Vec<cpu::Candidate<'_>> {
        cpu::candidates(self, kernels::KERNELS, site)
    }

    fn gpu<'a>(&'a self, site: &'a crate::gpu::Site<'a>) -> Vec<crate::gpu::Candidate<'a>> {
        crate::gpu::candidates(self, gpu::KERNELS, site)
    }
}

#[cfg(test)]
mod tests;
