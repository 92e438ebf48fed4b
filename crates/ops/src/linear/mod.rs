//! Fully connected: y(n, o) = b(o) + Σ w(o, i) · x(n, i), over N×C×1×1 inputs.

mod definition;
mod gpu;

use crate::{
    Attrs, Conv2d, Epilogue, Exact, Operands, Operator, Weight,
    conv2d::Gemm,
    cpu::{self, CpuKernel},
    operator::{attrs, only},
};
pub use definition::Linear;
use profile::{Class, Shape};

/// CPU kernels, best first.
const KERNELS: &[CpuKernel<Linear>] = &[CpuKernel {
    name: "gemm",
    fits: |_, _| true,
    // A row of features is a map of one pixel.
    prepare: |linear, site| {
        Gemm::by_tap(&Conv2d { bias: linear.bias, ..Conv2d::new(linear.out, 1) }, site)
    },
}];

impl Operator for Linear {
    fn kind(&self) -> &'static str {
        "linear"
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn attrs(&self) -> Attrs {
        attrs! { "bias": self.bias }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        if self.out == 0 {
            return Err("has 0 output features: it needs at least 1".to_owned());
        }
        if x.area() != 1 {
            return Err("takes rows of features, N×C×1×1: flatten or pool the map first".to_owned());
        }
        Ok(Shape::features(x.n, self.out))
    }

    fn weights(&self, inputs: &[Shape]) -> Vec<Weight> {
        let bias = self.bias.then(|| Weight::vector("bias", self.out, 0.0, 0.1));
        [Weight::kernel(Shape::features(self.out, inputs[0].c))].into_iter().chain(bias).collect()
    }

    fn mul_adds(&self, inputs: &[Shape], output: Shape) -> u64 {
        (output.elements() as u64).saturating_mul(inputs[0].c as u64)
    }

    fn flops(&self, inputs: &[Shape], output: Shape) -> u64 {
        self.mul_adds(inputs, output).saturating_mul(2)
    }

    fn weight_access(&self, inputs: &[Shape]) -> u64 {
        (self.out * inputs[0].c) as u64
    }

    fn fuses(&self, _: Epilogue, _: &[Shape]) -> bool {
        true
    }

    fn reference(&self, x: &Operands<'_>, [n, o, ..]: [usize; 4]) -> Exact {
        let (input, weight) = (x.inputs[0], &x.weights[0]);
        let products =
            (0..input.shape().c).map(|i| weight.at([o, i, 0, 0]) * input.at([n, i, 0, 0]));
        Exact::sum(products.chain(x.weights.get(1).map(|bias| bias.at([0, o, 0, 0]))))
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
