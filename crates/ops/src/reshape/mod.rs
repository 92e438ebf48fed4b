//! Maps of other axes with the same elements, such as channels that become a row.

mod definition;
mod gpu;
mod kernels;

pub use definition::Reshape;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{attrs, only},
};
use definition::source;
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for Reshape {
    fn kind(&self) -> &'static str {
        "reshape"
    }

    fn class(&self) -> Class {
        Class::Data
    }

    fn attrs(&self) -> Attrs {
        attrs! { "axes": [self.c, self.h, self.w] }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        let elements =
            |axes: [usize; 3]| axes.into_iter().try_fold(1_usize, |all, len| all.checked_mul(len));
        let made = elements([self.c, self.h, self.w]).filter(|&all| all > 0);
        if made.is_none() || made != elements([x.c, x.h, x.w]) {
            return Err(format!(
                "makes {}×{}×{} of a map of other elements",
                self.c, self.h, self.w
            ));
        }
        Ok(Shape::new(x.n, self.c, self.h, self.w))
    }

    fn flops(&self, _inputs: &[Shape], _output: Shape) -> u64 {
        0
    }

    fn reference(&self, x: &Operands<'_>, [n, c, h, w]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let y = Shape::new(1, self.c, self.h, self.w);
        let [c, h, w] = source(y, [c, h, w], input.shape());
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
