//! Depthwise convolution, a vector of channels at a time.
//!
//! ```text
//! for each slice of channels:                             (its input rows stay in the L1 cache)
//!     for each output row, for each block of up to 4 pixels in it:
//!         for each vector of channels:
//!             acc[b] ← bias
//!             for each kernel row and column inside the map:
//!                 acc[b] += input[b·stride + kx·dilation] · weight[ky][kx]
//!             output[b] ← acc[b]
//! ```
//!
//! A tap outside the map is skipped, never multiplied by zero: at the top and bottom whole kernel
//! rows are; at the left and right, pixels go one at a time with fewer columns. Everywhere else a
//! block's pixels share the loads of weights and of the inputs that their windows have in common.

#![expect(clippy::needless_range_loop, reason = "a block is read by its indices")]

use super::Conv2d;
use crate::{
    cpu::{Io, Kernel, Layout, Lines, Site, share},
    simd::{Isa, Lanes, Vectorised},
};
use std::ops::Range;

/// Output pixels of a full block.
const BLOCK: usize = 4;

/// Bytes of input rows that a slice of channels may have under one output row: what a first-level
/// cache keeps until the next row needs them again.
const SLICE_BYTES: usize = 24 << 10;

/// Channels that a slice has at least: two cache lines.
const SLICE: usize = 32;

/// Multiply-adds below which a task is not worth handing out (a few microseconds).
const TASK_MUL_ADDS: usize = 50_000;

/// Tasks a worker where the work allows.
const TASKS_PER_WORKER: usize = 4;

/// A depthwise convolution ready to run.
pub(super) struct Depthwise {
    isa: Isa,
    conv: Conv2d,
    input: Layout,
    output: Layout,
    /// For each vector of channels: biases, then one vector a tap.
    weights: Lines,
    /// The blocks of every output row.
    blocks: Vec<Block>,
    /// Channels of a slice, a multiple of the lanes.
    slice: usize,
    tasks: usize,
}

/// Neighbouring pixels of an output row under which the same kernel columns are inside the map.
struct Block {
    /// The first one.
    x: usize,
    /// How many, at most [`BLOCK`].
    pixels: usize,
    /// The kernel columns.
    taps: Range<usize>,
}

impl Depthwise {
    /// Packs the weights.
    pub fn prepare(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
        let output = site.output;
        let rows = output.shape.n * output.shape.h;
        let wanted = match site.threads {
            1 => 1,
            threads => threads * TASKS_PER_WORKER,
        };
        let worth = output.shape.elements() * conv.taps() / TASK_MUL_ADDS;
        Box::new(Self {
            isa: site.isa,
            conv: *conv,
            input: site.inputs[0],
            output,
            slice: slice(conv, site).next_multiple_of(site.isa.lanes()),
            weights: pack(conv, site),
            blocks: blocks(conv, site.inputs[0].shape.w, output.shape.w),
            tasks: wanted.min(worth).min(rows).max(1),
        })
    }
}

/// Channels whose inputs under one output row fit a first-level cache, shared out evenly.
fn slice(conv: &Conv2d, site: &Site<'_>) -> usize {
    let rows = (conv.kernel.0 - 1) * conv.dilation.0 + 1;
    let channel_bytes = rows * site.inputs[0].shape.w * size_of::<f32>();
    let most = (SLICE_BYTES / channel_bytes).max(SLICE);
    conv.out.div_ceil(conv.out.div_ceil(most))
}

/// The taps of a window along one axis that are inside a map of `len` pixels.
fn taps(
    output: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
    kernel: usize,
    len: usize,
) -> Range<usize> {
    let before =
        |place: usize| place.saturating_sub(output * stride).div_ceil(dilation).min(kernel);
    let (start, end) = (before(padding), before(padding + len));
    start..end.max(start)
}

/// Cuts a row of `width` output pixels over `len` input pixels into blocks.
fn blocks(conv: &Conv2d, len: usize, width: usize) -> Vec<Block> {
    let taps = |x| taps(x, conv.stride.1, conv.padding.1, conv.dilation.1, conv.kernel.1, len);
    let mut blocks = Vec::new();
    let mut x = 0;
    while x < width {
        let same = (x..width).take_while(|&other| taps(other) == taps(x)).count();
        let count = same.div_ceil(BLOCK);
        blocks.extend((0..count).map(|i| {
            let part = share(same, count, i);
            Block { x: x + part.start, pixels: part.len(), taps: taps(x) }
        }));
        x += same;
    }
    blocks
}

