//! Which pixel each channel of a deep map goes to.

use profile::Shape;

/// Blocks of `block` × `block` pixels turned into channels, or channels into such blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelShuffle {
    /// Which way.
    pub direction: Direction,
    /// Pixels of a block on each side.
    pub block: usize,
    /// Where a pixel's channels are in the deep map.
    pub order: BlockOrder,
}

/// Which way pixels and channels are shuffled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From channels to pixels: N × C·b² × H × W becomes N × C × H·b × W·b.
    ToSpace,
    /// From pixels to channels.
    ToDepth,
}

/// The order of channel c of pixel (i, j) of a block in the channels of the deep map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockOrder {
    /// i, j, c: ONNX's `DCR`, TensorFlow's.
    Dcr,
    /// c, i, j: ONNX's `CRD`, PyTorch's.
    Crd,
    /// j, i, c: YOLOv5's `Focus`.
    Focus,
}

/// Distances in the channels of a deep map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    /// From a pixel's channel to its next.
    pub channel: usize,
    /// From one row of a block to the next.
    pub row: usize,
    /// From one column of a block to the next.
    pub column: usize,
}

impl PixelShuffle {
    /// Channels to pixels, as PyTorch's `PixelShuffle`.
    pub const fn to_space(block: usize) -> Self {
        Self { direction: Direction::ToSpace, block, order: BlockOrder::Crd }
    }

    /// Pixels to channels, as PyTorch's `PixelUnshuffle`.
    pub const fn to_depth(block: usize) -> Self {
        Self { direction: Direction::ToDepth, ..Self::to_space(block) }
    }

    /// The wide one of its two maps, then the deep one.
    pub(crate) const fn wide_and_deep<T>(&self, input: T, output: T) -> (T, T)
    where
        T: Copy,
    {
        match self.direction {
            Direction::ToSpace => (output, input),
            Direction::ToDepth => (input, output),
        }
    }

    /// Distances in a deep map whose wide one has so many channels.
    pub(crate) const fn steps(&self, channels: usize) -> Steps {
        let b = self.block;
        match self.order {
            BlockOrder::Dcr => Steps { channel: 1, row: b * channels, column: channels },
            BlockOrder::Crd => Steps { channel: b * b, row: b, column: 1 },
            BlockOrder::Focus => Steps { channel: 1, row: channels, column: b * channels },
        }
    }

    /// Where element (c, y, x) of the wide map, which has so many channels, is in the deep one.
    pub(crate) const fn deep(&self, channels: usize, [c, y, x]: [usize; 3]) -> [usize; 3] {
        let (b, steps) = (self.block, self.steps(channels));
        [c * steps.channel + y % b * steps.row + x % b * steps.column, y / b, x / b]
    }

    /// Where element (d, y, x) of the deep map is in the wide one, which has so many channels.
    pub(crate) const fn wide(&self, channels: usize, [d, y, x]: [usize; 3]) -> [usize; 3] {
        let (b, steps) = (self.block, self.steps(channels));
        [d / steps.channel % channels, y * b + d / steps.row % b, x * b + d / steps.column % b]
    }

    /// The shape that it makes, where the axes divide.
    pub(crate) fn shuffled(&self, x: Shape) -> Option<Shape> {
        let b = self.block;
        let area = b.checked_mul(b)?;
        match self.direction {
            Direction::ToSpace => {
                let whole = x.c.is_multiple_of(area);
                let sides = x.h.checked_mul(b).zip(x.w.checked_mul(b));
                sides.filter(|_| whole).map(|(h, w)| Shape::new(x.n, x.c / area, h, w))
            }
            Direction::ToDepth => {
                let whole = x.h.is_multiple_of(b) && x.w.is_multiple_of(b);
                let c = x.c.checked_mul(area);
                c.filter(|_| whole).map(|c| Shape::new(x.n, c, x.h / b, x.w / b))
            }
        }
    }
}
