//! Padding and cropping of maps, other than the zeros that a convolution or pool adds itself.

mod definition;
mod gpu;
mod kernels;

pub use definition::{Pad2d, PadMode};

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{LARGEST, attrs, only},
};
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for Pad2d {
    fn kind(&self) -> &'static str {
        if self.is_crop() { "crop2d" } else { "pad2d" }
    }

    fn class(&self) -> Class {
        Class::Data
    }

    fn attrs(&self) -> Attrs {
        let mut attrs = attrs! { "vertical": self.vertical, "horizontal": self.horizontal };
        if !self.is_crop() {
            attrs.extend(match self.mode {
                PadMode::Constant(value) => attrs! { "mode": "constant", "value": value },
                PadMode::Reflect => attrs! { "mode": "reflect" },
                PadMode::Edge => attrs! { "mode": "edge" },
            });
        }
        attrs
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        if matches!(self.mode, PadMode::Constant(value) if !value.is_finite()) {
            return Err("pads with what is no finite number".to_owned());
        }
        let h = padded(self.mode, x.h, self.vertical)?;
        let w = padded(self.mode, x.w, self.horizontal)?;
        Ok(x.with_size(h, w))
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn read_access(&self, inputs: &[Shape], output: Shape) -> u64 {
        let x = inputs[0];
        let (rows, columns) = self.pick(x, output).distinct();
        (x.n * x.c * rows * columns) as u64
    }

    fn reference(&self, x: &Operands<'_>, [n, c, y, col]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let row = self.source(y, self.vertical.0, input.shape().h);
        let column = self.source(col, self.horizontal.0, input.shape().w);
        Exact::of(match (row, column, self.mode) {
            (Some(row), Some(column), _) => input.at([n, c, row, column]),
            (_, _, PadMode::Constant(value)) => value.into(),
            _ => unreachable!("every pixel beside the map is one of the map"),
        })
    }

    fn cpu(&self, site: &cpu::Site<'_>) -> Vec<cpu::Candidate<'_>> {
        cpu::candidates(self, KERNELS, site)
    }

    fn gpu<'a>(&'a self, site: &'a crate::gpu::Site<'a>) -> Vec<crate::gpu::Candidate<'a>> {
        crate::gpu::candidates(self, gpu::KERNELS, site)
    }
}

/// The length of an axis of `len` pixels with so many added on its two sides.
fn padded(mode: PadMode, len: usize, (before, after): (isize, isize)) -> Result<usize, String> {
    let most = match mode {
        PadMode::Reflect => len.saturating_sub(1),
        PadMode::Constant(_) | PadMode::Edge => LARGEST,
    };
    let least = if matches!(mode, PadMode::Constant(_)) { -(LARGEST as isize) } else { 0 };
    let fits = |side: isize| (least..=most.min(LARGEST) as isize).contains(&side);
    let sum = (1..=LARGEST).contains(&len) && fits(before) && fits(after);
    let sum = sum.then(|| len as isize + before + after).filter(|&sum| sum > 0);
    sum.map(isize::unsigned_abs)
        .ok_or_else(|| format!("cannot add {before} and {after} to {len} pixels"))
}

#[cfg(test)]
mod tests;
