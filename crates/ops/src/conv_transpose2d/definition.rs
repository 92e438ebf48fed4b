//! Transposed convolution: what a convolution's input gets from its output's gradient, so that maps grow.

use crate::{Conv2d, Sides, operator::LARGEST};
use profile::Shape;

/// A two-dimensional transposed convolution. Pairs are (vertical, horizontal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTranspose2d {
    /// Output channels.
    pub out: usize,
    /// Kernel size.
    pub kernel: (usize, usize),
    /// Output pixels from one input pixel to the next.
    pub stride: (usize, usize),
    /// Pixels cut off.
    pub padding: Sides,
    /// Pixels added below and at the right.
    pub output_padding: (usize, usize),
    /// Distance between taps.
    pub dilation: (usize, usize),
    /// Groups of channels that do not mix.
    pub groups: usize,
    /// Whether a bias is added.
    pub bias: bool,
}

impl ConvTranspose2d {
    /// A `k`×`k` transposed convolution to `out` channels: stride 1, no padding, one group, no bias.
    pub const fn new(out: usize, k: usize) -> Self {
        Self {
            out,
            kernel: (k, k),
            stride: (1, 1),
            padding: Sides::NONE,
            output_padding: (0, 0),
            dilation: (1, 1),
            groups: 1,
            bias: false,
        }
    }

    /// With this stride both ways.
    pub const fn stride(self, s: usize) -> Self {
        Self { stride: (s, s), ..self }
    }

    /// With this padding on all sides.
    pub const fn padding(self, p: usize) -> Self {
        Self { padding: Sides::even(p, p), ..self }
    }

    /// With this output padding both ways.
    pub const fn output_padding(self, p: usize) -> Self {
        Self { output_padding: (p, p), ..self }
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

    /// Whether every group has one input and one output channel.
    pub(crate) const fn is_depthwise(&self, input: Shape) -> bool {
        self.groups == input.c && self.out == input.c
    }

    /// The convolution whose weights, steps and groups these are.
    pub(crate) const fn conv(&self) -> Conv2d {
        Conv2d {
            out: self.out,
            kernel: self.kernel,
            stride: self.stride,
            padding: self.padding,
            dilation: self.dilation,
            groups: self.groups,
            bias: self.bias,
        }
    }

    /// The vertical and the horizontal axis over an input of shape `x`.
    pub(crate) const fn axes(&self, x: Shape) -> [Axis; 2] {
        let vertical = Axis {
            len: x.h,
            kernel: self.kernel.0,
            stride: self.stride.0,
            dilation: self.dilation.0,
            padding: self.padding.vertical,
            more: self.output_padding.0,
        };
        let horizontal = Axis {
            len: x.w,
            kernel: self.kernel.1,
            stride: self.stride.1,
            dilation: self.dilation.1,
            padding: self.padding.horizontal,
            more: self.output_padding.1,
        };
        [vertical, horizontal]
    }
}

/// One axis of a transposed convolution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    /// Pixels of the input.
    pub len: usize,
    pub kernel: usize,
    pub stride: usize,
    pub dilation: usize,
    padding: (usize, usize),
    /// Pixels added behind.
    more: usize,
}

impl Axis {
    /// Pixels of the output, or why there are none.
    pub fn grown(&self) -> Result<usize, String> {
        let Self { len, kernel, stride, dilation, padding: (before, after), more } = *self;
        if kernel == 0 || stride == 0 || dilation == 0 || len == 0 {
            return Err(format!(
                "has kernel {kernel}, stride {stride}, dilation {dilation} over {len} pixels: all must be at least 1"
            ));
        }
        if [kernel, stride, dilation, before, after, len].into_iter().any(|x| x > LARGEST) {
            return Err(format!(
                "has kernel {kernel}, stride {stride}, padding {before} and {after}, dilation {dilation} over {len} \
                 pixels: none may be more than {LARGEST}"
            ));
        }
        if more >= stride.max(dilation) {
            return Err(format!(
                "has output padding {more}, which is not below its stride {stride} or dilation {dilation}"
            ));
        }
        let whole = (len - 1) * stride + dilation * (kernel - 1) + 1 + more;
        match whole.checked_sub(before + after) {
            Some(out @ 1..) => Ok(out),
            _ => Err(format!("cuts {before} and {after} off {whole} pixels: none are left")),
        }
    }

    /// Where output pixel `y` lies among the places that input pixels are `stride` apart in.
    pub const fn place(&self, y: usize) -> usize {
        y + self.padding.0
    }

    /// The input pixel under tap `k` of output pixel `y`; before the map, it wraps to one far beyond. `None` where
    /// it lies between pixels.
    pub fn under(&self, y: usize, k: usize) -> Option<usize> {
        let at = (self.place(y) as isize) - (k * self.dilation) as isize;
        let stride = self.stride as isize;
        (at.rem_euclid(stride) == 0).then(|| at.div_euclid(stride) as usize)
    }

    /// The taps of output pixel `y` and the input pixels under them.
    pub fn taps(&self, y: usize) -> impl Iterator<Item = (usize, usize)> {
        let axis = *self;
        let tap = move |k: usize| Some((k, axis.under(y, k)?));
        (0..self.kernel).filter_map(tap).filter(move |(_, at)| *at < axis.len)
    }
}
