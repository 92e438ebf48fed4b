//! How the work is cut: output pixels and panels into tasks, K into blocks.

use super::tile::{TileShape, UNROLL};
use crate::cpu::{
    Cut, Grid,
    machine::{L1, L2},
    tasks_for,
};
use std::ops::Range;

/// Bytes of input and output that the strips of a task may cover: about half of a second-level
/// cache, so that they are still there for the next panel, which reads the same inputs and writes
/// into the same cache lines.
const PIXEL_BYTES: usize = L2 / 2;

/// Bytes of the pointers of a task's pixels: they should not push inputs out of the first-level
/// cache.
const POINTER_BYTES: usize = L1 / 2;

/// Bytes of a panel's weights in a block of K. They stay in the second-level cache, from which they
/// stream as fast as multiply-adds take them; smaller blocks, which the first level would hold, load
/// and store all sums more often (16 KiB: up to 5 % slower networks on Zen 3, 2026-11-25).
const WEIGHT_BYTES: usize = L1 * 3 / 2;

/// Multiply-adds below which a task is not worth handing out (a few microseconds).
const TASK_MUL_ADDS: usize = 200_000;

/// A cut of pixels and panels into tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Split {
    pixels: usize,
    /// Pixels of a tile: chunks are multiples of it.
    rows: usize,
    /// Strips of so many pixels, and panels. Neighbouring tasks share panels.
    grid: Grid,
}

/// What there is to cut.
pub(super) struct Work {
    /// Output pixels.
    pub pixels: usize,
    /// Panels of all groups.
    pub panels: usize,
    /// Products of one output element.
    pub k: usize,
    /// Segments in which they lie.
    pub segments: usize,
    /// Bytes of input that an output pixel adds to what its neighbours read.
    pub pixel_bytes: usize,
    /// Bytes of an output pixel.
    pub output_bytes: usize,
    /// Workers.
    pub threads: usize,
}

impl Split {
    /// Pixels are chunked for the cache first; then, for several workers, whichever of pixels and
    /// panels has less to be read twice.
    pub fn new(work: &Work, tile: TileShape) -> Self {
        let rows = tile.rows(tile.vectors);
        let strips = work.pixels.div_ceil(rows);
        let of_pixel = work.segments * size_of::<*const f32>();
        let cached = (PIXEL_BYTES / (work.pixel_bytes + work.output_bytes))
            .min(POINTER_BYTES / of_pixel)
            / rows;
        let (mut pixel_chunks, mut panel_chunks) = (strips.max(1).div_ceil(cached.max(8)), 1);
        let mul_adds = work.pixels * work.panels * tile.width() * work.k;
        let wanted = tasks_for(work.threads, mul_adds, TASK_MUL_ADDS);
        if pixel_chunks < wanted {
            let weight_bytes = work.panels * tile.width() * work.k * size_of::<f32>();
            if weight_bytes > work.pixels * work.pixel_bytes {
                panel_chunks = wanted.div_ceil(pixel_chunks).min(work.panels);
            }
            let more = wanted.div_ceil(panel_chunks);
            pixel_chunks = pixel_chunks.max(more.min(strips));
        }
        let inner = Cut::new(strips, pixel_chunks);
        let grid = Grid { inner, outer: Cut::new(work.panels, panel_chunks) };
        Self { pixels: work.pixels, rows, grid }
    }

    /// Tasks in all.
    pub const fn tasks(&self) -> usize {
        self.grid.tasks()
    }

    /// The pixels and panels of a task.
    pub fn task(&self, task: usize) -> (Range<usize>, Range<usize>) {
        let (strips, panels) = self.grid.task(task);
        (strips.start * self.rows..(strips.end * self.rows).min(self.pixels), panels)
    }

    /// Pixels of the largest chunk.
    pub const fn chunk_pixels(&self) -> usize {
        self.grid.inner.largest() * self.rows
    }
}

/// Part of the products: some segments whole, or some of the elements of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Segments.
    pub segments: Range<usize>,
    /// Elements of each.
    pub elements: Range<usize>,
}

/// Part `i` of `len` elements of K in `parts`: steps that a tile takes at once stay together.
pub(super) fn cut(len: usize, parts: usize, i: usize) -> Range<usize> {
    let steps = Cut::new(len.div_ceil(UNROLL), parts).part(i);
    steps.start * UNROLL..(steps.end * UNROLL).min(len)
}

/// Cuts K, `segments` of `len` elements, so that a block of a panel's weights stays in the
/// second-level cache.
pub(super) fn blocks(segments: usize, len: usize, tile: TileShape) -> Vec<Block> {
    let most = WEIGHT_BYTES / (tile.width() * size_of::<f32>());
    if len > most {
        let parts = len.div_ceil(most);
        let of_segment = |s| (0..parts).map(move |i| (s..s + 1, cut(len, parts, i)));
        (0..segments)
            .flat_map(of_segment)
            .map(|(segments, elements)| Block { segments, elements })
            .collect()
    } else {
        let cut = Cut::new(segments, segments.div_ceil(most / len));
        cut.all().map(|segments| Block { segments, elements: 0..len }).collect()
    }
}
