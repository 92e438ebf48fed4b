//! A dense tensor in memory, and a map where a session has it.

use crate::cpu::Layout;
use profile::Shape;
use std::ops::Range;

/// Elements of a [`Shape`], stored N, H, W, C without gaps.
///
/// A weight is a tensor too: a convolution's N is its output channels, its C the input channels of
/// one group, its H and W the kernel's.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    shape: Shape,
    /// The N of its first row: it may be a part of a larger tensor, whose indices it keeps.
    first: usize,
    data: Vec<f32>,
}

impl Tensor {
    /// A tensor of zeros.
    pub fn zeros(shape: Shape) -> Self {
        Self { shape, first: 0, data: vec![0.0; shape.elements()] }
    }

    /// A tensor over `data`, which must hold as many elements as `shape`, in N, H, W, C order.
    ///
    /// # Panics
    /// Where the lengths differ: the caller made both.
    pub fn from_nhwc(shape: Shape, data: Vec<f32>) -> Self {
        assert_eq!(data.len(), shape.elements(), "a tensor {shape} over {} elements", data.len());
        Self { shape, first: 0, data }
    }

    /// A tensor whose element at (n, c, h, w) is `f([n, c, h, w])`.
    pub fn from_fn(shape: Shape, mut f: impl FnMut([usize; 4]) -> f32) -> Self {
        let mut data = Vec::with_capacity(shape.elements());
        for n in 0..shape.n {
            for h in 0..shape.h {
                for w in 0..shape.w {
                    data.extend((0..shape.c).map(|c| f([n, c, h, w])));
                }
            }
        }
        Self { shape, first: 0, data }
    }

    /// The same elements as a part of a larger tensor: its rows from the `first` on.
    pub fn as_rows_from(self, first: usize) -> Self {
        Self { first, ..self }
    }

    /// Its rows' N, those of the larger tensor where it is a part of one.
    pub const fn rows(&self) -> Range<usize> {
        self.first..self.first + self.shape.n
    }

    /// All elements of row `n`.
    pub fn row(&self, n: usize) -> &[f32] {
        let len = self.shape.c * self.shape.area();
        &self.data[(n - self.first) * len..][..len]
    }

    /// All elements of row `n`.
    pub fn row_mut(&mut self, n: usize) -> &mut [f32] {
        let len = self.shape.c * self.shape.area();
        &mut self.data[(n - self.first) * len..][..len]
    }

    /// Its shape.
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Its elements, N, H, W, C.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// Its elements, N, H, W, C.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// Where the element at (n, c, h, w) stands in [`Self::data`].
    pub const fn offset(&self, [n, c, h, w]: [usize; 4]) -> usize {
        (((n - self.first) * self.shape.h + h) * self.shape.w + w) * self.shape.c + c
    }

    /// The element at (n, c, h, w), widened.
    pub fn at(&self, index: [usize; 4]) -> f64 {
        f64::from(self.data[self.offset(index)])
    }

    /// All of it, for those who only read; rows are counted from its first.
    pub fn as_map(&self) -> MapRef<'_> {
        MapRef { layout: Layout::dense(self.shape), data: &self.data }
    }

    /// Its elements in N, C, H, W order, as other engines store them.
    pub fn to_nchw(&self) -> Vec<f32> {
        let s = self.shape;
        let mut out = Vec::with_capacity(s.elements());
        for n in 0..s.n {
            for c in 0..s.c {
                for h in 0..s.h {
                    out.extend((0..s.w).map(|w| self.data[self.offset([n, c, h, w])]));
                }
            }
        }
        out
    }

    /// The largest magnitude in it; 0 where it is empty.
    pub fn max_abs(&self) -> f32 {
        self.data.iter().fold(0.0, |m, x| m.max(x.abs()))
    }
}

/// A map to read, where it lies.
#[derive(Clone, Copy, Debug)]
pub struct MapRef<'a> {
    layout: Layout,
    data: &'a [f32],
}

impl<'a> MapRef<'a> {
    /// The map that lies so in `data`.
    ///
    /// # Panics
    /// Where `data` ends before the map does, or its pixels overlap: the caller made both.
    pub fn new(layout: Layout, data: &'a [f32]) -> Self {
        assert!(layout.shape.c <= layout.pixel, "pixels overlap: {layout:?}");
        assert!(layout.span() <= data.len(), "{layout:?} in {} elements", data.len());
        Self { layout, data }
    }

    /// Its shape.
    pub const fn shape(&self) -> Shape {
        self.layout.shape
    }

    /// The element at (n, c, h, w), widened.
    pub fn at(&self, [n, c, h, w]: [usize; 4]) -> f64 {
        f64::from(self.data[self.layout.offset(n, h, w) + c])
    }

    /// Its elements, N, H, W, C.
    pub fn elements(self) -> impl Iterator<Item = f32> {
        let Layout { shape, pixel, .. } = self.layout;
        let pixels = self.data.chunks(pixel.max(1)).take(shape.pixels());
        pixels.flat_map(move |pixel| &pixel[..shape.c]).copied()
    }

    /// A copy of it.
    pub fn to_tensor(self) -> Tensor {
        Tensor::from_nhwc(self.shape(), self.elements().collect())
    }
}
