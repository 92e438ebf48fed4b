//! Batch normalisation at inference: y = γ·(x − μ)/√(σ² + ε) + β per channel (Ioffe and Szegedy
//! 2015, arXiv 1502.03167).

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Epilogue, Exact, Operands, Operator, Weight, cpu,
    operator::{attrs, only},
};
pub use definition::BatchNorm;
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for BatchNorm {
    fn kind(&self) -> &'static str {
        "batch_norm"
    }

    fn class(&self) -> Class {
        Class::ElementWise
    }

    fn in_place(&self) -> std::ops::Range<usize> {
        0..1
    }

    fn attrs(&self) -> Attrs {
        attrs! { "epsilon": self.epsilon }
    }

    fn fuses(&self, epilogue: Epilogue, _inputs: &[Shape]) -> bool {
        epilogue.only_clamps()
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        only(inputs)
    }

    fn weights(&self, inputs: &[Shape]) -> Vec<Weight> {
        let c = inputs[0].c;
        let spread = if self.scale { 0.2 * self.gain } else { 0.0 };
        let gamma = Weight::vector("gamma", c, self.gain, spread);
        let fixed = |w: Weight| Weight { trainable: false, ..w };
        vec![
            Weight { trainable: self.scale, ..gamma },
            Weight::vector("beta", c, 0.0, 0.1),
            fixed(Weight::vector("mean", c, 0.0, 0.1)),
            fixed(Weight::vector("variance", c, 1.0, 0.2)),
        ]
    }

    /// A multiply and an add for every element.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        2 * output.elements() as u64
    }

    /// A scale and a shift for every channel.
    fn weight_access(&self, inputs: &[Shape]) -> u64 {
        2 * inputs[0].c as u64
    }

    fn reference(&self, x: &Operands<'_>, at: [usize; 4]) -> Exact {
        let c = at[1];
        let [gamma, beta, mean, variance] = std::array::from_fn(|i| x.weights[i].at([0, c, 0, 0]));
        let a = gamma / (variance + f64::from(self.epsilon)).sqrt();
        Exact::sum([a * x.inputs[0].at(at), beta, -a * mean].into_iter())
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
