//! Weights in the order in which tiles read them.
//!
//! Output channels of a group are cut into panels of as many as a tile has, the last one narrower
//! or wider by whole vectors. A panel is stored k by k, each k a few vectors: `[group][panel][k][channel]`,
//! where k counts kernel row, kernel column and input channel, the last fastest. Channels that fill
//! up a last vector are zero.

use super::tile::TileShape;
use crate::{Tensor, Weights, cpu::AlignedBuffer};
use profile::Shape;
use std::{borrow::Cow, ops::Range};

/// Packed weights and biases.
pub(super) struct Packed {
    weights: AlignedBuffer,
    biases: AlignedBuffer,
    groups: usize,
    /// Panels a group.
    panels: usize,
    /// Output channels a group.
    channels: usize,
    /// Products summed into an output element.
    k: usize,
    tile: TileShape,
}

/// Where one panel is and what it holds.
#[derive(Clone, Copy)]
pub(super) struct PanelRef {
    /// Vectors of output channels.
    pub vectors: usize,
    /// Lanes of all of them.
    pub width: usize,
    /// Output channels that are not filling.
    pub channels: usize,
    /// The first one's index among all output channels.
    pub first_output: usize,
    /// Its weights.
    pub weights: *const f32,
    /// Its biases.
    pub bias: *const f32,
}

/// Panels for `vectors` of output channels.
const fn panels(vectors: usize, tile: TileShape) -> usize {
    let joins = vectors % tile.vectors == 1 && vectors > 1 && tile.widest > tile.vectors;
    vectors.div_ceil(tile.vectors) - joins as usize
}

impl Packed {
    /// Packs the kernel (O×I×KH×KW) and biases of a convolution in `groups`.
    pub fn new(weights: &Weights<'_>, groups: usize, tile: TileShape) -> Self {
        let kernel = weights.kernel().unwrap_or(Shape::features(0, 0));
        // A linear operator's, and those of a convolution of one pixel, are read once a run.
        let lines = if kernel.area() == 1 { AlignedBuffer::streamed } else { AlignedBuffer::zeros };
        Self::of_rows(kernel, groups, tile, lines, |outputs| weights.of_outputs(outputs))
    }

    /// Packs a kernel of shape `s`, into `lines`, and biases; `rows` gives both for the outputs it is asked
    /// for, at least.
    pub fn of_rows<'w>(
        s: Shape,
        groups: usize,
        tile: TileShape,
        lines: fn(usize) -> AlignedBuffer,
        rows: impl Fn(Range<usize>) -> Cow<'w, [Tensor]>,
    ) -> Self {
        let channels = s.n / groups;
        let padded = channels.next_multiple_of(tile.lanes);
        let k = s.c * s.h * s.w;
        let mut packed = Self {
            weights: lines(groups * padded * k),
            biases: AlignedBuffer::zeros(groups * padded),
            groups,
            panels: panels(channels.div_ceil(tile.lanes), tile),
            channels,
            k,
            tile,
        };
        for panel in 0..packed.panels() {
            packed.fill(panel, &rows);
        }
        packed
    }

    /// Fills one panel.
    fn fill<'w>(&mut self, panel: usize, rows: impl Fn(Range<usize>) -> Cow<'w, [Tensor]>) {
        let (at, bias_at) = self.offsets(panel);
        let p = self.panel(panel);
        let outputs = p.first_output..p.first_output + p.channels;
        let weights = rows(outputs.clone());
        for (lane, o) in outputs.enumerate() {
            // An output's weights are stored kernel row, kernel column, input channel already.
            let source = weights[0].row(o);
            let target = self.weights.as_mut_slice()[at + lane..].iter_mut().step_by(p.width);
            target.zip(source).for_each(|(t, s)| *t = *s);
            self.biases.as_mut_slice()[bias_at + lane] =
                weights.get(1).map_or(0.0, |b| b.data()[o]);
        }
    }

    /// Offsets of a panel's weights and biases.
    fn offsets(&self, panel: usize) -> (usize, usize) {
        let (group, panel) = (panel / self.panels, panel % self.panels);
        let padded = self.channels.next_multiple_of(self.tile.lanes);
        let bias = group * padded + panel * self.tile.width();
        (bias * self.k, bias)
    }

    /// Panel `panel` of all groups'.
    pub fn panel(&self, panel: usize) -> PanelRef {
        let (weights, bias) = self.offsets(panel);
        let (group, panel) = (panel / self.panels, panel % self.panels);
        let first = panel * self.tile.width();
        let rest = self.channels - first;
        let channels = if panel + 1 == self.panels { rest } else { self.tile.width() };
        let vectors = channels.div_ceil(self.tile.lanes);
        PanelRef {
            vectors,
            width: vectors * self.tile.lanes,
            channels,
            first_output: group * self.channels + first,
            // The offsets lie inside, whatever the panel.
            weights: self.weights.as_ptr().wrapping_add(weights),
            bias: self.biases.as_ptr().wrapping_add(bias),
        }
    }

    /// Products summed into an output element.
    pub const fn k(&self) -> usize {
        self.k
    }

    /// Panels of all groups.
    pub const fn panels(&self) -> usize {
        self.groups * self.panels
    }

    /// Panels of a group.
    pub const fn panels_of_group(&self) -> usize {
        self.panels
    }

    /// Output channels of a group.
    pub const fn channels_of_group(&self) -> usize {
        self.channels
    }

    /// Output channels of some of a group's panels.
    pub const fn channels(&self, panels: &Range<usize>) -> Range<usize> {
        let width = self.tile.width();
        let end = if panels.end == self.panels { self.channels } else { panels.end * width };
        panels.start * width..end
    }

    /// Bytes that it keeps.
    pub fn bytes(&self) -> usize {
        (self.weights.len() + self.biases.len()) * size_of::<f32>()
    }
}
