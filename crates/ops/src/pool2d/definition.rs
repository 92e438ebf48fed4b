//! A pooling operator's sizes, and what its windows cover.

use crate::{Sides, conv2d::slide, operator::LARGEST};
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
    /// Distance between a window's pixels; more than 1 is for maxima only.
    pub dilation: (usize, usize),
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
            dilation: (1, 1),
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

    /// With this dilation both ways.
    pub const fn dilation(self, d: usize) -> Self {
        Self { dilation: (d, d), ..self }
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

    /// How windows of `kernel` rows slide down.
    pub(super) const fn vertical(&self, kernel: usize) -> Slide {
        let (stride, dilation) = (self.stride.0, self.dilation.0);
        Slide { kernel, stride, padding: self.padding.vertical, dilation }
    }

    /// How windows of `kernel` columns slide to the right.
    pub(super) const fn horizontal(&self, kernel: usize) -> Slide {
        let (stride, dilation) = (self.stride.1, self.dilation.1);
        Slide { kernel, stride, padding: self.padding.horizontal, dilation }
    }

    /// The rows of an input of shape `x` under windows of output row `i`.
    pub(crate) fn rows(&self, x: Shape, i: usize) -> Span {
        match self.kernel {
            Some((h, _)) => Span::new(i, self.vertical(h), x.h),
            None => Span::unpadded(part(i, self.parts.0, x.h)),
        }
    }

    /// The columns of an input of shape `x` under windows of output column `i`.
    pub(crate) fn columns(&self, x: Shape, i: usize) -> Span {
        match self.kernel {
            Some((_, w)) => Span::new(i, self.horizontal(w), x.w),
            None => Span::unpadded(part(i, self.parts.1, x.w)),
        }
    }

    /// What an average over these rows and columns divides by.
    pub(crate) fn divisor(&self, rows: &Span, columns: &Span) -> usize {
        match self.function {
            PoolFn::Average { count_padding: true } => rows.padded * columns.padded,
            _ => rows.count * columns.count,
        }
    }
}

/// Part `i` of an axis of `len` pixels cut into `parts`.
pub(super) const fn part(i: usize, parts: usize, len: usize) -> Range<usize> {
    i * len / parts..((i + 1) * len).div_ceil(parts)
}

/// How windows of `kernel` pixels slide along one axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slide {
    kernel: usize,
    stride: usize,
    padding: (usize, usize),
    dilation: usize,
}

impl Slide {
    /// Pixels from a window's first to behind its last.
    const fn span(self) -> usize {
        self.dilation * (self.kernel - 1) + 1
    }

    /// Pixels that a padded map of `len` lacks under its only window, where rounding up makes one of that.
    const fn lacking(self, len: usize) -> usize {
        let span = self.kernel.saturating_sub(1).saturating_mul(self.dilation).saturating_add(1);
        let lacking = span.saturating_sub(len + self.padding.0 + self.padding.1);
        if lacking < self.stride { lacking } else { 0 }
    }
}

/// What a window covers of one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first pixel of the map.
    pub first: usize,
    /// Pixels of the map.
    pub count: usize,
    /// From each to the next.
    pub step: usize,
    /// Pixels of the map and its padding.
    pub padded: usize,
}

impl Span {
    /// Window `i`, clipped to a map of `len` and to its padding.
    fn new(i: usize, slide: Slide, len: usize) -> Self {
        let (start, (before, after)) = (i * slide.stride, slide.padding);
        let end = (start + slide.span()).min(len + before + after);
        let skipped = before.saturating_sub(start).next_multiple_of(slide.dilation);
        let (first, last) =
            (start + skipped - before.min(start + skipped), end.saturating_sub(before));
        let inside = last.min(len).saturating_sub(first);
        Self {
            first: first.min(len),
            count: inside.div_ceil(slide.dilation),
            step: slide.dilation,
            padded: end - start,
        }
    }

    /// A window that covers no padding.
    const fn unpadded(inside: Range<usize>) -> Self {
        let count = inside.end - inside.start;
        Self { first: inside.start, count, step: 1, padded: count }
    }

    /// The pixels of the map.
    pub fn pixels(&self) -> impl Iterator<Item = usize> + Clone + use<> {
        let Self { first, count, step, .. } = *self;
        (0..count).map(move |k| first + k * step)
    }
}

/// Output length along one axis.
pub(super) fn pooled(pool: &Pool2d, len: usize, slid: Slide) -> Result<usize, String> {
    let Slide { kernel, stride, padding, dilation } = slid;
    let (before, after) = padding;
    let filled = len + if pool.ceil { slid.lacking(len) } else { 0 };
    let floor = slide(filled, kernel, stride, padding, dilation)?;
    let (most, span) = (before.max(after), slid.span());
    if most > span / 2 {
        return Err(format!("has padding {most}, more than half of its kernel {span}"));
    }
    let rest = (filled + before + after - span) % stride;
    // PyTorch drops a last window that would start beyond the map and its left padding.
    let one_more = pool.ceil && rest != 0 && floor * stride < len + before;
    let out = floor + usize::from(one_more);
    // Dilated windows may step over a small map.
    if dilation > 1 && (len > LARGEST || (0..out).any(|i| Span::new(i, slid, len).count == 0)) {
        return Err(format!("has windows with dilation {dilation} that meet none of {len} pixels"));
    }
    Ok(out)
}
