//! Softmax over the channels of every pixel: y(c) = e^{x(c) − m} / Σ e^{x(i) − m}, m the largest.

mod definition;
mod gpu;
mod kernels;

use crate::{Exact, Operands, Operator, cpu, operator::only};
pub use definition::Softmax;
pub(crate) use gpu::{plan, suits};
use kernels::KERNELS;
pub(crate) use kernels::{ThirdPass, three_passes};
use profile::{Class, Shape};

impl Operator for Softmax {
    fn kind(&self) -> &'static str {
        "softmax"
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        only(inputs)
    }

    /// Largest, difference, power, sum and division: five for every element.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        5 * output.elements() as u64
    }

    fn reference(&self, x: &Operands<'_>, at @ [n, _, h, w]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let pixel = || (0..input.shape().c).map(|c| input.at([n, c, h, w]));
        let largest = pixel().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = pixel().map(|v| (v - largest).exp()).sum();
        // Rounding x − m by ε·|x − m| changes e^{x − m} by that share of itself.
        let exponent = input.at(at) - largest;
        let value = exponent.exp() / sum;
        let magnitude = value * (2.0 + exponent.abs() + largest.abs());
        Exact { value, magnitude, terms: input.shape().c as u32 }
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
