//! Group normalisation, of which instance normalisation is a case.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Epilogue, Exact, Operands, Operator, Weight, cpu,
    operator::{attrs, only},
};
pub use definition::GroupNorm;
use profile::{Class, Shape};

impl Operator for GroupNorm {
    fn kind(&self) -> &'static str {
        "group_norm"
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn attrs(&self) -> Attrs {
        let mut all = self.affine.attrs();
        all.extend(attrs! { "epsilon": self.epsilon, "groups": self.groups });
        all
    }

    fn in_place(&self) -> std::ops::Range<usize> {
        0..1
    }

    fn fuses(&self, epilogue: Epilogue, _inputs: &[Shape]) -> bool {
        epilogue.only_clamps()
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        if self.groups == 0 || !x.c.is_multiple_of(self.groups) {
            return Err(format!("has {} groups, which must divide its channels", self.groups));
        }
        Ok(x)
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
        2 * (inputs[0].c / self.groups * inputs[0].area()) as u64
    }

    fn reference(&self, x: &Operands<'_>, at @ [n, c, ..]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let s = input.shape();
        let channels = s.c / self.groups;
        let first = c / channels * channels;
        let group = || {
            let places = (first..first + channels)
                .flat_map(move |c| (0..s.h).flat_map(move |h| (0..s.w).map(move |w| [n, c, h, w])));
            places.map(|at| input.at(at))
        };
        let count = (channels * s.area()) as f64;
        let (sum, magnitude) = group().fold((0.0, 0.0), |(s, m), v| (s + v, m + v.abs()));
        let mean = sum / count;
        let variance = group().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
        let deviation = (variance + f64::from(self.epsilon)).sqrt();
        let normal = (input.at(at) - mean) / deviation;
        let (gamma, beta) = self.affine.at(x.weights, c);
        // As of a layer norm.
        let rounded = (input.at(at).abs() + magnitude / count) / deviation;
        let magnitude = gamma.abs() * (rounded + normal.abs()) * (1.0 + normal.abs()) + beta.abs();
        Exact { value: gamma * normal + beta, magnitude, terms: count as u32 }
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
