//! Channel split: one run of the channels. Splitting in two is two such operators.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{attrs, only},
};
pub use definition::ChannelSplit;
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for ChannelSplit {
    fn kind(&self) -> &'static str {
        "channel_split"
    }

    fn class(&self) -> Class {
        Class::Data
    }

    fn attrs(&self) -> Attrs {
        attrs! { "start": self.start, "len": self.len }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        let end = self.start.saturating_add(self.len);
        if self.len == 0 || end > x.c {
            return Err(format!("takes channels {} to {end} of {}", self.start, x.c));
        }
        Ok(x.with_channels(self.len))
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn read_access(&self, _inputs: &[Shape], output: Shape) -> u64 {
        output.elements() as u64
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        Exact::of(x.inputs[0].at([n, self.start + c, h, w]))
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
