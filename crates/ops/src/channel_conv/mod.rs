//! A convolution along the channels of maps of one pixel.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Exact, Operands, Operator, Weight, cpu,
    operator::{LARGEST, attrs, only},
};
pub use definition::ChannelConv;
use profile::{Class, Shape};

impl Operator for ChannelConv {
    fn kind(&self) -> &'static str {
        "channel_conv"
    }

    fn class(&self) -> Class {
        Class::Conv
    }

    fn attrs(&self) -> Attrs {
        attrs! { "kernel": self.kernel }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        if self.kernel.is_multiple_of(2) || self.kernel > LARGEST {
            return Err(format!("has {} taps, which must be odd and few", self.kernel));
        }
        let x = only(inputs)?;
        if x.area() != 1 {
            return Err("takes maps of one pixel".to_owned());
        }
        Ok(x)
    }

    fn weights(&self, _inputs: &[Shape]) -> Vec<Weight> {
        vec![Weight::kernel(Shape::features(1, self.kernel))]
    }

    fn mul_adds(&self, _inputs: &[Shape], output: Shape) -> u64 {
        (output.elements() as u64).saturating_mul(self.kernel as u64)
    }

    fn flops(&self, inputs: &[Shape], output: Shape) -> u64 {
        self.mul_adds(inputs, output).saturating_mul(2)
    }

    fn weight_access(&self, _inputs: &[Shape]) -> u64 {
        self.kernel as u64
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        let channels = x.inputs[0].shape().c;
        let taps = (0..self.kernel).filter_map(|j| {
            let from = (c + j).checked_sub(self.kernel / 2).filter(|&from| from < channels)?;
            Some(x.weights[0].at([0, j, 0, 0]) * x.inputs[0].at([n, from, h, w]))
        });
        Exact::sum(taps)
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
