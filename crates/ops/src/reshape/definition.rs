//! The same elements in other axes.

use profile::Shape;

/// The elements of each image, channel by channel and row by row, as a map of other axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reshape {
    /// Channels.
    pub c: usize,
    /// Height.
    pub h: usize,
    /// Width.
    pub w: usize,
}

/// Where element (c, h, w) of a map of shape `y` is in one of shape `x` that has the same elements.
pub(crate) const fn source(y: Shape, [c, h, w]: [usize; 3], x: Shape) -> [usize; 3] {
    let place = (c * y.h + h) * y.w + w;
    [place / x.area(), place / x.w % x.h, place % x.w]
}
