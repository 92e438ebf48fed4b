//! ReLU with a learned slope below 0.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Exact, Operands, Operator, Weight, cpu,
    operator::{attrs, only},
};
pub use definition::PRelu;
use profile::{Class, Shape};

impl Operator for PRelu {
    fn kind(&self) -> &'static str {
        "prelu"
    }

    fn class(&self) -> Class {
        Class::ElementWise
    }

    fn attrs(&self) -> Attrs {
        attrs! { "shared": self.shared }
    }

    fn in_place(&self) -> std::ops::Range<usize> {
        0..1
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        only(inputs)
    }

    /// The slopes, drawn around the 0.25 with which training starts.
    fn weights(&self, inputs: &[Shape]) -> Vec<Weight> {
        let slopes = if self.shared { 1 } else { inputs[0].c };
        vec![Weight::vector("slope", slopes, 0.25, 0.2)]
    }

    /// One for every element.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        output.elements() as u64
    }

    fn weight_access(&self, inputs: &[Shape]) -> u64 {
        if self.shared { 1 } else { inputs[0].c as u64 }
    }

    fn reference(&self, x: &Operands<'_>, at: [usize; 4]) -> Exact {
        let v = x.inputs[0].at(at);
        let (above, below) = self.at(x.weights, at[1]);
        Exact::of(if v < 0.0 { below * v } else { above * v })
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
