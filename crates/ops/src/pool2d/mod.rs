//! Max and average pooling over windows, over whole maps, and over a fixed number of parts.

mod gpu;
mod kernels;

use crate::{
    Attrs, Exact, Operands, Operator,
    conv2d::slide,
    cpu,
    operator::{LARGEST, attrs, only},
};
use kernels::KERNELS;
use profile::{Class, Shape};
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
    /// Pixels added on each side.
    pub padding: (usize, usize),
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
            padding: (0, 0),
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
        Self { padding: (p, p), ..self }
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
            Some((h, _)) => Span::new(i, h, self.stride.0, self.padding.0, x.h),
            None => Span::unpadded(part(i, self.parts.0, x.h)),
        }
    }

    /// The columns of an input of shape `x` under windows of output column `i`.
    pub(crate) fn columns(&self, x: Shape, i: usize) -> Span {
        match self.kernel {
            Some((_, w)) => Span::new(i, w, self.stride.1, self.padding.1, x.w),
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
const fn part(i: usize, parts: usize, len: usize) -> Range<usize> {
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
    fn new(i: usize, kernel: usize, stride: usize, padding: usize, len: usize) -> Self {
        let start = i * stride;
        let end = (start + kernel).min(len + 2 * padding);
        let clip = |p: usize| p.saturating_sub(padding).min(len);
        Self { inside: clip(start)..clip(end), padded: end - start }
    }

    /// A window that covers no padding.
    fn unpadded(inside: Range<usize>) -> Self {
        Self { padded: inside.len(), inside }
    }
}

/// Output length along one axis.
fn pooled(
    pool: &Pool2d,
    len: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
) -> Result<usize, String> {
    if padding > kernel / 2 {
        return Err(format!("has padding {padding}, more than half of its kernel {kernel}"));
    }
    let floor = slide(len, kernel, stride, padding, 1)?;
    let rest = (len + 2 * padding - kernel) % stride;
    // PyTorch drops a last window that would start beyond the map and its left padding.
    let one_more = pool.ceil && rest != 0 && floor * stride < len + padding;
    Ok(floor + usize::from(one_more))
}

impl Operator for Pool2d {
    fn kind(&self) -> &'static str {
        match (self.function, self.kernel, self.parts) {
            (PoolFn::Max, Some(_), _) => "max_pool2d",
            (PoolFn::Max, None, _) => "global_max_pool2d",
            (PoolFn::Average { .. }, Some(_), _) => "avg_pool2d",
            (PoolFn::Average { .. }, None, (1, 1)) => "global_avg_pool2d",
            (PoolFn::Average { .. }, None, _) => "adaptive_avg_pool2d",
        }
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn attrs(&self) -> Attrs {
        let Some(kernel) = self.kernel else {
            return match self.parts {
                (1, 1) => Attrs::new(),
                parts => attrs! { "parts": parts },
            };
        };
        let mut attrs = attrs! {
            "kernel": kernel,
            "stride": self.stride,
            "padding": self.padding,
            "ceil_mode": self.ceil,
        };
        if let PoolFn::Average { count_padding } = self.function {
            attrs.insert("count_include_pad".to_owned(), count_padding.into());
        }
        attrs
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        let Some((kh, kw)) = self.kernel else {
            if x.area() == 0 || self.parts.0 == 0 || self.parts.1 == 0 {
                return Err("takes a map of at least 1 pixel, and at least 1 part".to_owned());
            }
            if self.parts.0.max(self.parts.1) > LARGEST {
                return Err(format!("cuts maps into {:?} parts: at most {LARGEST}", self.parts));
            }
            if self.function == PoolFn::Max && self.parts != (1, 1) {
                return Err("cuts maps into parts only to average them".to_owned());
            }
            return Ok(x.with_size(self.parts.0, self.parts.1));
        };
        let h = pooled(self, x.h, kh, self.stride.0, self.padding.0)?;
        let w = pooled(self, x.w, kw, self.stride.1, self.padding.1)?;
        Ok(x.with_size(h, w))
    }

    /// One operation for every place under every window, padding among them, as the oracles count.
    fn flops(&self, inputs: &[Shape], output: Shape) -> u64 {
        let x = inputs[0];
        let (rows, columns) = match self.kernel {
            Some((h, w)) => (output.h * h, output.w * w),
            None => (
                (0..output.h).map(|i| part(i, output.h, x.h).len()).sum(),
                (0..output.w).map(|i| part(i, output.w, x.w).len()).sum(),
            ),
        };
        let maps = (output.n * output.c) as u64;
        maps.saturating_mul(rows as u64).saturating_mul(columns as u64)
    }

    fn reference(&self, x: &Operands<'_>, [n, c, y, col]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let (rows, columns) = (self.rows(input.shape(), y), self.columns(input.shape(), col));
        let elements = rows
            .inside
            .clone()
            .flat_map(|h| columns.inside.clone().map(move |w| input.at([n, c, h, w])));
        match self.function {
            PoolFn::Max => Exact::of(elements.fold(f64::NEG_INFINITY, f64::max)),
            PoolFn::Average { .. } => {
                let sum = Exact::sum(elements);
                let divisor = self.divisor(&rows, &columns) as f64;
                Exact { value: sum.value / divisor, magnitude: sum.magnitude / divisor, ..sum }
            }
        }
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
