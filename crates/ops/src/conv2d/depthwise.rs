//! Depthwise convolution, a vector of channels at a time.
//!
//! ```text
//! for each slice of channels:                      (the input rows of a band stay in the L2 cache)
//!     for each band of up to 2 output rows, for each block of up to 4 pixels across:
//!         for each vector of channels:
//!             acc[i][b] ← bias
//!             for each input row r under the band, for each of its output rows i:
//!                 ky = r − i·stride; where that is a kernel row, for each column kx inside the map:
//!                     acc[i][b] += input[r][b·stride + kx·dilation] · weight[ky][kx]
//!             output[i][b] ← clamp(acc[i][b])
//! ```
//!
//! A tap outside the map is skipped, never multiplied by zero: at the top and bottom whole kernel
//! rows are; at the left and right, pixels go one at a time with fewer columns. Everywhere else a
//! block's pixels share the loads of weights and of the inputs that their windows have in common,
//! and eight sums in flight hide the latency of a multiply-add. Channels that are no whole number of
//! vectors end with a vector that overlaps the one before.

#![expect(clippy::needless_range_loop, reason = "a block is read by its indices")]

use super::Conv2d;
use crate::{
    cpu::{Bounds, Io, Kernel, Layout, Lines, Site, share},
    simd::{Isa, Lanes, Vectorised},
};
use std::ops::Range;

/// Output pixels across a full block.
const BLOCK: usize = 4;

/// Output rows of a full band.
const BAND: usize = 2;

/// Bytes of input that a slice of channels may have under one band: what a second-level cache keeps
/// until the next band needs half of it again.
const SLICE_BYTES: usize = 256 << 10;

/// Bytes of weights that a slice may have: about half of a first-level cache, so that they are still
/// there for the next block.
const WEIGHT_BYTES: usize = 12 << 10;

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
    bounds: Bounds,
    /// For each vector of channels: biases, then one vector a tap.
    weights: Lines,
    /// The blocks of every output row.
    blocks: Vec<Block>,
    /// Output rows of a band.
    band: usize,
    /// Slices of the channels' vectors.
    slices: usize,
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
        let band = band(conv);
        let bands = output.shape.n * output.shape.h.div_ceil(band);
        let wanted = match site.threads {
            1 => 1,
            threads => threads * TASKS_PER_WORKER,
        };
        let worth = output.shape.elements() * conv.taps() / TASK_MUL_ADDS;
        let wanted = wanted.min(worth).max(1);
        let slices = slices(conv, site).max(wanted.div_ceil(bands));
        let slices = slices.min(conv.out.div_ceil(SLICE));
        Box::new(Self {
            isa: site.isa,
            conv: *conv,
            input: site.inputs[0],
            output,
            bounds: Bounds::of(site.epilogue),
            weights: pack(conv, site),
            blocks: blocks(conv, site.inputs[0].shape.w, output.shape.w),
            band,
            slices,
            tasks: wanted.min(bands * slices),
        })
    }

    /// Bands of all images.
    const fn bands(&self) -> usize {
        self.output.shape.n * self.output.shape.h.div_ceil(self.band)
    }

    /// Vectors of channels.
    const fn vectors(&self, lanes: usize) -> usize {
        self.conv.out.div_ceil(lanes)
    }
}

/// Output rows of a band: several where each has a kernel row inside the map, undilated, so that
/// kernel rows of all fall on the same input rows.
const fn band(conv: &Conv2d) -> usize {
    if conv.padding.0 < conv.kernel.0 && conv.dilation.0 == 1 { BAND } else { 1 }
}

/// Slices of channels whose inputs under a band, and whose weights, stay in their caches.
fn slices(conv: &Conv2d, site: &Site<'_>) -> usize {
    let rows = (band(conv) - 1) * conv.stride.0 + (conv.kernel.0 - 1) * conv.dilation.0 + 1;
    let channels = conv.out * size_of::<f32>();
    let inputs = rows * site.inputs[0].shape.w * channels;
    inputs.div_ceil(SLICE_BYTES).max(((1 + conv.taps()) * channels).div_ceil(WEIGHT_BYTES))
}

/// The first channel of vector `v` of `lanes`: the last vector overlaps the one before.
const fn first_channel(v: usize, lanes: usize, channels: usize) -> usize {
    let last = channels.saturating_sub(lanes);
    if v * lanes < last { v * lanes } else { last }
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
    let vectors = conv.out.div_ceil(lanes);
    let mut packed = Lines::zeros(vectors * lanes * (1 + taps));
    for v in 0..vectors {
        let of = &mut packed.as_mut_slice()[v * lanes * (1 + taps)..];
        let first = first_channel(v, lanes, conv.out);
        for (lane, c) in (first..conv.out).take(lanes).enumerate() {
            of[lane] = site.weights.get(1).map_or(0.0, |bias| bias.data()[c]);
            for tap in 0..taps {
                of[(1 + tap) * lanes + lane] = site.weights[0].data()[c * taps + tap];
            }
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
        let items = share(self.bands() * self.slices, self.tasks, task);
        self.isa.run(Bands { of: self, items, io });
    }
}

/// Bands of slices, slice by slice, of [`Kernel::run`], whose contract its maker keeps.
struct Bands<'a> {
    of: &'a Depthwise,
    items: Range<usize>,
    io: &'a Io,
}