/// For each vector of channels: biases, then one vector a tap.
fn pack(conv: &Conv2d, site: &Site<'_>) -> Lines {
    let (lanes, taps) = (site.isa.lanes(), conv.taps());
    let mut packed = Lines::zeros(conv.out.next_multiple_of(lanes) * (1 + taps));
    let of = packed.as_mut_slice();
    for c in 0..conv.out {
        let at = c / lanes * (1 + taps) * lanes + c % lanes;
        of[at] = site.weights.get(1).map_or(0.0, |bias| bias.data()[c]);
        for tap in 0..taps {
            of[at + (1 + tap) * lanes] = site.weights[0].data()[c * taps + tap];
        }
    }
    packed
}

impl Kernel for Depthwise {
    fn tasks(&self) -> usize {
        self.tasks
    }

    fn bytes(&self) -> usize {
        self.weights.len() * size_of::<f32>()
    }

    unsafe fn run(&self, io: &Io, task: usize, _: &mut [f32]) {
        let rows = self.output.shape.n * self.output.shape.h;
        let rows = share(rows, self.tasks, task);
        self.isa.run(Rows { of: self, rows, io });
    }
}

/// Output rows of [`Kernel::run`], whose contract its maker keeps.
struct Rows<'a> {
    of: &'a Depthwise,
    rows: Range<usize>,
    io: &'a Io,
}

impl Vectorised for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { of, rows, io } = self;
        for start in (0..of.conv.out).step_by(of.slice) {
            let channels = start..(start + of.slice).min(of.conv.out);
            for row in rows.clone() {
                // SAFETY: passed on from the caller.
                unsafe { of.row::<L>(io, row, channels.clone()) };
            }
        }
    }
}

impl Depthwise {
    /// Computes `channels` of output row `row`, counted over all images. `channels` start at a
    /// vector's first one.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn row<L: Lanes>(&self, io: &Io, row: usize, channels: Range<usize>) {
        let (conv, input, output) = (&self.conv, self.input, self.output);
        let (n, y) = (row / output.shape.h, row % output.shape.h);
        let (stride, padding, dilation) = (conv.stride.0, conv.padding.0, conv.dilation.0);
        let ky = taps(y, stride, padding, dilation, conv.kernel.0, input.shape.h);
        let top = (y * stride + ky.start * dilation).saturating_sub(padding);
        for block in &self.blocks {
            let kx = &block.taps;
            let left = block.x * conv.stride.1 + kx.start * conv.dilation.1;
            // Where no tap is inside the map, nothing will be read: any place will do.
            let first = input.offset(n, top, left.saturating_sub(conv.padding.1));
            let to = output.offset(n, y, block.x) + channels.start;
            let window = Window {
                input: io.inputs[0].wrapping_add(first + channels.start),
                input_pixel: input.pixel,
                input_row: dilation * input.shape.w * input.pixel,
                output: io.output.wrapping_add(to),
                output_pixel: output.pixel,
                weights: self.weights.as_ptr().wrapping_add(channels.start * (1 + conv.taps())),
                taps: conv.taps(),
                kernel_row: conv.kernel.1,
                first_tap: ky.start * conv.kernel.1 + kx.start,
                rows: ky.len(),
                columns: kx.len(),
                stride: conv.stride.1,
                dilation: conv.dilation.1,
                channels: channels.len(),
            };
            // SAFETY: the window's taps are inside the map, the block's pixels inside the output,
            // and the caller vouches for both.
            unsafe { window.compute::<L>(block.pixels) };
        }
    }
}

/// The taps under one block of pixels.
#[derive(Clone, Copy)]
struct Window {
    /// The first channel under the first tap of the first pixel.
    input: *const f32,
    /// Elements from one input pixel to the next.
    input_pixel: usize,
    /// Elements from one kernel row to the next.
    input_row: usize,
    /// The first channel of the first pixel.
    output: *mut f32,
    /// Elements from one output pixel to the next.
    output_pixel: usize,
    /// Packed weights of the channels.
    weights: *const f32,
    /// Taps of the kernel.
    taps: usize,
    /// Taps of one of its rows.
    kernel_row: usize,
    /// The first tap inside the map.
    first_tap: usize,
    /// Kernel rows inside the map.
    rows: usize,
    /// Kernel columns inside the map.
    columns: usize,
    /// Input pixels from one output pixel's window to the next.
    stride: usize,
    /// Input pixels from one kernel column to the next.
    dilation: usize,
    /// How many channels.
    channels: usize,
}

