//! Concatenation of any number of maps along their rows or columns.

mod definition;
mod gpu;
mod kernels;

pub use definition::Concat2d;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{LARGEST, attrs},
};
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for Concat2d {
    fn kind(&self) -> &'static str {
        "concat2d"
    }

    fn class(&self) -> Class {
        Class::Data
    }

    fn attrs(&self) -> Attrs {
        let along = match self {
            Self::Height => "height",
            Self::Width => "width",
        };
        attrs! { "along": along }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let Some((first, rest)) = inputs.split_first() else {
            return Err("takes at least 1 input, got none".to_owned());
        };
        let resized = |s: &Shape| match self {
            Self::Height => s.with_size(first.h, s.w),
            Self::Width => s.with_size(s.h, first.w),
        };
        if rest.iter().any(|s| resized(s) != *first) {
            let along = if *self == Self::Height { "rows" } else { "columns" };
            return Err(format!("takes inputs that differ in their {along} only"));
        }
        let all = |lengths: &dyn Fn(&Shape) -> usize| {
            inputs.iter().fold(0_usize, |sum, s| sum.saturating_add(lengths(s)))
        };
        let joined = match self {
            Self::Height => first.with_size(all(&|s| s.h), first.w),
            Self::Width => first.with_size(first.h, all(&|s| s.w)),
        };
        if joined.h.max(joined.w) > LARGEST {
            return Err(format!("makes a map of more than {LARGEST} rows or columns"));
        }
        Ok(joined)
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        let corners = self.corners(x.inputs.iter().map(|input| input.shape()));
        let inside = x.inputs.iter().zip(corners).find_map(|(input, (top, left))| {
            let (row, column) = (h.checked_sub(top)?, w.checked_sub(left)?);
            let shape = input.shape();
            (row < shape.h && column < shape.w).then(|| input.at([n, c, row, column]))
        });
        Exact::of(inside.unwrap_or(f64::NAN))
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