impl Vectorised for Bands<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { of, items, io } = self;
        for item in items {
            let (slice, band) = (item / of.bands(), item % of.bands());
            let vectors = share(of.vectors(L::N), of.slices, slice);
            // SAFETY: passed on from the caller.
            unsafe { of.band::<L>(io, band, vectors) };
        }
    }
}

impl Depthwise {
    /// Computes `vectors` of the channels of band `band`, counted over all images.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn band<L: Lanes>(&self, io: &Io, band: usize, vectors: Range<usize>) {
        let (conv, input, output) = (&self.conv, self.input, self.output);
        let bands = output.shape.h.div_ceil(self.band);
        let (n, y) = (band / bands, band % bands * self.band);
        let height = self.band.min(output.shape.h - y);
        let (stride, padding, dilation) = (conv.stride.0, conv.padding.0, conv.dilation.0);
        let ky = |y| taps(y, stride, padding, dilation, conv.kernel.0, input.shape.h);
        let (first_row, last) = (ky(y).start, ky(y + height - 1).end);
        let top = (y * stride + first_row * dilation).saturating_sub(padding);
        for block in &self.blocks {
            let kx = &block.taps;
            let left = block.x * conv.stride.1 + kx.start * conv.dilation.1;
            // Where no tap is inside the map, nothing will be read: any place will do.
            let first = input.offset(n, top, left.saturating_sub(conv.padding.1));
            let window = Window {
                input: io.inputs[0].wrapping_add(first),
                input_pixel: input.pixel,
                input_row: dilation * input.shape.w * input.pixel,
                output: io.output.wrapping_add(output.offset(n, y, block.x)),
                output_pixel: output.pixel,
                output_row: output.shape.w * output.pixel,
                weights: self.weights.as_ptr(),
                kernel: conv.kernel,
                rows: (height - 1) * stride + last - first_row,
                first_row,
                columns: kx.len(),
                first_column: kx.start,
                stride: conv.stride,
                dilation: conv.dilation.1,
                channels: conv.out,
                bounds: self.bounds,
            };
            // SAFETY: the window's taps are inside the map, the block's pixels inside the output,
            // and the caller vouches for both.
            unsafe {
                match height {
                    2 => window.compute::<L, 2>(block.pixels, vectors.clone()),
                    _ => window.compute::<L, 1>(block.pixels, vectors.clone()),
                }
            }
        }
    }
}

/// The taps under one block of a band.
#[derive(Clone, Copy)]
struct Window {
    /// Channel 0 under the first tap of the first pixel.
    input: *const f32,
    /// Elements from one input pixel to the next.
    input_pixel: usize,
    /// Elements from one kernel row to the next.
    input_row: usize,
    /// Channel 0 of the first pixel.
    output: *mut f32,
    /// Elements from one output pixel to the next.
    output_pixel: usize,
    /// Elements from one output row to the next.
    output_row: usize,
    /// Packed weights.
    weights: *const f32,
    /// Kernel rows and columns.
    kernel: (usize, usize),
    /// Input rows under the band, inside the map.
    rows: usize,
    /// The first output row's kernel row on the first of them.
    first_row: usize,
    /// Kernel columns inside the map.
    columns: usize,
    /// The first of them.
    first_column: usize,
    /// Input pixels from one output pixel's window to the next.
    stride: (usize, usize),
    /// Input pixels from one kernel column to the next.
    dilation: usize,
    /// Channels of the map.
    channels: usize,
    /// Limits of the sums.
    bounds: Bounds,
}

