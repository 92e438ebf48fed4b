//! Layer normalisation over the channels of every pixel.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Epilogue, Exact, Operands, Operator, Weight, cpu,
    operator::{attrs, only},
};
pub use definition::LayerNorm;
use profile::{Class, Shape};

impl Operator for LayerNorm {
    fn kind(&self) -> &'static str {
        "layer_norm"
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn in_place(&self) -> std::ops::Range<usize> {
        0..1
    }

    fn attrs(&self) -> Attrs {
        let mut all = self.affine.attrs();
        all.extend(attrs! { "epsilon": self.epsilon });
        all
    }

    fn fuses(&self, epilogue: Epilogue, _inputs: &[Shape]) -> bool {
        epilogue.only_clamps()
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        only(inputs)
    }

    fn weights(&self, inputs: &[Shape]) -> Vec<Weight> {
        self.affine.weights(inputs)
    }

    /// Sum, difference, square, its sum and division: five for every element, and what the affine part has.
    fn flops(&self, inputs: &[Shape], output: Shape) -> u64 {
        5 * output.elements() as u64 + self.affine.flops(inputs, output)
    }

    fn weight_access(&self, inputs: &[Shape]) -> u64 {
        self.affine.weight_access(inputs)
    }

    fn read_for_one(&self, inputs: &[Shape]) -> u64 {
        inputs[0].c as u64
    }

    fn reference(&self, x: &Operands<'_>, at @ [n, c, h, w]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let channels = input.shape().c;
        let pixel = || (0..channels).map(|c| input.at([n, c, h, w]));
        let mean_of = |sum: f64| sum / channels as f64;
        let mean = mean_of(pixel().sum());
        let variance = mean_of(pixel().map(|v| (v - mean).powi(2)).sum());
        let deviation = (variance + f64::from(self.epsilon)).sqrt();
        let normal = (input.at(at) - mean) / deviation;
        let (gamma, beta) = self.affine.at(x.weights, c);
        // Differences are off by what x and the mean are rounded by. Of the deviation that is as large a share as
        // of a single difference.
        let rounded = (input.at(at).abs() + mean_of(pixel().map(f64::abs).sum())) / deviation;
        let magnitude = gamma.abs() * (rounded + normal.abs()) * (1.0 + normal.abs()) + beta.abs();
        Exact { value: gamma * normal + beta, magnitude, terms: channels as u32 }
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
