//! Two-dimensional convolution: dense, pointwise, grouped, depthwise, dilated, strided.
//!
//! y(n, o, y, x) = b(o) + Σ w(o, i, ky, kx) · x(n, g·I + i, y·s − p + ky·d, x·s − p + kx·d), where
//! group g holds output o, I = C/groups input channels feed each group, and taps outside the map
//! are zero. Weights are O×I×KH×KW.

mod definition;
mod depthwise;
mod gemm;
pub(crate) mod gpu;
mod reference;
mod winograd;

use crate::{
    Attrs, Epilogue, Exact, Operands, Operator, Weight, cpu,
    operator::{attrs, only},
};
use cpu::CpuKernel;
pub use definition::Conv2d;
pub(crate) use definition::slide;
use depthwise::Depthwise;
pub(crate) use gemm::{Added, Gemm, Product, ProductRows};
use profile::{Class, Shape};

pub(crate) use gpu::tile;

/// CPU kernels, best first.
const KERNELS: &[CpuKernel<Conv2d>] = &[
    CpuKernel {
        name: "depthwise_walk_ahead",
        fits: depthwise::suits_walk_ahead,
        prepare: depthwise::walk_ahead,
    },
    CpuKernel { name: "depthwise_walk", fits: depthwise::suits_walk, prepare: depthwise::walk },
    CpuKernel {
        name: "depthwise_square",
        fits: depthwise::suits_square,
        prepare: depthwise::square,
    },
    CpuKernel {
        name: "depthwise",
        fits: |conv, site| {
            conv.is_depthwise(site.inputs[0].shape) && !depthwise::suits_square(conv, site)
        },
        prepare: Depthwise::<1>::prepare,
    },
    CpuKernel {
        name: "narrow_groups",
        fits: depthwise::suits_narrow_groups,
        prepare: depthwise::narrow_groups,
    },
    CpuKernel {
        name: "pointwise",
        fits: |conv, _| conv.is_matrix_product(),
        prepare: Gemm::by_tap,
    },
    CpuKernel { name: "winograd4", fits: winograd::suits, prepare: winograd::four },
    CpuKernel { name: "winograd2", fits: winograd::suits, prepare: winograd::two },
    CpuKernel {
        name: "kernel_row",
        fits: |conv, site| Gemm::has_kernel_rows(conv, site) && site.inputs[0].shape.c <= 4,
        prepare: Gemm::by_kernel_row,
    },
    CpuKernel {
        name: "indirect",
        fits: |conv, _| !conv.is_matrix_product(),
        prepare: Gemm::by_tap,
    },
];

impl Operator for Conv2d {
    fn kind(&self) -> &'static str {
        "conv2d"
    }

    fn class(&self) -> Class {
        Class::Conv
    }

    fn attrs(&self) -> Attrs {
        attrs! {
            "kernel": self.kernel,
            "stride": self.stride,
            "padding": self.padding.attr(),
            "dilation": self.dilation,
            "groups": self.groups,
            "bias": self.bias,
        }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        self.demand_groups(x)?;
        let h = slide(x.h, self.kernel.0, self.stride.0, self.padding.vertical, self.dilation.0)?;
        let w = slide(x.w, self.kernel.1, self.stride.1, self.padding.horizontal, self.dilation.1)?;
        Ok(Shape::new(x.n, self.out, h, w))
    }

    fn weights(&self, inputs: &[Shape]) -> Vec<Weight> {
        let shape = Shape::new(self.out, inputs[0].c / self.groups, self.kernel.0, self.kernel.1);
        let bias = self.bias.then(|| Weight::vector("bias", self.out, 0.0, 0.1));
        [Weight::kernel(shape)].into_iter().chain(bias).collect()
    }

    fn mul_adds(&self, inputs: &[Shape], output: Shape) -> u64 {
        (output.elements() as u64)
            .saturating_mul((self.taps() * (inputs[0].c / self.groups)) as u64)
    }

    fn flops(&self, inputs: &[Shape], output: Shape) -> u64 {
        self.mul_adds(inputs, output).saturating_mul(2)
    }

    fn weight_access(&self, inputs: &[Shape]) -> u64 {
        (self.out * self.taps() * (inputs[0].c / self.groups)) as u64
    }

    /// Depthwise kernels clamp at most. Winograd's algorithm, for 3×3 windows at stride 1, can add, but
    /// ResNet-18 takes 2 % longer where it does.
    fn fuses(&self, epilogue: Epilogue, inputs: &[Shape]) -> bool {
        let winograd = self.kernel == (3, 3) && self.stride == (1, 1) && self.groups == 1;
        let cannot = self.is_depthwise(inputs[0]) || (epilogue.add && winograd);
        epilogue.only_clamps() || !cannot
    }

    fn reference(&self, x: &Operands<'_>, at: [usize; 4]) -> Exact {
        reference::element(self, x, at)
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
