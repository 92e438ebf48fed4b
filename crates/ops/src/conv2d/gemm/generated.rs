//! A batch of matrix products whose matrices are made from fewer values, a few at a time.
//!
//! ```text
//! for each block of K:                                        (the rows' parts stay in the L2 cache)
//!     for each panel of output channels, for each group of matrices:               (theirs, too)
//!         for each k of the block, for each vector of channels:
//!             matrices[..][k][vector] ← made from the values kept for k and the vector
//!         for each matrix p of the group:
//!             results[p] ← results[p] + rows[p] × matrices[p]
//! ```
//!
//! The matrices together would be several times as large as what they are made from.

use super::{
    pack::{Packed, PanelRef},
    product::ProductRows,
    split::cut,
    tile::{self, AHEAD, Fetch, Panel, Pixels, TileShape},
};
use crate::{
    Tensor,
    cpu::{AlignedBuffer, machine::LINE, odd_lines},
    simd::{Isa, Lanes, Vectorised},
};
use profile::Shape;
use std::{borrow::Cow, marker::PhantomData, ops::Range};

/// Elements of K in a block. A group's matrices and the values that they are made from stay beside each
/// other in the second-level cache until all groups are made; smaller blocks would load and store the
/// results more often.
const BLOCK: usize = 128;

/// How the matrices' elements are made.
pub(crate) trait Generate: Send + Sync + 'static {
    /// Values kept for an element of all matrices.
    const VALUES: usize;
    /// Groups of matrices.
    const GROUPS: usize;
    /// Matrices of a group.
    const OF_GROUP: usize;
    /// Matrices in all.
    const MATRICES: usize = Self::GROUPS * Self::OF_GROUP;

    /// Makes the elements of each matrix of group `group`. Implementations are `#[inline(always)]`.
    ///
    /// # Safety
    /// `of` is as its fields say.
    unsafe fn make<L: Lanes>(group: usize, of: WeightBlock);
}

/// Elements of a panel's matrices, and what they are made from.
#[derive(Clone, Copy)]
pub(crate) struct WeightBlock {
    /// How many of K.
    pub count: usize,
    /// Channels of each.
    pub width: usize,
    /// Values: element by element, value by value, `width` channels.
    pub from: *const f32,
    /// The first matrix: element by element, `width` channels.
    pub to: *mut f32,
    /// Floats from one matrix to the next.
    pub pitch: usize,
}

/// As many matrices as `M` makes, and what it makes them from, packed.
pub(crate) struct Generated<M> {
    isa: Isa,
    packed: Packed,
    /// Biases of a panel.
    zeros: AlignedBuffer,
    tile: TileShape,
    /// Columns of a matrix: the elements of its rows.
    k: usize,
    /// Floats from a block of one matrix to that of the next.
    pitch: usize,
    maker: PhantomData<M>,
}

impl<M: Generate> Generated<M> {
    /// Packs `values`: output channels × (elements of K × values of each), which `rows` gives for the outputs
    /// it is asked for. They will be multiplied by at least `pixels` rows at a time.
    pub fn new(
        values: Shape,
        isa: Isa,
        pixels: usize,
        rows: impl Fn(Range<usize>) -> Tensor,
    ) -> Self {
        let tile = Self::tile(TileShape::of_isa(isa), pixels);
        let (k, width) = (values.c / M::VALUES, tile.widest * tile.lanes);
        Self {
            isa,
            tile,
            packed: Packed::of_rows(values, 1, tile, AlignedBuffer::zeros, |outputs| {
                Cow::Owned(vec![rows(outputs)])
            }),
            zeros: AlignedBuffer::zeros(width),
            k,
            pitch: odd_lines(BLOCK.min(k) * width),
            maker: PhantomData,
        }
    }

