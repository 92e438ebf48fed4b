//! Concatenation of any number of maps along the channels.

mod definition;
mod gpu;
mod kernels;

use crate::{Exact, Operands, Operator, cpu};
pub use definition::Concat;
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for Concat {
    fn kind(&self) -> &'static str {
        "concat"
    }

    fn class(&self) -> Class {
        Class::Data
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let Some((first, rest)) = inputs.split_first() else {
            return Err("takes at least 1 input, got none".to_owned());
        };
        if rest.iter().any(|s| s.with_channels(first.c) != *first) {
            return Err("takes inputs that differ in their channels only".to_owned());
        }
        Ok(first.with_channels(inputs.iter().fold(0, |all, s| s.c.saturating_add(all))))
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn reference(&self, x: &Operands<'_>, [n, mut c, h, w]: [usize; 4]) -> Exact {
        for input in x.inputs {
            match c.checked_sub(input.shape().c) {
                Some(rest) => c = rest,
                None => return Exact::of(input.at([n, c, h, w])),
            }
        }
        unreachable!("output channels are the inputs' channels")
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
