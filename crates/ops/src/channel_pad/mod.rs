//! Channel pad: zero channels appended, the parameter-free shortcut of PyramidNet (Han et al. 2017,
//! arXiv 1610.02915).

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{attrs, only},
};
pub use definition::ChannelPad;
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for ChannelPad {
    fn kind(&self) -> &'static str {
        "channel_pad"
    }

    fn class(&self) -> Class {
        Class::Data
    }

    fn attrs(&self) -> Attrs {
        attrs! { "out": self.out }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        if self.out < x.c {
            return Err(format!("pads {} channels to {}, which are fewer", x.c, self.out));
        }
        Ok(x.with_channels(self.out))
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        Exact::of(if c < input.shape().c { input.at([n, c, h, w]) } else { 0.0 })
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
