//! What it is.

use crate::Tensor;
use profile::Shape;

/// What a map and a constant are combined by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapFn {
    /// x + m: a positional embedding, coordinates.
    Add,
    /// x · m.
    Mul,
    /// x, but m·x below 0: a PReLU with a slope a pixel.
    Slope,
}

/// An element-wise operator of a map and of a constant of the network, the same for each image: with a value for
/// each channel, row and column, or one for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapConstant {
    /// What is computed.
    pub function: MapFn,
    /// Whether there is a value for each channel.
    pub channels: bool,
    /// Whether there is a value for each row.
    pub rows: bool,
    /// Whether there is a value for each column.
    pub columns: bool,
}

impl MapConstant {
    /// With a value for each element of an image.
    pub const fn whole(function: MapFn) -> Self {
        Self { function, channels: true, rows: true, columns: true }
    }

    /// The constant's shape beside maps of shape `x`.
    pub(super) fn constant(self, x: Shape) -> Shape {
        let axis = |has, len| if has { len } else { 1 };
        Shape::new(1, axis(self.channels, x.c), axis(self.rows, x.h), axis(self.columns, x.w))
    }
}

/// The constant's element beside element (c, h, w) of an image.
pub(super) fn beside(constant: &Tensor, [c, h, w]: [usize; 3]) -> f64 {
    let s = constant.shape();
    constant.at([0, c.min(s.c - 1), h.min(s.h - 1), w.min(s.w - 1)])
}
