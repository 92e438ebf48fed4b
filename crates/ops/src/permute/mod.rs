//! Axes exchanged: what a reshape, a transposition and another reshape make of a map, such as channels that become
//! columns, or windows that become channels.

mod definition;
mod gpu;
mod kernels;

pub use definition::Permute;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{attrs, only},
};
use definition::source;
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for Permute {
    fn kind(&self) -> &'static str {
        "permute"
    }

    fn class(&self) -> Class {
        Class::Data
    }

    fn attrs(&self) -> Attrs {
        attrs! { "axes": self.axes, "order": self.order, "to": self.to }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        let Self { axes, order, to: (c, h, w) } = self;
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !(2..=Self::MOST).contains(&axes.len()) || !sorted.into_iter().eq(0..axes.len()) {
            return Err(format!("puts axes {axes:?} in the order {order:?}"));
        }
        let elements =
            |axes: &[usize]| axes.iter().try_fold(1_usize, |all, &len| all.checked_mul(len));
        let made = elements(&[*c, *h, *w]).filter(|&all| all > 0);
        if made.is_none() || [elements(axes), elements(&[x.c, x.h, x.w])] != [made; 2] {
            return Err(format!("makes {c}×{h}×{w} of axes {axes:?} of a map of other elements"));
        }
        Ok(Shape::new(x.n, *c, *h, *w))
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        let (input, (_, height, width)) = (x.inputs[0], self.to);
        let s = input.shape();
        let from = source(&self.result(), (c * height + h) * width + w);
        Exact::of(input.at([n, from / s.area(), from / s.w % s.h, from % s.w]))
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
