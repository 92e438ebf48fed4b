//! Pixel shuffles as ONNX files without an operator for them spell them: a map reshaped to six axes, transposed,
//! and reshaped again.

use ops::{BlockOrder, Direction, PixelShuffle};
use profile::Shape;

/// Which way, in which order, and how the six axes are turned for it.
pub(crate) const TURNS: [(Direction, BlockOrder, [usize; 6]); 6] = [
    (Direction::ToSpace, BlockOrder::Dcr, [0, 3, 4, 1, 5, 2]),
    (Direction::ToSpace, BlockOrder::Crd, [0, 1, 4, 2, 5, 3]),
    (Direction::ToSpace, BlockOrder::Focus, [0, 3, 4, 2, 5, 1]),
    (Direction::ToDepth, BlockOrder::Dcr, [0, 3, 5, 1, 2, 4]),
    (Direction::ToDepth, BlockOrder::Crd, [0, 1, 3, 5, 2, 4]),
    (Direction::ToDepth, BlockOrder::Focus, [0, 5, 3, 1, 2, 4]),
];

/// The six axes of the map that `op` takes, whose wide map has this shape.
pub(crate) const fn axes(op: PixelShuffle, wide: Shape) -> [usize; 6] {
    let b = op.block;
    let (n, c, h, w) = (wide.n, wide.c, wide.h / b, wide.w / b);
    match (op.direction, op.order) {
        (Direction::ToSpace, BlockOrder::Crd) => [n, c, b, b, h, w],
        (Direction::ToSpace, _) => [n, b, b, c, h, w],
        (Direction::ToDepth, _) => [n, c, h, b, w, b],
    }
}