impl Window {
    /// Computes `pixels <= BLOCK` pixels of `R` output rows. Common kernels get constants for loops
    /// to unroll by, so that the compiler sees which inputs neighbouring windows have in common.
    ///
    /// # Safety
    /// All taps and pixels are inside their maps.
    #[inline(always)]
    unsafe fn compute<L: Lanes, const R: usize>(self, pixels: usize, vectors: Range<usize>) {
        // SAFETY: passed on from the caller; constants are the values that were there.
        unsafe {
            if self.channels < L::N {
                return self.masked::<L, R>(pixels);
            }
            if self.is_whole::<R>(3, 1) {
                return match pixels {
                    4 => self.whole::<R>(3, 1).pixels::<L, R, 4>(vectors),
                    3 => self.whole::<R>(3, 1).pixels::<L, R, 3>(vectors),
                    2 => self.whole::<R>(3, 1).pixels::<L, R, 2>(vectors),
                    _ => self.whole::<R>(3, 1).pixels::<L, R, 1>(vectors),
                };
            }
            if self.is_whole::<R>(3, 2) {
                return match pixels {
                    4 => self.whole::<R>(3, 2).pixels::<L, R, 4>(vectors),
                    3 => self.whole::<R>(3, 2).pixels::<L, R, 3>(vectors),
                    2 => self.whole::<R>(3, 2).pixels::<L, R, 2>(vectors),
                    _ => self.whole::<R>(3, 2).pixels::<L, R, 1>(vectors),
                };
            }
            let constants =
                |columns, s| Self { columns, stride: (self.stride.0, s), dilation: 1, ..self };
            match (pixels, self.columns, self.stride.1, self.dilation) {
                (4, 3, 1, 1) => constants(3, 1).pixels::<L, R, 4>(vectors),
                (4, 3, 2, 1) => constants(3, 2).pixels::<L, R, 4>(vectors),
                (4, 5, 1, 1) => constants(5, 1).pixels::<L, R, 4>(vectors),
                (4, 5, 2, 1) => constants(5, 2).pixels::<L, R, 4>(vectors),
                (4, 7, 1, 1) => constants(7, 1).pixels::<L, R, 4>(vectors),
                (4, 7, 2, 1) => constants(7, 2).pixels::<L, R, 4>(vectors),
                (1, 2, _, 1) => constants(2, 1).pixels::<L, R, 1>(vectors),
                (4, ..) => self.pixels::<L, R, 4>(vectors),
                (3, ..) => self.pixels::<L, R, 3>(vectors),
                (2, ..) => self.pixels::<L, R, 2>(vectors),
                _ => self.pixels::<L, R, 1>(vectors),
            }
        }
    }

    /// Whether all taps of a `k`×`k` kernel at stride `s` are inside the map.
    #[inline(always)]
    fn is_whole<const R: usize>(&self, k: usize, s: usize) -> bool {
        let rows = self.rows == (R - 1) * s + k && self.columns == k;
        self.kernel == (k, k) && self.stride == (s, s) && self.dilation == 1 && rows
    }

    /// What [`Self::is_whole`] found, in constants.
    #[inline(always)]
    const fn whole<const R: usize>(self, k: usize, s: usize) -> Self {
        Self {
            kernel: (k, k),
            rows: (R - 1) * s + k,
            first_row: 0,
            columns: k,
            first_column: 0,
            stride: (s, s),
            dilation: 1,
            ..self
        }
    }

    /// Computes `B` pixels of `R` output rows over `vectors` of channels.
    ///
    /// # Safety
    /// All taps and pixels are inside their maps; there is a whole vector of channels.
    #[inline(always)]
    unsafe fn pixels<L: Lanes, const R: usize, const B: usize>(self, vectors: Range<usize>) {
        for v in vectors {
            // SAFETY: the vector's channels are there.
            unsafe { self.vector::<L, R, B>(v, L::N) };
        }
    }

    /// Computes `pixels` of `R` output rows where the channels do not fill a vector.
    ///
    /// # Safety
    /// All taps and pixels are inside their maps.
    #[inline(always)]
    unsafe fn masked<L: Lanes, const R: usize>(self, pixels: usize) {
        for x in 0..pixels {
            let input = self.input.wrapping_add(x * self.stride.1 * self.input_pixel);
            let output = self.output.wrapping_add(x * self.output_pixel);
            // SAFETY: a pixel of the block, with its channels.
            unsafe { Self { input, output, ..self }.vector::<L, R, 1>(0, self.channels) };
        }
    }

    /// Computes the `n` channels of vector `v` of `B` pixels of `R` output rows.
    ///
    /// # Safety
    /// All taps and pixels are inside their maps; the channels are there.
    #[inline(always)]
    unsafe fn vector<L: Lanes, const R: usize, const B: usize>(&self, v: usize, n: usize) {
        let at = first_channel(v, L::N, self.channels);
        // SAFETY: a vector of channels has a vector of weights for its bias and for each tap; the
        // caller vouches for inputs and outputs. Pointers beyond the last row are made, but not
        // used.
        unsafe {
            let weights = self.weights.add(v * (1 + self.kernel.0 * self.kernel.1) * L::N);
            let mut acc = [[L::load(weights); B]; R];
            let mut row = self.input.wrapping_add(at);
            for r in 0..self.rows {
                for i in 0..R {
                    // Wraps where the output row's window begins further down.
                    let ky = (self.first_row + r).wrapping_sub(i * self.stride.0);
                    if ky >= self.kernel.0 {
                        continue;
                    }
                    let tap = weights.add((1 + ky * self.kernel.1 + self.first_column) * L::N);
                    for kx in 0..self.columns {
                        let weight = L::load(tap.add(kx * L::N));
                        for b in 0..B {
                            let pixel = b * self.stride.1 + kx * self.dilation;
                            let x = L::load_up_to(row.add(pixel * self.input_pixel), n);
                            acc[i][b] = acc[i][b].fma(x, weight);
                        }
                    }
                }
                row = row.wrapping_add(self.input_row);
            }
            for i in 0..R {
                for b in 0..B {
                    let to = self.output.add(i * self.output_row + b * self.output_pixel + at);
                    self.bounds.clamp(acc[i][b]).store_up_to(to, n);
                }
            }
        }
    }
}
