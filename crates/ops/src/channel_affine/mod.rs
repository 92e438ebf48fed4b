//! A value a channel multiplied and added: layer scale, and batch norms whose arithmetic was done beforehand.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Epilogue, Exact, Operands, Operator, Tensor, Weight, cpu,
    operator::{attrs, only},
};
pub use definition::ChannelAffine;
pub(crate) use definition::fold_into;
pub(crate) use gpu::{packed, plan};
pub(crate) use kernels::{scale_shift, two_slopes};
use profile::{Class, Shape};

impl Operator for ChannelAffine {
    fn kind(&self) -> &'static str {
        "channel_affine"
    }

    fn class(&self) -> Class {
        Class::ElementWise
    }

    fn in_place(&self) -> std::ops::Range<usize> {
        0..1
    }

    fn attrs(&self) -> Attrs {
        attrs! { "scale": self.scale, "shift": self.shift }
    }

    fn fuses(&self, epilogue: Epilogue, _inputs: &[Shape]) -> bool {
        epilogue.only_clamps()
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        only(inputs)
    }

    fn weights(&self, inputs: &[Shape]) -> Vec<Weight> {
        let c = inputs[0].c;
        let scale = self.scale.then(|| Weight::vector("scale", c, 1.0, 0.2));
        let shift = self.shift.then(|| Weight::vector("shift", c, 0.0, 0.1));
        scale.into_iter().chain(shift).collect()
    }

    /// One for each element and each of the two.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        u64::from(self.scale) * output.elements() as u64
            + u64::from(self.shift) * output.elements() as u64
    }

    /// All of its weights.
    fn weight_access(&self, inputs: &[Shape]) -> u64 {
        self.weights(inputs).iter().map(|w| w.shape.elements() as u64).sum()
    }

    fn scale_and_shift(&self, weights: &[Tensor], c: usize) -> Option<(f64, f64)> {
        Some(self.at(weights, c))
    }

    fn reference(&self, x: &Operands<'_>, at: [usize; 4]) -> Exact {
        let (scale, shift) = self.at(x.weights, at[1]);
        Exact::sum([scale * x.inputs[0].at(at), shift].into_iter())
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
