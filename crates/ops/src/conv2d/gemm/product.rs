//! A batch of matrix products whose left-hand rows are reached through pointers.

use super::{
    pack::Packed,
    split::{Block, blocks},
    tile::{self, Added, Fetch, Panel, Pixels, TileShape},
};
use crate::{
    Weights,
    cpu::{Bounds, machine::L2},
    simd::Isa,
};
use std::ops::Range;

/// Bytes of weights that stay in a second-level cache from one task to the next. More come from
/// further away each time, and are asked for before they are needed.
const RESIDENT: usize = L2 / 2;

/// As many matrices of weights, packed.
pub(crate) struct Product {
    isa: Isa,
    packed: Packed,
    blocks: Vec<Block>,
}

/// The left-hand rows of all matrices, and where the results go.
#[derive(Clone, Copy)]
pub(crate) struct ProductRows {
    /// How many.
    pub count: usize,
    /// Pointers to the rows' segments for the first matrix: segment by segment, one a row.
    pub pointers: *const *const f32,
    /// Elements from a row of one matrix to that of the next.
    pub matrix_inputs: usize,
    /// Where output channel 0 of the first row for the first matrix would go.
    pub output: *mut f32,
    /// Elements from a result of one matrix to that of the next.
    pub matrix_outputs: usize,
    /// Elements from one row of results to the next.
    pub stride: usize,
    /// What is added to the results of the first matrix, if anything.
    pub added: Option<Added>,
    /// Limits of the results, what is added included.
    pub bounds: Option<Bounds>,
}

impl Product {
    /// Packs `batch` matrices that stand below each other (output channels × the rest of the
    /// kernel's shape, in `segments`), with their biases.
    pub fn new(weights: &Weights<'_>, batch: usize, segments: usize, isa: Isa) -> Self {
        let tile = TileShape::of_isa(isa);
        let packed = Packed::new(weights, batch, tile);
        Self { isa, blocks: blocks(segments, packed.k() / segments, tile), packed }
    }

    /// Panels of a matrix.
    pub const fn panels(&self) -> usize {
        self.packed.panels_of_group()
    }

    /// Output channels of some of a matrix's panels.
    pub const fn channels(&self, panels: &Range<usize>) -> Range<usize> {
        self.packed.channels(panels)
    }

    /// Bytes that it keeps.
    pub fn bytes(&self) -> usize {
        self.packed.bytes()
    }

    /// Multiplies `rows` by some panels, counted over all matrices.
    ///
    /// # Safety
    /// Each row has the inputs of the panels' matrices behind its pointers, room for their output
    /// channels, and as many of what is added.
    pub unsafe fn run(&self, panels: Range<usize>, rows: ProductRows) {
        for index in panels {
            let (matrix, panel) = (index / self.panels(), self.packed.panel(index));
            let channel = panel.first_output - matrix * self.packed.channels_of_group();
            let mut weights = panel.weights;
            let last = self.blocks.len() - 1;
            for (i, block) in self.blocks.iter().enumerate() {
                let count = block.segments.len() * block.elements.len() * panel.width;
                let next = weights.wrapping_add(count);
                let part = Panel {
                    vectors: panel.vectors,
                    channels: panel.channels,
                    weights,
                    fetch: (self.bytes() > RESIDENT).then_some(Fetch { from: next, count }),
                    bias: (i == 0).then_some(panel.bias),
                    bounds: rows.bounds.filter(|_| i == last),
                    segments: block.segments.len(),
                    skip: matrix * rows.matrix_inputs + block.elements.start,
                    len: block.elements.len(),
                };
                let first = matrix * rows.matrix_outputs + channel;
                let pixels = Pixels {
                    count: rows.count,
                    pointers: rows.pointers.wrapping_add(block.segments.start * rows.count),
                    pitch: rows.count,
                    output: rows.output.wrapping_add(first),
                    stride: rows.stride,
                    added: rows.added.map(|added| added.further(first, 0)),
                };
                // SAFETY: the caller vouches for the rows; the panel has the block's weights.
                unsafe { tile::compute(self.isa, &part, &pixels) };
                weights = next;
            }
        }
    }
}
