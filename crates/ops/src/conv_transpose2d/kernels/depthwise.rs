//! Depthwise: each output pixel gathers its taps, a vector of channels at a time.

use super::super::definition::{Axis, ConvTranspose2d};
use crate::{
    cpu::{
        AlignedBuffer, Bounds, Cut, Io, Kernel, Layout, ParallelFor, Site, Values, parallel_for,
        write_run,
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
    let gather = Gather {
        x,
        y,
        weights: packed,
        rows: taps_of(vertical, y.shape.h, op.kernel.1 * c, x.shape.w * x.pixel),
        columns: taps_of(horizontal, y.shape.w, c, x.pixel),
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

struct Gather {
    x: Layout,
    y: Layout,
    /// Biases, then the channels of each tap.
    weights: AlignedBuffer,
    /// Of each output row.
    rows: Vec<Taps>,
    /// Of each output column.
    columns: Vec<Taps>,
    bounds: Bounds,
}

impl ParallelFor for Gather {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let channels = self.y.shape.c;
        for item in items {
            let (image, row) = (item / self.y.shape.h, item % self.y.shape.h);
            for (column, taps) in self.columns.iter().enumerate() {
                // SAFETY: the caller vouches for the operands; taps are rows and columns of the input.
                unsafe {
                    let to = io.output.add(self.y.offset(image, row, column));
                    let pixel = Pixel {
                        of: self,
                        map: io.inputs[0].wrapping_add(self.x.offset(image, 0, 0)),
                        rows: &self.rows[row],
                        columns: taps,
                    };
                    write_run::<L>(channels, to, pixel);
                }
            }
        }
    }
}

/// What an output pixel is summed from.
#[derive(Clone, Copy)]
struct Pixel<'a> {
    of: &'a Gather,
    /// The image's first pixel.
    map: *const f32,
    rows: &'a [(usize, usize)],
    columns: &'a [(usize, usize)],
}

impl Values for Pixel<'_> {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        let Gather { weights, bounds, y, .. } = self.of;
        let (bias, map) = (weights.as_ptr().wrapping_add(at), self.map.wrapping_add(at));
        let kernel = bias.wrapping_add(y.shape.c);
        // SAFETY: `Gather` makes it of taps and of pixels of the input, whose channels are the run.
        unsafe {
            let mut sum = L::load_up_to(bias, n);
            for &(row_tap, row) in self.rows {
                for &(tap, pixel) in self.columns {
                    let weight = L::load_up_to(kernel.add(row_tap + tap), n);
                    sum = sum.fma(L::load_up_to(map.add(row + pixel), n), weight);
                }
            }
            bounds.clamp(sum)
        }
    }
}
