//! Pixel shuffles: channels to pixels and back (Shi et al. 2016, arXiv 1609.05158, sub-pixel convolution).

mod definition;
mod gpu;
mod kernels;

pub use definition::{BlockOrder, Direction, PixelShuffle};

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{attrs, only},
};
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for PixelShuffle {
    fn kind(&self) -> &'static str {
        match self.direction {
            Direction::ToSpace => "depth_to_space",
            Direction::ToDepth => "space_to_depth",
        }
    }

    fn class(&self) -> Class {
        Class::Data
    }

    fn attrs(&self) -> Attrs {
        let order = match self.order {
            BlockOrder::Dcr => "dcr",
            BlockOrder::Crd => "crd",
            BlockOrder::Focus => "focus",
        };
        attrs! { "block": self.block, "order": order }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        let whole = Some(x).filter(|x| self.block > 0 && x.c > 0);
        whole.and_then(|x| self.shuffled(x)).ok_or_else(|| {
            let (b, what) = match self.direction {
                Direction::ToSpace => (self.block.saturating_mul(self.block), "channels"),
                Direction::ToDepth => (self.block, "rows and columns"),
            };
            format!("takes {what} in a multiple of {b}")
        })
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let [c, h, w] = match self.direction {
            Direction::ToSpace => self.deep(input.shape().c / (self.block * self.block), [c, h, w]),
            Direction::ToDepth => self.wide(input.shape().c, [c, h, w]),
        };
        Exact::of(input.at([n, c, h, w]))
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
