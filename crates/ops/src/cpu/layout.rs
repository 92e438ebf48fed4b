//! How a map lies in memory.

use profile::Shape;

/// A tensor's shape and how it lies in memory: N, H, W, C, with `pixel` elements from one pixel to
/// the next (`pixel >= shape.c`, so that a view of some channels of a wider map is a layout too).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The shape.
    pub shape: Shape,
    /// Elements from one pixel to the next.
    pub pixel: usize,
    /// Whether the gap behind each pixel, the last included, is this map's own: nothing else lies there, and
    /// kernels may write anything to it.
    pub own_gaps: bool,
}

impl Layout {
    /// Without gaps.
    pub const fn dense(shape: Shape) -> Self {
        Self { shape, pixel: shape.c, own_gaps: true }
    }

    /// Elements from the first to one past the last.
    pub const fn span(self) -> usize {
        match self.shape.pixels() {
            0 => 0,
            pixels if self.own_gaps => pixels * self.pixel,
            pixels => (pixels - 1) * self.pixel + self.shape.c,
        }
    }

    /// Channels to walk over from all of `maps` to this one, element by element: with the gaps, where all have
    /// the same and own them.
    pub fn channels_over_gaps(self, maps: &[Self]) -> usize {
        let own = |map: &Self| map.own_gaps && map.pixel == self.pixel;
        if own(&self) && maps.iter().all(own) { self.pixel } else { self.shape.c }
    }

    /// Offset of channel 0 of pixel (n, h, w).
    pub const fn offset(self, n: usize, h: usize, w: usize) -> usize {
        ((n * self.shape.h + h) * self.shape.w + w) * self.pixel
    }
}
