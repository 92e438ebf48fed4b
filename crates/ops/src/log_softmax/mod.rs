//! The logarithm of a softmax over the channels of every pixel: y(c) = x(c) − m − ln Σ e^{x(i) − m}, m the largest.

mod definition;
mod gpu;
mod kernels;

use crate::{Exact, Operands, Operator, cpu, operator::only};
pub use definition::LogSoftmax;
use profile::{Class, Shape};

impl Operator for LogSoftmax {
    fn kind(&self) -> &'static str {
        "log_softmax"
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        only(inputs)
    }

    /// Largest, difference, power, sum and difference: five for every element.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        5 * output.elements() as u64
    }

    fn read_for_one(&self, inputs: &[Shape]) -> u64 {
        inputs[0].c as u64
    }

    fn reference(&self, x: &Operands<'_>, at @ [n, _, h, w]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let pixel = || (0..input.shape().c).map(|c| input.at([n, c, h, w]));
        let largest = pixel().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = pixel().map(|v| (v - largest).exp()).sum();
        let exponent = input.at(at) - largest;
        // The sum is off by a share of itself, which is what its logarithm is off by.
        let magnitude = exponent.abs() + largest.abs() + sum.ln() + 1.0;
        Exact { value: exponent - sum.ln(), magnitude, terms: input.shape().c as u32 }
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
