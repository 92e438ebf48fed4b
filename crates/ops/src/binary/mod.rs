//! Element-wise functions of two inputs; either may have fewer elements.

mod definition;
mod gpu;
mod kernels;

use crate::{Epilogue, Exact, Operands, Operator, cpu};
pub use definition::{Binary, BinaryFn};
pub(crate) use gpu::plan_of;
use kernels::KERNELS;
pub(crate) use kernels::{Add, Function2, Mul, Zip};
use profile::{Class, Shape};

impl Operator for Binary {
    fn kind(&self) -> &'static str {
        self.0.name()
    }

    fn class(&self) -> Class {
        Class::ElementWise
    }

    fn in_place(&self) -> std::ops::Range<usize> {
        0..2
    }

    fn fuses(&self, epilogue: Epilogue, _inputs: &[Shape]) -> bool {
        epilogue.only_clamps()
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let &[a, b] = inputs else { return Err(format!("takes 2 inputs, got {}", inputs.len())) };
        let wrong =
            "takes two inputs of as many images, whose channels, rows and columns are as many or 1";
        Self::whole(a, b).ok_or_else(|| wrong.to_owned())
    }

    /// One for every element.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        output.elements() as u64
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        let [a, b] = [x.inputs[0], x.inputs[1]].map(|x| {
            let s = x.shape();
            x.at([n, c.min(s.c - 1), h.min(s.h - 1), w.min(s.w - 1)])
        });
        match self.0 {
            BinaryFn::Add => Exact::sum([a, b].into_iter()),
            BinaryFn::Mul => Exact::of(a * b),
            BinaryFn::Sub => Exact::sum([a, -b].into_iter()),
            BinaryFn::ReverseSub => Exact::sum([b, -a].into_iter()),
            BinaryFn::Div => Exact::of(a / b),
            BinaryFn::ReverseDiv => Exact::of(b / a),
            BinaryFn::Max => Exact::of(a.max(b)),
            BinaryFn::Min => Exact::of(a.min(b)),
        }
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
