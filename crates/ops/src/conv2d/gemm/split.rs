//! How the work is cut: output pixels into strips, strips and panels into tasks, K into blocks.

use super::{rows::Rows, tile::TileShape};
use crate::cpu::share;
use std::ops::Range;

/// Bytes of input that the strips of a task may cover: about half of a second-level cache, so that
/// they are still there for the next panel.
const INPUT_BYTES: usize = 192 << 10;

/// Bytes of a panel's weights in a block of K: about half of a first-level cache, so that they are
/// still there for the next strip.
const WEIGHT_BYTES: usize = 16 << 10;

/// Multiply-adds below which a task is not worth handing out (a few microseconds).
const TASK_MUL_ADDS: usize = 200_000;

/// Tasks a worker where the work allows: enough to even out unequal workers.
const TASKS_PER_WORKER: usize = 4;

/// A cut of `pixels` × `panels` into tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Split {
    pixels: usize,
    panels: usize,
    /// Strips in all.
    strips: usize,
    /// Chunks of strips.
    strip_chunks: usize,
    /// Chunks of panels.
    panel_chunks: usize,
}

/// What there is to cut.
pub(super) struct Work {
    /// Output pixels.
    pub pixels: usize,
    /// Panels of all groups.
    pub panels: usize,
    /// Products of one output element.
    pub k: usize,
    /// Bytes of input that an output pixel adds to what its neighbours read.
    pub pixel_bytes: usize,
    /// Workers.
    pub threads: usize,
}

impl Split {
    /// Strips as even as can be, none higher than a tile. Strips are chunked for the cache first;
    /// then, for several workers, whichever of strips and panels has less to be read twice.
    pub fn new(work: &Work, tile: TileShape) -> Self {
        let strips = work.pixels.div_ceil(tile.rows).max(1);
        let cached = (INPUT_BYTES / (work.pixel_bytes * tile.rows)).max(8);
        let mut split = Self {
            pixels: work.pixels,
            panels: work.panels,
            strips,
            strip_chunks: strips.div_ceil(cached),
            panel_chunks: 1,
        };
        let mul_adds = work.pixels * work.panels * tile.width() * work.k;
        let wanted = (work.threads * TASKS_PER_WORKER).min(mul_adds / TASK_MUL_ADDS);
        if work.threads > 1 && split.tasks() < wanted {
            let weight_bytes = work.panels * tile.width() * work.k * size_of::<f32>();
            if weight_bytes > work.pixels * work.pixel_bytes {
                split.panel_chunks = wanted.div_ceil(split.strip_chunks).min(work.panels);
            }
            let more = wanted.div_ceil(split.panel_chunks);
            split.strip_chunks = split.strip_chunks.max(more.min(strips));
        }
        split
    }

    /// Tasks in all.
    pub const fn tasks(&self) -> usize {
        self.strip_chunks * self.panel_chunks
    }

    /// The strips and panels of a task. Neighbouring tasks share panels.
    pub const fn task(&self, task: usize) -> (Range<usize>, Range<usize>) {
        let (panels, strips) = (task / self.strip_chunks, task % self.strip_chunks);
        (
            share(self.strips, self.strip_chunks, strips),
            share(self.panels, self.panel_chunks, panels),
        )
    }

    /// Pixels of the largest chunk of strips.
    pub const fn chunk_pixels(&self) -> usize {
        self.pixels.div_ceil(self.strips) * self.strips.div_ceil(self.strip_chunks)
    }

    /// The first pixel of strip `strip`.
    pub const fn first_pixel(&self, strip: usize) -> usize {
        share(self.pixels, self.strips, strip).start
    }

    /// `strips` as runs of equal height: where each starts, how many strips, how high.
    pub fn runs(&self, strips: Range<usize>) -> impl Iterator<Item = Run> {
        let higher = self.pixels % self.strips;
        let (low, runs) = (self.pixels / self.strips, [0..higher, higher..self.strips]);
        runs.into_iter().zip([low + 1, low]).filter_map(move |(run, rows)| {
            let (start, end) = (run.start.max(strips.start), run.end.min(strips.end));
            (start < end && rows > 0).then_some(Run { strips: start..end, rows })
        })
    }
}

/// Consecutive strips of one height.
pub(super) struct Run {
    /// The strips.
    pub strips: Range<usize>,
    /// Pixels in each.
    pub rows: usize,
}

/// Part of the products: some segments whole, or some of the elements of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Segments.
    pub segments: Range<usize>,
    /// Elements of each.
    pub elements: Range<usize>,
}

/// Cuts K so that a block of a panel's weights stays in the first-level cache.
pub(super) fn blocks(rows: &Rows, tile: TileShape) -> Vec<Block> {
    let (segments, len) = (rows.segments(), rows.len());
    let most = WEIGHT_BYTES / (tile.width() * size_of::<f32>());
    if len > most {
        let parts = len.div_ceil(most);
        let of_segment = |s| (0..parts).map(move |i| (s..s + 1, share(len, parts, i)));
        (0..segments)
            .flat_map(of_segment)
            .map(|(segments, elements)| Block { segments, elements })
            .collect()
    } else {
        let parts = segments.div_ceil(most / len);
        (0..parts)
            .map(|i| Block { segments: share(segments, parts, i), elements: 0..len })
            .collect()
    }
}
