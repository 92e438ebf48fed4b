//! Any depthwise convolution, and any in groups of a few channels: sizes are read, not known, but for the
//! channels of a group.
//!
//! A tap outside the map is skipped, never multiplied by zero: at the top and bottom whole kernel
//! rows are; at the left and right, pixels go one at a time with fewer columns.

#![expect(clippy::needless_range_loop, reason = "a block is read by its indices")]

use super::{
    super::Conv2d,
    BAND, BLOCK, Item, first_channel, group,
    kernel::{DepthwiseKernel, Microkernel, Params},
};
use crate::{
    cpu::{Bounds, Cut, Io, Kernel, Site},
    simd::Lanes,
};
use std::ops::Range;

/// Whether groups have as many outputs as inputs, few enough, and the end only clamps.
pub(in crate::conv2d) fn suits_narrow_groups(conv: &Conv2d, site: &Site<'_>) -> bool {
    conv.out == site.inputs[0].shape.c
        && matches!(group(conv), 2 | 4 | 8)
        && site.isa.lanes().is_multiple_of(group(conv))
        && site.epilogue.only_clamps()
}

/// The kernel for such groups, ready to run.
pub(in crate::conv2d) fn narrow_groups(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
    match group(conv) {
        2 => Depthwise::<2>::prepare(conv, site),
        4 => Depthwise::<4>::prepare(conv, site),
        _ => Depthwise::<8>::prepare(conv, site),
    }
}

