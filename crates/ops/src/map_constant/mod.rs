//! A constant map added, multiplied, or taken as slopes below 0.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Epilogue, Exact, Operands, Operator, Weight, cpu,
    operator::{attrs, only},
};
use definition::beside;
pub use definition::{MapConstant, MapFn};
use profile::{Class, Shape};

impl Operator for MapConstant {
    fn kind(&self) -> &'static str {
        match self.function {
            MapFn::Add => "add_map",
            MapFn::Mul => "mul_map",
            MapFn::Slope => "prelu_map",
        }
    }

    fn class(&self) -> Class {
        Class::ElementWise
    }

    fn attrs(&self) -> Attrs {
        attrs! { "channels": self.channels, "rows": self.rows, "columns": self.columns }
    }

    fn in_place(&self) -> std::ops::Range<usize> {
        0..1
    }

    fn fuses(&self, epilogue: Epilogue, _inputs: &[Shape]) -> bool {
        epilogue.only_clamps()
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let spatial = self.rows || self.columns;
        let wrong = "takes a constant with a value for each row or column, or both";
        spatial.then_some(()).ok_or_else(|| wrong.to_owned())?;
        only(inputs)
    }

    fn weights(&self, inputs: &[Shape]) -> Vec<Weight> {
        let (mean, spread) = match self.function {
            MapFn::Add => (0.0, 0.1),
            MapFn::Mul => (1.0, 0.2),
            MapFn::Slope => (0.25, 0.2),
        };
        let shape = self.constant(inputs[0]);
        vec![Weight { name: "map", shape, trainable: true, mean, spread }]
    }

    /// One for every element.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        output.elements() as u64
    }

    fn weight_access(&self, inputs: &[Shape]) -> u64 {
        self.constant(inputs[0]).elements() as u64
    }

    fn reference(&self, x: &Operands<'_>, at @ [_, c, h, w]: [usize; 4]) -> Exact {
        let (v, m) = (x.inputs[0].at(at), beside(&x.weights[0], [c, h, w]));
        match self.function {
            MapFn::Add => Exact::sum([v, m].into_iter()),
            MapFn::Mul => Exact::of(v * m),
            MapFn::Slope => Exact::of(if v < 0.0 { m * v } else { v }),
        }
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
