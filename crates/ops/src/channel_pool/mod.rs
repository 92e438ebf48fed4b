//! Channel pool: each pixel's channels reduced to one, the two maps from which CBAM's spatial
//! attention is computed (Woo et al. 2018, arXiv 1807.06521, equation 3).

mod definition;
mod gpu;
mod kernels;

use crate::{Exact, Operands, Operator, cpu, operator::only};
pub use definition::ChannelPool;
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for ChannelPool {
    fn kind(&self) -> &'static str {
        match self {
            Self::Mean => "channel_mean",
            Self::Max => "channel_max",
        }
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        if x.c == 0 {
            return Err("takes at least 1 channel".to_owned());
        }
        Ok(x.with_channels(1))
    }

    /// One operation for every element.
    fn flops(&self, inputs: &[Shape], _output: Shape) -> u64 {
        inputs[0].elements() as u64
    }

    fn reference(&self, x: &Operands<'_>, [n, _, h, w]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let channels = input.shape().c;
        let pixel = (0..channels).map(|c| input.at([n, c, h, w]));
        match self {
            Self::Mean => Exact::sum(pixel.map(|v| v / channels as f64)),
            Self::Max => Exact::of(pixel.fold(f64::NEG_INFINITY, f64::max)),
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
