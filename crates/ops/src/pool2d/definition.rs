//! Max and average pooling over windows, over whole maps, and over a fixed number of parts.

use crate::{Sides, conv2d::slide};
use profile::Shape;
use std::ops::Range;

/// What a window is reduced to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolFn {
    /// Its largest element; padding never wins.
    Max,
    /// Its mean. With `count_padding` the divisor counts padding pixels (not those that only
    /// `ceil` mode adds), as PyTorch's `count_include_pad` does.
    Average {
        /// Whether padding pixels count in the divisor.
        count_padding: bool,
    },
}

/// A pooling operator. Pairs are (vertical, horizontal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool2d {
    /// What a window is reduced to.
    pub function: PoolFn,
    /// Window size; `None` cuts the map into [`Self::parts`].
    pub kernel: Option<(usize, usize)>,
    /// Where there is no kernel: the number of windows, as even as can be and overlapping by a pixel
    /// where they do not divide the map (PyTorch's adaptive pooling). One takes the whole map;
    /// more are for averages only.
    pub parts: (usize, usize),
    /// Stride.
    pub stride: (usize, usize),
    /// Pixels added.
    pub padding: Sides,
    /// Whether the output's size is rounded up, so that a last, partly empty window counts. A
    /// window that would start in the padding beyond the map is dropped, as PyTorch does.
    pub ceil: bool,
}

impl Pool2d {
    /// Max pooling over `k`×`k` windows in steps of `stride`.
    pub const fn max(k: usize, stride: usize) -> Self {
        Self {
            function: PoolFn::Max,
            kernel: Some((k, k)),
            parts: (1, 1),
            stride: (stride, stride),
            padding: Sides::NONE,
            ceil: false,
        }
    }

    /// Average pooling over `k`×`k` windows in steps of `stride`, padding counted.
    pub const fn average(k: usize, stride: usize) -> Self {
        Self { function: PoolFn::Average { count_padding: true }, ..Self::max(k, stride) }
    }

    /// The mean of each whole map.
    pub const fn global_average() -> Self {
        Self { kernel: None, ..Self::average(1, 1) }
    }

    /// The means of `size`×`size` parts of each map.
    pub const fn average_parts(size: usize) -> Self {
        Self { parts: (size, size), ..Self::global_average() }
    }

    /// With this padding on all sides.
    pub const fn padding(self, p: usize) -> Self {
        Self { padding: Sides::even(p, p), ..self }
    }

    /// With its output's size rounded up.
    pub const fn ceil(self) -> Self {
        Self { ceil: true, ..self }
    }

    /// Averaging only over pixels of the map.
    pub const fn without_padding_count(self) -> Self {
        Self { function: PoolFn::Average { count_padding: false }, ..self }
    }

    /// The largest window over an input of shape `x`.
    pub(crate) fn window(&self, x: Shape) -> (usize, usize) {
        let largest =
            |len: usize, parts: usize| (0..parts).map(|i| part(i, parts, len).len()).max();
        self.kernel.unwrap_or_else(|| {
            (largest(x.h, self.parts.0).unwrap_or(0), largest(x.w, self.parts.1).unwrap_or(0))
        })
    }

    /// The rows of an input of shape `x` under windows of output row `i`.
    pub(crate) fn rows(&self, x: Shape, i: usize) -> Span {
        match self.kernel {
            Some((h, _)) => Span::new(i, h, self.stride.0, self.padding.vertical, x.h),
            None => Span::unpadded(part(i, self.parts.0, x.h)),
        }
    }

    /// The columns of an input of shape `x` under windows of output column `i`.
    pub(crate) fn columns(&self, x: Shape, i: usize) -> Span {
        match self.kernel {
            Some((_, w)) => Span::new(i, w, self.stride.1, self.padding.horizontal, x.w),
            None => Span::unpadded(part(i, self.parts.1, x.w)),
        }
    }

    /// What an average over these rows and columns divides by.
    pub(crate) fn divisor(&self, rows: &Span, columns: &Span) -> usize {
        match self.function {
            PoolFn::Average { count_padding: true } => rows.padded * columns.padded,
            _ => rows.inside.len() * columns.inside.len(),
        }
    }
}

/// Part `i` of an axis of `len` pixels cut into `parts`.
pub(super) const fn part(i: usize, parts: usize, len: usize) -> Range<usize> {
    i * len / parts..((i + 1) * len).div_ceil(parts)
}

/// What a window covers of one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Pixels of the map.
    pub inside: Range<usize>,
    /// Pixels of the map and its padding.
    pub padded: usize,
}

impl Span {
    /// Window `i` of `kernel` pixels, clipped to a map of `len` and to its padding.
    fn new(
        i: usize,
        kernel: usize,
        stride: usize,
        (before, after): (usize, usize),
        len: usize,
    ) -> Self {
        let start = i * stride;
        let end = (start + kernel).min(len + before + after);
        let clip = |p: usize| p.saturating_sub(before).min(len);
        Self { inside: clip(start)..clip(end), padded: end - start }
    }

    /// A window that covers no padding.
    fn unpadded(inside: Range<usize>) -> Self {
        Self { padded: inside.len(), inside }
    }
}

/// Output length along one axis.
pub(super) fn pooled(
    pool: &Pool2d,
    len: usize,
    kernel: usize,
    stride: usize,
    padding: (usize, usize),
) -> Result<usize, String> {
    let (before, after) = padding;
    let most = before.max(after);
    if most > kernel / 2 {
        return Err(format!("has padding {most}, more than half of its kernel {kernel}"));
    }
    let floor = slide(len, kernel, stride, padding, 1)?;
    let rest = (len + before + after - kernel) % stride;
    // PyTorch drops a last window that would start beyond the map and its left padding.
    let one_more = pool.ceil && rest != 0 && floor * stride < len + before;
    Ok(floor + usize::from(one_more))
}
