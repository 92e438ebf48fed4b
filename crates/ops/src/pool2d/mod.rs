//! Max and average pooling over windows, and over whole maps.

mod gpu;
mod kernels;

use crate::{
    Attrs, Exact, Operands, Operator,
    conv2d::slide,
    cpu,
    operator::{attrs, only},
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
    /// Window size; `None` takes the whole map.
    pub kernel: Option<(usize, usize)>,
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

    /// The window over an input of shape `x`.
    pub(crate) const fn window(&self, x: Shape) -> (usize, usize) {
        match self.kernel {
            Some(k) => k,
            None => (x.h, x.w),
        }
    }

    /// The rows of an input of shape `x` under windows of output row `i`.
    pub(crate) fn rows(&self, x: Shape, i: usize) -> Span {
        Span::new(i, self.window(x).0, self.stride.0, self.padding.0, x.h)
    }

    /// The columns of an input of shape `x` under windows of output column `i`.
    pub(crate) fn columns(&self, x: Shape, i: usize) -> Span {
        Span::new(i, self.window(x).1, self.stride.1, self.padding.1, x.w)
    }

    /// What an average over these rows and columns divides by.
    pub(crate) fn divisor(&self, rows: &Span, columns: &Span) -> usize {
        match self.function {
            PoolFn::Average { count_padding: true } => rows.padded * columns.padded,
            _ => rows.inside.len() * columns.inside.len(),
        }
    }
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
}

/// Output length along one axis.
fn pooled(
    pool: &Pool2d,
    len: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
) -> Result<usize, String> {
    if 2 * padding > kernel {
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
        match (self.function, self.kernel) {
            (PoolFn::Max, Some(_)) => "max_pool2d",
            (PoolFn::Max, None) => "global_max_pool2d",
            (PoolFn::Average { .. }, Some(_)) => "avg_pool2d",
            (PoolFn::Average { .. }, None) => "global_avg_pool2d",
        }
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn attrs(&self) -> Attrs {
        let Some(kernel) = self.kernel else { return Attrs::new() };
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
        let (kh, kw) = self.window(x);
        let h = pooled(self, x.h, kh, self.stride.0, self.padding.0)?;
        let w = pooled(self, x.w, kw, self.stride.1, self.padding.1)?;
        Ok(x.with_size(h, w))
    }

    /// One operation for every element under every window.
    fn flops(&self, inputs: &[Shape], output: Shape) -> u64 {
        let (kh, kw) = self.window(inputs[0]);
        (output.elements() * kh * kw) as u64
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
                Exact { value: sum.value / divisor, magnitude: sum.magnitude / divisor }
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
