//! Channel shuffle: the C channels, seen as a groups × (C/groups) matrix, transposed (Zhang et al.
//! 2018, ShuffleNet, arXiv 1707.01083, figure 1).
//!
//! Input channel i·n + j, with n = C/groups, becomes output channel j·groups + i. The inverse is
//! the shuffle with n groups.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{attrs, only},
};
pub use definition::ChannelShuffle;
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for ChannelShuffle {
    fn kind(&self) -> &'static str {
        "channel_shuffle"
    }

    fn class(&self) -> Class {
        Class::Shuffle
    }

    fn attrs(&self) -> Attrs {
        attrs! { "groups": self.groups }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        if self.groups == 0 || !x.c.is_multiple_of(self.groups) {
            return Err(format!(
                "has {} groups, which do not divide its {} channels",
                self.groups, x.c
            ));
        }
        Ok(x)
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        Exact::of(input.at([n, self.source(c, input.shape().c), h, w]))
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
