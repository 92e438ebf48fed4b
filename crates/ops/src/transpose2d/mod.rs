//! Rows and columns exchanged.

mod definition;
mod gpu;
mod kernels;

pub use definition::Transpose2d;

use crate::{Exact, Operands, Operator, cpu, operator::only};
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for Transpose2d {
    fn kind(&self) -> &'static str {
        "transpose2d"
    }

    fn class(&self) -> Class {
        Class::Data
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        Ok(x.with_size(x.w, x.h))
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        Exact::of(x.inputs[0].at([n, c, w, h]))
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
