//! Softmax: y = e^{x − m} / Σ e^{xᵢ − m}, m the largest, over the channels of every pixel or over pixels of every
//! channel.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{attrs, only},
};
pub use definition::{Along, Softmax};
pub(crate) use gpu::{plan, suits};
use kernels::KERNELS;
pub(crate) use kernels::{Last, along_pixels, three_passes};
use profile::{Class, Shape};

impl Operator for Softmax {
    fn kind(&self) -> &'static str {
        "softmax"
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

    /// Largest, difference, power, sum and division: five for every element.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        5 * output.elements() as u64
    }

    fn read_for_one(&self, inputs: &[Shape]) -> u64 {
        self.0.places(inputs[0], [0; 4]).count() as u64
    }

    fn reference(&self, x: &Operands<'_>, at: [usize; 4]) -> Exact {
        let Shared { exponent, largest, sum, terms } = Shared::of(self.0, x, at);
        // Rounding x − m by ε·|x − m| changes e^{x − m} by that share of itself.
        let value = exponent.exp() / sum;
        let magnitude = value * (2.0 + exponent.abs() + largest.abs());
        Exact { value, magnitude, terms }
    }

    fn cpu(&self, site: &cpu::Site<'_>) -> Vec<cpu::Candidate<'_>> {
        cpu::candidates(self, KERNELS, site)
    }

    fn gpu<'a>(&'a self, site: &'a crate::gpu::Site<'a>) -> Vec<crate::gpu::Candidate<'a>> {
        crate::gpu::candidates(self, gpu::KERNELS, site)
    }
}

/// The attributes of a softmax along these elements; those of one along channels go without saying.
pub(crate) fn along(along: Along) -> Attrs {
    match along {
        Along::Channels => Attrs::new(),
        other => attrs! { "along": other.name() },
    }
}

/// What an element of a softmax is made of.
pub(crate) struct Shared {
    /// Itself less the largest.
    pub exponent: f64,
    /// The largest of those that share a sum.
    pub largest: f64,
    /// The sum of their powers.
    pub sum: f64,
    /// How many they are.
    pub terms: u32,
}

impl Shared {
    /// Of element `at`.
    pub fn of(along: Along, x: &Operands<'_>, at: [usize; 4]) -> Self {
        let input = x.inputs[0];
        let shared = along.places(input.shape(), at);
        let all = || shared.clone().map(|at| input.at(at));
        let largest = all().fold(f64::NEG_INFINITY, f64::max);
        let sum = all().map(|v| (v - largest).exp()).sum();
        Self { exponent: input.at(at) - largest, largest, sum, terms: all().count() as u32 }
    }
}

#[cfg(test)]
mod tests;