    /// The widest panels for which so many rows fetch ahead all that the next block is made from, as far as
    /// there are such. (With 48 channels, and a third fetched, 4 rows took up to half as long again as with
    /// 16, Zen 4.)
    fn tile(tile: TileShape, pixels: usize) -> TileShape {
        let fetch_all = |&vectors: &usize| {
            Self::fetched(tile, pixels, vectors) * M::MATRICES >= M::VALUES * vectors * tile.lanes
        };
        tile.within((1..=tile.vectors).rev().find(fetch_all).unwrap_or(1))
    }

    /// Floats for each element of K that a matrix fetches: no more than its part, nor than its strips can.
    fn fetched(tile: TileShape, pixels: usize, vectors: usize) -> usize {
        let part = (M::VALUES * vectors * tile.lanes).div_ceil(M::MATRICES);
        part.min(AHEAD * tile.strips(pixels, vectors))
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

    /// Floats of scratch memory that [`Self::run`] needs.
    pub const fn scratch(&self) -> usize {
        // One line more, to start on a line.
        LINE + M::OF_GROUP * self.pitch
    }

    /// Multiplies `rows` by some panels of each matrix.
    ///
    /// # Safety
    /// Each row has the inputs of all matrices behind its pointers, and room for their output
    /// channels; `scratch` holds [`Self::scratch`] floats.
    pub unsafe fn run(&self, panels: Range<usize>, rows: ProductRows, scratch: &mut [f32]) {
        let skip = scratch.as_ptr().align_offset(LINE * size_of::<f32>());
        let matrices = scratch[skip..].as_mut_ptr();
        let values =
            |panel: &PanelRef, k: usize| panel.weights.wrapping_add(k * M::VALUES * panel.width);
        let parts = self.k.div_ceil(BLOCK);
        let blocks = (0..parts).map(|i| cut(self.k, parts, i));
        for (block, index) in blocks.flat_map(|b| panels.clone().map(move |p| (b.clone(), p))) {
            let panel = self.packed.panel(index);
            // Each matrix fetches a part of what the next panel's are made from.
            let next = match index + 1 {
                next if next < panels.end => values(&self.packed.panel(next), block.start),
                _ => values(&self.packed.panel(panels.start), block.end),
            };
            let count = block.len() * Self::fetched(self.tile, rows.count, panel.vectors);
            for group in 0..M::GROUPS {
                let elements = WeightBlock {
                    count: block.len(),
                    width: panel.width,
                    from: values(&panel, block.start),
                    to: matrices,
                    pitch: self.pitch,
                };
                // The panel has all values of the block; a block of a matrix fits its pitch.
                self.isa.run(GenerateGroup::<M> { group, elements, maker: PhantomData });
                for i in 0..M::OF_GROUP {
                    let matrix = group * M::OF_GROUP + i;
                    let part = Panel {
                        vectors: panel.vectors,
                        channels: panel.channels,
                        weights: matrices.wrapping_add(i * self.pitch).cast_const(),
                        fetch: Some(Fetch { from: next.wrapping_add(matrix * count), count }),
                        bias: (block.start == 0).then_some(self.zeros.as_ptr()),
                        bounds: None,
                        segments: 1,
                        skip: matrix * rows.matrix_inputs + block.start,
                        len: block.len(),
                    };
                    let first = matrix * rows.matrix_outputs + panel.first_output;
                    let pixels = Pixels {
                        count: rows.count,
                        pointers: rows.pointers,
                        pitch: rows.count,
                        output: rows.output.wrapping_add(first),
                        stride: rows.stride,
                        added: None,
                    };
                    // SAFETY: the caller vouches for the rows; the block of the matrix was just made.
                    unsafe { tile::compute(self.isa, &part, &pixels) };
                }
            }
        }
    }
}

/// The making of a group's matrices, whose elements' maker keeps the contract of [`Generate::make`].
struct GenerateGroup<M> {
    group: usize,
    elements: WeightBlock,
    maker: PhantomData<M>,
}

impl<M: Generate> Vectorised for GenerateGroup<M> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: passed on from the maker.
        unsafe { M::make::<L>(self.group, self.elements) };
    }
}
