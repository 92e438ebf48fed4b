//! Two maps concatenated and their channels shuffled, in one step: what level `fused` makes of a
//! concatenation that only a channel shuffle reads.
//!
//! Output channel c is channel (c mod groups)·(C/groups) + ⌊c/groups⌋ of the C channels of both
//! maps, the first map's before the second's ([`ChannelShuffle`]).

mod definition;
mod gpu;
mod kernels;

use crate::{Attrs, ChannelShuffle, Exact, Operands, Operator, cpu, operator::attrs};
pub use definition::ConcatShuffle;
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for ConcatShuffle {
    fn kind(&self) -> &'static str {
        "concat_shuffle"
    }

    fn class(&self) -> Class {
        Class::Shuffle
    }

    fn attrs(&self) -> Attrs {
        attrs! { "groups": self.groups }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        match *inputs {
            [a, b] if a == b => {
                ChannelShuffle { groups: self.groups }.output(&[a.with_channels(2 * a.c)])
            }
            _ => Err("takes two inputs of one shape".to_owned()),
        }
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        let half = x.inputs[0].shape().c;
        let source = ChannelShuffle { groups: self.groups }.source(c, 2 * half);
        Exact::of(x.inputs[source / half].at([n, source % half, h, w]))
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