impl Window {
    /// Computes `pixels <= BLOCK` output pixels. Common kernels get constants for loops to unroll
    /// by, so that the compiler sees which inputs neighbouring windows have in common.
    ///
    /// # Safety
    /// All taps and pixels are inside their maps.
    #[inline(always)]
    unsafe fn compute<L: Lanes>(self, pixels: usize) {
        let constants = |columns, stride| Self { columns, stride, dilation: 1, ..self };
        // SAFETY: passed on from the caller; constants are the values that were there.
        unsafe {
            match (pixels, self.columns, self.stride, self.dilation) {
                (4, 3, 1, 1) => constants(3, 1).pixels::<L, 4>(),
                (4, 3, 2, 1) => constants(3, 2).pixels::<L, 4>(),
                (4, 5, 1, 1) => constants(5, 1).pixels::<L, 4>(),
                (4, 5, 2, 1) => constants(5, 2).pixels::<L, 4>(),
                (4, 7, 1, 1) => constants(7, 1).pixels::<L, 4>(),
                (4, 7, 2, 1) => constants(7, 2).pixels::<L, 4>(),
                (3, 3, 1, 1) => constants(3, 1).pixels::<L, 3>(),
                (3, 3, 2, 1) => constants(3, 2).pixels::<L, 3>(),
                (2, 3, 1, 1) => constants(3, 1).pixels::<L, 2>(),
                (1, 2, _, 1) => constants(2, 1).pixels::<L, 1>(),
                (4, ..) => self.pixels::<L, 4>(),
                (3, ..) => self.pixels::<L, 3>(),
                (2, ..) => self.pixels::<L, 2>(),
                _ => self.pixels::<L, 1>(),
            }
        }
    }

    /// Computes `B` output pixels over all channels.
    ///
    /// # Safety
    /// All taps and pixels are inside their maps.
    #[inline(always)]
    unsafe fn pixels<L: Lanes, const B: usize>(self) {
        let vectors = self.channels / L::N;
        for v in 0..vectors {
            // SAFETY: there are at least (v + 1)·N channels.
            unsafe { self.vector::<L, B>(v, |p| L::load(p), |x, p| x.store(p)) };
        }
        let rest = self.channels % L::N;
        if rest > 0 {
            // SAFETY: `rest` channels stand behind those of whole vectors.
            unsafe {
                self.vector::<L, B>(
                    vectors,
                    |p| L::load_first(p, rest),
                    |x, p| x.store_first(p, rest),
                );
            }
        }
    }

    /// Computes vector `v` of the channels of `B` output pixels.
    ///
    /// # Safety
    /// All taps and pixels are inside their maps; `load` and `store` touch no channel that is not
    /// there.
    #[inline(always)]
    unsafe fn vector<L: Lanes, const B: usize>(
        &self,
        v: usize,
        load: impl Fn(*const f32) -> L,
        store: impl Fn(L, *mut f32),
    ) {
        // SAFETY: a vector of channels has `1 + taps` vectors of weights; the caller vouches for
        // inputs and outputs. Pointers beyond the last kernel row are made, but not used.
        unsafe {
            let weights = self.weights.add(v * (1 + self.taps) * L::N);
            let mut acc = [L::load(weights); B];
            let mut row = self.input.wrapping_add(v * L::N);
            let mut tap = weights.wrapping_add((1 + self.first_tap) * L::N);
            for _ in 0..self.rows {
                for kx in 0..self.columns {
                    let weight = L::load(tap.add(kx * L::N));
                    for b in 0..B {
                        let pixel = b * self.stride + kx * self.dilation;
                        acc[b] = acc[b].fma(load(row.add(pixel * self.input_pixel)), weight);
                    }
                }
                row = row.wrapping_add(self.input_row);
                tap = tap.wrapping_add(self.kernel_row * L::N);
            }
            for b in 0..B {
                store(acc[b], self.output.add(b * self.output_pixel + v * L::N));
            }
        }
    }
}
