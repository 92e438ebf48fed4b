//! Flatten: a map N×C×H×W as a row of features N×(C·H·W), numbered channel first as every framework
//! does. Buffers lie N, H, W, C, so a map of more than one pixel is transposed.

mod definition;
mod gpu;
mod kernels;

use crate::{Exact, Operands, Operator, cpu, operator::only};
pub use definition::Flatten;
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for Flatten {
    fn kind(&self) -> &'static str {
        "flatten"
    }

    fn class(&self) -> Class {
        Class::Data
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        Ok(Shape::features(x.n, x.c * x.area()))
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn reference(&self, x: &Operands<'_>, [n, feature, ..]: [usize; 4]) -> Exact {
        let s = x.inputs[0].shape();
        let (c, pixel) = (feature / s.area(), feature % s.area());
        Exact::of(x.inputs[0].at([n, c, pixel / s.w, pixel % s.w]))
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
