//! Transposed two-dimensional convolution, also called deconvolution: dense, grouped, depthwise, dilated.
//!
//! ```text
//! y(n, o, Y, X) = b(o) + Σ w(o, i, ky, kx) · x(n, g·I + i, y, x)
//! over all taps and input pixels with Y = y·s − p + ky·d and X = x·s − p + kx·d
//! ```
//!
//! Group g holds output o, and I = C/groups input channels feed each group. Weights are O×I×KH×KW, as a
//! convolution's.

mod definition;
mod gpu;
mod kernels;

pub use definition::ConvTranspose2d;

use crate::{
    Attrs, Epilogue, Exact, Operands, Operator, Weight, cpu,
    operator::{attrs, only},
};
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for ConvTranspose2d {
    fn kind(&self) -> &'static str {
        "conv_transpose2d"
    }

    fn class(&self) -> Class {
        Class::Conv
    }

    fn attrs(&self) -> Attrs {
        attrs! {
            "kernel": self.kernel,
            "stride": self.stride,
            "padding": self.padding.attr(),
            "output_padding": self.output_padding,
            "dilation": self.dilation,
            "groups": self.groups,
            "bias": self.bias,
        }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        self.conv().demand_groups(x)?;
        let [vertical, horizontal] = self.axes(x);
        Ok(Shape::new(x.n, self.out, vertical.grown()?, horizontal.grown()?))
    }

    fn weights(&self, inputs: &[Shape]) -> Vec<Weight> {
        self.conv().weights(inputs)
    }

    /// Each weight meets each input pixel.
    fn mul_adds(&self, inputs: &[Shape], _output: Shape) -> u64 {
        (inputs[0].pixels() as u64).saturating_mul(self.weight_access(inputs))
    }

    fn flops(&self, inputs: &[Shape], output: Shape) -> u64 {
        self.mul_adds(inputs, output).saturating_mul(2)
    }

    fn weight_access(&self, inputs: &[Shape]) -> u64 {
        self.conv().weight_access(inputs)
    }

    /// The depthwise kernel clamps at most.
    fn fuses(&self, epilogue: Epilogue, inputs: &[Shape]) -> bool {
        epilogue.only_clamps() || !self.is_depthwise(inputs[0])
    }

    fn reference(&self, x: &Operands<'_>, [n, o, y, col]: [usize; 4]) -> Exact {
        let (input, weight) = (x.inputs[0], &x.weights[0]);
        let [vertical, horizontal] = self.axes(input.shape());
        let (inputs, outputs) = (weight.shape().c, self.out / self.groups);
        let first = o / outputs * inputs;
        let taps =
            vertical.taps(y).flat_map(|row| horizontal.taps(col).map(move |column| (row, column)));
        let products = taps.flat_map(|((ky, h), (kx, w))| {
            (0..inputs).map(move |i| weight.at([o, i, ky, kx]) * input.at([n, first + i, h, w]))
        });
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
