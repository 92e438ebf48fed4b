//! Depthwise: output pixels a stride apart gather the same taps, of input pixels that are neighbours.
//!
//! ```text
//! for each output row, for each block of pixels of one phase:
//!     for each vector of channels:
//!         acc[b] ← bias
//!         for each tap of the row, for each tap of the phase's columns: acc[b] += x[b] · weight
//!         y[b] ← clamp(acc[b])
//! ```

#![expect(clippy::needless_range_loop, reason = "sums are read by their indices")]

use super::super::definition::{Axis, ConvTranspose2d};
use crate::{
    cpu::{
        AlignedBuffer, Bounds, Cut, Io, Kernel, Layout, ParallelFor, PerVector, Site, each_vector,
        parallel_for,
    },
    simd::Lanes,
};
use std::ops::Range;

/// The kernel, ready to run; the convolution is depthwise.
pub(super) fn prepare(op: &ConvTranspose2d, site: &Site<'_>) -> Box<dyn Kernel> {
    let (x, y, c) = (site.inputs[0], site.output, op.out);
    let [vertical, horizontal] = op.axes(x.shape);
    let weights = site.weights.all();
    let mut packed = AlignedBuffer::zeros((1 + op.kernel.0 * op.kernel.1) * c);
    let (bias, taps) = packed.as_mut_slice().split_at_mut(c);
    if let Some(values) = weights.get(1) {
        bias.copy_from_slice(values.data());
    }
    let all = (0..op.kernel.0).flat_map(|ky| (0..op.kernel.1).map(move |kx| (ky, kx)));
    for ((ky, kx), of_tap) in all.zip(taps.chunks_exact_mut(c)) {
        of_tap.iter_mut().enumerate().for_each(|(o, w)| *w = weights[0].at([o, 0, ky, kx]) as f32);
    }
    let (columns, stride) = (taps_of(horizontal, y.shape.w, c, x.pixel), horizontal.stride);
    let gather = Gather {
        x,
        y,
        weights: packed,
        rows: taps_of(vertical, y.shape.h, op.kernel.1 * c, x.shape.w * x.pixel),
        blocks: blocks(&columns, stride, x.pixel),
        step: stride * y.pixel,
        bounds: Bounds::of(site.epilogue),
    };
    let floats = 2 * y.shape.w * c;
    parallel_for(gather, site.isa, Cut::for_workers(y.shape.n * y.shape.h, floats, site.threads))
}

/// Taps along an axis: elements from the kernel's first, and from the map's first to what is under it.
type Taps = Vec<(usize, usize)>;

/// Those of all `count` output rows or columns, with so many elements to a tap and to a pixel.
fn taps_of(axis: Axis, count: usize, tap: usize, pixel: usize) -> Vec<Taps> {
    (0..count).map(|i| axis.taps(i).map(|(k, at)| (k * tap, at * pixel)).collect()).collect()
}

/// Output pixels of a full block.
const BLOCK: usize = 4;

/// Output pixels a stride apart that have the same taps, each over the pixel behind that of the one before.
struct Block {
    /// The first one's column.
    first: usize,
    /// How many, at most [`BLOCK`].
    pixels: usize,
    /// Those of the first.
    taps: Taps,
}

/// The blocks of a row, whose columns have these taps; input pixels are `pixel` elements apart.
fn blocks(columns: &[Taps], stride: usize, pixel: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for phase in 0..stride.min(columns.len()) {
        let mut open: Option<Block> = None;
        for (first, taps) in columns.iter().enumerate().skip(phase).step_by(stride) {
            let goes_on = |block: &Block| {
                let next = block.taps.iter().map(|&(tap, at)| (tap, at + block.pixels * pixel));
                block.pixels < BLOCK && next.eq(taps.iter().copied())
            };
            match open.as_mut().filter(|block| goes_on(block)) {
                Some(block) => block.pixels += 1,
                None => {
                    blocks.extend(open.replace(Block { first, pixels: 1, taps: taps.clone() }));
                }
            }
        }
        blocks.extend(open);
    }
    // In the order in which they lie in memory.
    blocks.sort_by_key(|block| block.first);
    blocks
}

struct Gather {
    x: Layout,
    y: Layout,
    /// Biases, then the channels of each tap.
    weights: AlignedBuffer,
    /// Of each output row.
    rows: Vec<Taps>,
    /// Of every output row.
    blocks: Vec<Block>,
    /// Elements from an output pixel of a block to the next.
    step: usize,
    bounds: Bounds,
}

impl ParallelFor for Gather {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let channels = self.y.shape.c;
        for item in items {
            let (image, row) = (item / self.y.shape.h, item % self.y.shape.h);
            for block in &self.blocks {
                // SAFETY: the caller vouches for the operands; taps are rows and columns of the input.
                unsafe {
                    let pixels = PixelsOfBlock {
                        bias: self.weights.as_ptr(),
                        kernel: self.weights.as_ptr().add(channels),
                        x: io.inputs[0].add(self.x.offset(image, 0, 0)),
                        pixel: self.x.pixel,
                        y: io.output.add(self.y.offset(image, row, block.first)),
                        step: self.step,
                        rows: &self.rows[row],
                        columns: &block.taps,
                        bounds: self.bounds,
                    };
                    match block.pixels {
                        4 => each_vector::<L>(channels, Together::<4>(pixels)),
                        3 => each_vector::<L>(channels, Together::<3>(pixels)),
                        2 => each_vector::<L>(channels, Together::<2>(pixels)),
                        _ => each_vector::<L>(channels, Together::<1>(pixels)),
                    }
                }
            }
        }
    }
}

/// What the pixels of a block are summed from, and where they go: by value, so that no store seems to change it.
#[derive(Clone, Copy)]
struct PixelsOfBlock<'a> {
    bias: *const f32,
    kernel: *const f32,
    /// The image's first pixel, and elements from one to the next.
    x: *const f32,
    pixel: usize,
    /// The first output pixel, and elements to the next of the block.
    y: *mut f32,
    step: usize,
    rows: &'a [(usize, usize)],
    columns: &'a [(usize, usize)],
    bounds: Bounds,
}

/// A block of `B` pixels.
#[derive(Clone, Copy)]
struct Together<'a, const B: usize>(PixelsOfBlock<'a>);

impl<const B: usize> PerVector for Together<'_, B> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        let PixelsOfBlock { bias, kernel, x, pixel, y, step, rows, columns, bounds } = self.0;
        // SAFETY: `Gather` makes it of taps and of pixels of the maps, whose channels are the run.
        unsafe {
            let mut sums = [L::load_up_to(bias.add(at), n); B];
            for &(row_tap, row) in rows {
                for &(tap, column) in columns {
                    let weight = L::load_up_to(kernel.add(row_tap + tap + at), n);
                    let x = x.add(row + column + at);
                    for b in 0..B {
                        sums[b] = sums[b].fma(L::load_up_to(x.add(b * pixel), n), weight);
                    }
                }
            }
            for (b, sum) in sums.into_iter().enumerate() {
                bounds.clamp(sum).store_up_to(y.add(b * step + at), n);
            }
        }
    }
}
