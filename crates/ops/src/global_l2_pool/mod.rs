//! Global L2 pool: the length of each channel of a map, of which global response normalisation is made (Woo et al.
//! 2023, arXiv 2301.00808).

mod definition;
mod gpu;
mod kernels;

use crate::{Exact, Operands, Operator, cpu, operator::only};
pub use definition::GlobalL2Pool;
use profile::{Class, Shape};

impl Operator for GlobalL2Pool {
    fn kind(&self) -> &'static str {
        "global_l2_pool2d"
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        Ok(only(inputs)?.with_size(1, 1))
    }

    /// A square and its sum for every element, and a root for every channel.
    fn flops(&self, inputs: &[Shape], output: Shape) -> u64 {
        2 * inputs[0].elements() as u64 + output.elements() as u64
    }

    fn reference(&self, x: &Operands<'_>, [n, c, ..]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let s = input.shape();
        let pixels = (0..s.h).flat_map(|h| (0..s.w).map(move |w| input.at([n, c, h, w])));
        let sum = Exact::sum(pixels.map(|v| v * v));
        Exact { value: sum.value.sqrt(), magnitude: sum.value.sqrt(), terms: sum.terms }
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
