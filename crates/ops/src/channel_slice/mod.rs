//! Channel slice: channels a step apart, or in reverse.

mod definition;
mod gpu;
mod kernels;

pub use definition::ChannelSlice;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{attrs, only},
};
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for ChannelSlice {
    fn kind(&self) -> &'static str {
        "channel_slice"
    }

    fn class(&self) -> Class {
        Class::Data
    }

    fn attrs(&self) -> Attrs {
        attrs! { "start": self.start, "step": self.step, "len": self.len }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        let Self { start, step, len } = *self;
        let last = len.checked_sub(1).and_then(|last| self.source(last, x.c));
        if last.is_none() || start >= x.c || step == 0 {
            return Err(format!("takes {len} of {} channels from {start} in steps of {step}", x.c));
        }
        Ok(x.with_channels(len))
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn read_access(&self, _inputs: &[Shape], output: Shape) -> u64 {
        output.elements() as u64
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let source = self.source(c, input.shape().c);
        Exact::of(source.map_or(f64::NAN, |c| input.at([n, c, h, w])))
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
