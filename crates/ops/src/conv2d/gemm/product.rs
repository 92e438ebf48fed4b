//! A batch of matrix products whose left-hand rows are reached through pointers.

use super::{
    pack::Packed,
    split::{Block, blocks},
    tile::{self, Panel, Pixels, TileShape},
};
use crate::{
    Tensor,
    simd::{Isa, Lanes},
};
use std::ops::Range;

/// As many matrices of weights, packed.
pub(crate) struct Product {
    packed: Packed,
    blocks: Vec<Block>,
    batch: usize,
    /// Rows of a matrix: output channels.
    outputs: usize,
    tile: TileShape,
}

/// The left-hand rows, and where the results go.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    /// How many.
    pub count: usize,
    /// A pointer a row.
    pub pointers: *const *const f32,
    /// Elements from there to the row's first.
    pub skip: usize,
    /// The first panel's first result of the first row.
    pub output: *mut f32,
    /// Elements from one row of results to the next.
    pub stride: usize,
}

impl Product {
    /// Packs `batch` matrices that stand below each other, outputs × inputs.
    pub fn new(weights: &Tensor, batch: usize, isa: Isa) -> Self {
        let tile = TileShape::of_isa(isa);
        let s = weights.shape();
        Self {
            packed: Packed::new(weights, None, batch, tile),
            blocks: blocks(1, s.c, tile),
            batch,
            outputs: s.n / batch,
            tile,
        }
    }

    /// Panels of a matrix.
    pub const fn panels(&self) -> usize {
        self.packed.panels() / self.batch
    }

    /// Outputs of some panels.
    pub fn channels(&self, panels: Range<usize>) -> Range<usize> {
        let at =
            |panel| if panel == self.panels() { self.outputs } else { panel * self.tile.width() };
        at(panels.start)..at(panels.end)
    }

    /// Bytes that it keeps.
    pub fn bytes(&self) -> usize {
        self.packed.bytes()
    }

    /// Multiplies `rows` by some panels of matrix `matrix`.
    ///
    /// # Safety
    /// Each row has the inputs of a matrix behind its pointer and the skip, and room for the panels'
    /// outputs.
    #[inline(always)]
    pub unsafe fn run<L: Lanes>(&self, matrix: usize, panels: Range<usize>, rows: Rows) {
        let first = matrix * self.outputs + self.channels(panels.clone()).start;
        for panel in panels {
            let panel = self.packed.panel(matrix * self.panels() + panel);
            let mut weights = panel.weights;
            for (i, block) in self.blocks.iter().enumerate() {
                let part = Panel {
                    vectors: panel.vectors,
                    channels: panel.channels,
                    weights,
                    bias: (i == 0).then_some(panel.bias),
                    segments: 1,
                    skip: rows.skip + block.elements.start,
                    len: block.elements.len(),
                };
                // SAFETY: the caller vouches for the rows; the panel has the block's weights.
                unsafe {
                    let pixels = Pixels {
                        count: rows.count,
                        pointers: rows.pointers,
                        pitch: 0,
                        output: rows.output.add(panel.first_output - first),
                        stride: rows.stride,
                    };
                    tile::compute::<L>(&part, &pixels);
                }
                weights = weights.wrapping_add(block.elements.len() * panel.vectors * L::N);
            }
        }
    }
}
