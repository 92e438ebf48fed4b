//! Two-dimensional convolution: dense, pointwise, grouped, depthwise, dilated, strided.
//!
//! y(n, o, y, x) = b(o) + Σ w(o, i, ky, kx) · x(n, g·I + i, y·s − p + ky·d, x·s − p + kx·d), where
//! group g holds output o, I = C/groups input channels feed each group, and taps outside the map
//! are zero. Weights are O×I×KH×KW.

mod depthwise;
mod gemm;
mod gpu;
mod reference;
mod winograd;

use crate::{
    Attrs, Epilogue, Exact, Operands, Operator, Weight, cpu,
    operator::{LARGEST, attrs, only},
};
use cpu::CpuKernel;
use depthwise::Depthwise;
pub(crate) use gemm::Gemm;
use profile::{Class, Shape};

pub(crate) use gpu::tile;

/// A two-dimensional convolution. Pairs are (vertical, horizontal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2d {
    /// Output channels.
    pub out: usize,
    /// Kernel size.
    pub kernel: (usize, usize),
    /// Stride.
    pub stride: (usize, usize),
    /// Zero pixels added on each side.
    pub padding: (usize, usize),
    /// Distance between taps.
    pub dilation: (usize, usize),
    /// Groups of channels that do not mix.
    pub groups: usize,
    /// Whether a bias is added.
    pub bias: bool,
}

impl Conv2d {
    /// A `k`×`k` convolution to `out` channels: stride 1, no padding, one group, no bias.
    pub const fn new(out: usize, k: usize) -> Self {
        Self {
            out,
            kernel: (k, k),
            stride: (1, 1),
            padding: (0, 0),
            dilation: (1, 1),
            groups: 1,
            bias: false,
        }
    }

    /// A `k`×`k` depthwise convolution over `channels` channels, padded to keep the size.
    pub const fn depthwise(channels: usize, k: usize) -> Self {
        Self::new(channels, k).padding(k / 2).groups(channels)
    }

    /// With this stride both ways.
    pub const fn stride(self, s: usize) -> Self {
        Self { stride: (s, s), ..self }
    }

    /// With this padding on all sides.
    pub const fn padding(self, p: usize) -> Self {
        Self { padding: (p, p), ..self }
    }

    /// With this dilation both ways.
    pub const fn dilation(self, d: usize) -> Self {
        Self { dilation: (d, d), ..self }
    }

    /// With this many groups.
    pub const fn groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// With a bias.
    pub const fn bias(self) -> Self {
        Self { bias: true, ..self }
    }

    /// With a kernel of `h` × `w`.
    pub const fn kernel(self, h: usize, w: usize) -> Self {
        Self { kernel: (h, w), ..self }
    }

    /// With padding of `h` above and below, `w` left and right.
    pub const fn padding_hw(self, h: usize, w: usize) -> Self {
        Self { padding: (h, w), ..self }
    }

    /// Taps of the kernel: KH·KW.
    pub const fn taps(&self) -> usize {
        self.kernel.0 * self.kernel.1
    }

    /// Whether every group has one input and one output channel.
    pub const fn is_depthwise(&self, input: Shape) -> bool {
        self.groups == input.c && self.out == input.c
    }

    /// Whether it is 1×1, unpadded and at stride 1: a matrix product over pixels, in each group.
    pub const fn is_pointwise(&self) -> bool {
        matches!((self.kernel, self.stride, self.padding), ((1, 1), (1, 1), (0, 0)))
    }

    /// Whether it is one matrix product over pixels.
    const fn is_matrix_product(&self) -> bool {
        self.is_pointwise() && self.groups == 1
    }
}

/// Output length along one axis of a window that slides in steps, or why there is none.
pub(crate) fn slide(
    input: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
) -> Result<usize, String> {
    if kernel == 0 || stride == 0 || dilation == 0 {
        return Err(format!(
            "has kernel {kernel}, stride {stride}, dilation {dilation}: all must be at least 1"
        ));
    }
    if [kernel, stride, padding, dilation].into_iter().any(|x| x > LARGEST) {
        return Err(format!(
            "has kernel {kernel}, stride {stride}, padding {padding}, dilation {dilation}: none may be more than {LARGEST}"
        ));
    }
    let span = dilation * (kernel - 1) + 1;
    let padded = input + 2 * padding;
    if padded < span {
        return Err(format!(
            "needs at least {span} pixels under its kernel, but {input} and padding {padding} make {padded}: give the network a larger input"
        ));
    }
    Ok((padded - span) / stride + 1)
}

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
            "padding": self.padding,
            "dilation": self.dilation,
            "groups": self.groups,
            "bias": self.bias,
        }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        if self.out == 0 || self.groups == 0 {
            return Err(format!(
                "has {} output channels in {} groups: both must be at least 1",
                self.out, self.groups
            ));
        }
        if !x.c.is_multiple_of(self.groups) || !self.out.is_multiple_of(self.groups) {
            return Err(format!(
                "has {} groups, which do not divide its {} input and {} output channels",
                self.groups, x.c, self.out
            ));
        }
        let h = slide(x.h, self.kernel.0, self.stride.0, self.padding.0, self.dilation.0)?;
        let w = slide(x.w, self.kernel.1, self.stride.1, self.padding.1, self.dilation.1)?;
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
