//! A convolution's sizes, and how to write one.

use crate::{Sides, operator::LARGEST};
use profile::Shape;

/// A two-dimensional convolution. Pairs are (vertical, horizontal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2d {
    /// Output channels.
    pub out: usize,
    /// Kernel size.
    pub kernel: (usize, usize),
    /// Stride.
    pub stride: (usize, usize),
    /// Zero pixels added.
    pub padding: Sides,
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
            padding: Sides::NONE,
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
        self.padding_hw(p, p)
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
        Self { padding: Sides::even(h, w), ..self }
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
        matches!((self.kernel, self.stride, self.padding), ((1, 1), (1, 1), Sides::NONE))
    }

    /// Refuses groups that do not divide the channels.
    pub(crate) fn demand_groups(&self, x: Shape) -> Result<(), String> {
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
        Ok(())
    }

    /// Whether it is one matrix product over pixels.
    pub(super) const fn is_matrix_product(&self) -> bool {
        self.is_pointwise() && self.groups == 1
    }
}

/// Output length along one axis of a window that slides in steps, or why there is none.
pub(crate) fn slide(
    input: usize,
    kernel: usize,
    stride: usize,
    padding: (usize, usize),
    dilation: usize,
) -> Result<usize, String> {
    if kernel == 0 || stride == 0 || dilation == 0 {
        return Err(format!(
            "has kernel {kernel}, stride {stride}, dilation {dilation}: all must be at least 1"
        ));
    }
    let (before, after) = padding;
    let padding =
        if before == after { before.to_string() } else { format!("{before} and {after}") };
    if [kernel, stride, before, after, dilation].into_iter().any(|x| x > LARGEST) {
        return Err(format!(
            "has kernel {kernel}, stride {stride}, padding {padding}, dilation {dilation}: none may be more than {LARGEST}"
        ));
    }
    let span = dilation * (kernel - 1) + 1;
    let padded = input + before + after;
    if padded < span {
        return Err(format!(
            "needs at least {span} pixels under its kernel, but {input} and padding {padding} make {padded}: give the network a larger input"
        ));
    }
    Ok((padded - span) / stride + 1)
}