/// In blocks of any sizes, over groups of `G` channels.
pub(in crate::conv2d) struct Depthwise<const G: usize> {
    conv: Conv2d,
    /// The blocks of every output row.
    blocks: Vec<Block>,
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

impl<const G: usize> Depthwise<G> {
    /// The kernel, ready to run.
    pub fn prepare(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
        let blocks = blocks(conv, site.inputs[0].shape.w, site.output.shape.w);
        DepthwiseKernel::prepare(conv, site, band(conv), Self { conv: *conv, blocks })
    }
}

/// Output rows of a band: several where each has a kernel row inside the map, undilated, so that
/// kernel rows of all fall on the same input rows.
const fn band(conv: &Conv2d) -> usize {
    if conv.padding.vertical.0 < conv.kernel.0
        && conv.padding.vertical.1 < conv.kernel.0
        && conv.dilation.0 == 1
    {
        BAND
    } else {
        1
    }
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
    let taps =
        |x| taps(x, conv.stride.1, conv.padding.first().1, conv.dilation.1, conv.kernel.1, len);
    let mut blocks = Vec::new();
    let mut x = 0;
    while x < width {
        let same = (x..width).take_while(|&other| taps(other) == taps(x)).count();
        blocks.extend(Cut::new(same, same.div_ceil(BLOCK)).all().map(|part| Block {
            x: x + part.start,
            pixels: part.len(),
            taps: taps(x),
        }));
        x += same;
    }
    blocks
}

impl<const G: usize> Microkernel for Depthwise<G> {
    #[inline(always)]
    unsafe fn item<L: Lanes>(&self, of: &Params, io: &Io, item: &Item) {
        let (conv, input, output) = (&self.conv, of.input, of.output);
        let (n, y, height) = (item.image, item.rows.start, item.rows.len());
        let (stride, padding, dilation) = (conv.stride.0, conv.padding.first().0, conv.dilation.0);
        let ky = |y| taps(y, stride, padding, dilation, conv.kernel.0, input.shape.h);
        let (first_row, last) = (ky(y).start, ky(y + height - 1).end);
        let top = (y * stride + first_row * dilation).saturating_sub(padding);
        for block in &self.blocks {
            let kx = &block.taps;
            let left = block.x * conv.stride.1 + kx.start * conv.dilation.1;
            // Where no tap is inside the map, nothing will be read: any place will do.
            let first = input.offset(n, top, left.saturating_sub(conv.padding.first().1));
            let window = Window {
                input: io.inputs[0].wrapping_add(first),
                input_pixel: input.pixel,
                input_row: dilation * input.shape.w * input.pixel,
                output: io.output.wrapping_add(output.offset(n, y, block.x)),
                output_pixel: output.pixel,
                output_row: output.shape.w * output.pixel,
                weights: of.weights.as_ptr(),
                kernel: conv.kernel,
                rows: (height - 1) * stride + last - first_row,
                first_row,
                columns: kx.len(),
                first_column: kx.start,
                stride: conv.stride,
                dilation: conv.dilation.1,
                channels: conv.out,
                bounds: of.bounds,
            };
            // SAFETY: the window's taps are inside the map, the block's pixels inside the output,
            // and the caller vouches for both.
            unsafe {
                match height {
                    2 => window.compute::<L, G, 2>(block.pixels, item.vectors.clone()),
                    _ => window.compute::<L, G, 1>(block.pixels, item.vectors.clone()),
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
    /// Computes `pixels <= BLOCK` pixels of `R` output rows, over groups of `G` channels.
    ///
    /// # Safety
    /// All taps and pixels are inside their maps.
    #[inline(always)]
    unsafe fn compute<L: Lanes, const G: usize, const R: usize>(
        self,
        pixels: usize,
        vectors: Range<usize>,
    ) {
        // SAFETY: passed on from the caller.
        unsafe {
            match pixels {
                _ if self.channels < L::N => self.masked::<L, G, R>(pixels),
                4 => self.pixels::<L, G, R, 4>(vectors),
                3 => self.pixels::<L, G, R, 3>(vectors),
                2 => self.pixels::<L, G, R, 2>(vectors),
                _ => self.pixels::<L, G, R, 1>(vectors),
            }
        }
    }

    /// Computes `B` pixels of `R` output rows over `vectors` of channels.
    ///
    /// # Safety
    /// All taps and pixels are inside their maps; there is a whole vector of channels.
    #[inline(always)]
    unsafe fn pixels<L: Lanes, const G: usize, const R: usize, const B: usize>(
        self,
        vectors: Range<usize>,
    ) {
        for v in vectors {
            // SAFETY: the vector's channels are there.
            unsafe { self.vector::<L, G, R, B>(v, L::N) };
        }
    }

    /// Computes `pixels` of `R` output rows where the channels do not fill a vector.
    ///
    /// # Safety
    /// All taps and pixels are inside their maps.
    #[inline(always)]
    unsafe fn masked<L: Lanes, const G: usize, const R: usize>(self, pixels: usize) {
        for x in 0..pixels {
            let input = self.input.wrapping_add(x * self.stride.1 * self.input_pixel);
            let output = self.output.wrapping_add(x * self.output_pixel);
            // SAFETY: a pixel of the block, with its channels.
            unsafe { Self { input, output, ..self }.vector::<L, G, R, 1>(0, self.channels) };
        }
    }

    /// Computes the `n` channels of vector `v` of `B` pixels of `R` output rows.
    ///
    /// # Safety
    /// All taps and pixels are inside their maps; the channels are there.
    #[inline(always)]
    unsafe fn vector<L: Lanes, const G: usize, const R: usize, const B: usize>(
        &self,
        v: usize,
        n: usize,
    ) {
        let at = first_channel(v, L::N, self.channels);
        // SAFETY: a vector of channels has a vector of weights for its bias and for each step; the
        // caller vouches for inputs and outputs. Pointers beyond the last row are made, but not
        // used.
        unsafe {
            let weights = self.weights.add(v * (1 + self.kernel.0 * self.kernel.1 * G) * L::N);
            let mut acc = [[L::load(weights); B]; R];
            let mut row = self.input.wrapping_add(at);
            for r in 0..self.rows {
                for i in 0..R {
                    // Wraps where the output row's window begins further down.
                    let ky = (self.first_row + r).wrapping_sub(i * self.stride.0);
                    if ky >= self.kernel.0 {
                        continue;
                    }
                    let taps = ky * self.kernel.1 + self.first_column;
                    let taps = weights.add((1 + taps * G) * L::N);
                    for kx in 0..self.columns {
                        let mut x = [L::splat(0.0); B];
                        for b in 0..B {
                            let pixel = b * self.stride.1 + kx * self.dilation;
                            x[b] = L::load_up_to(row.add(pixel * self.input_pixel), n);
                        }
                        for k in 0..G {
                            let weight = L::load(taps.add((kx * G + k) * L::N));
                            for b in 0..B {
                                acc[i][b] = acc[i][b].fma(x[b].spread::<G>(k), weight);
                            }
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
