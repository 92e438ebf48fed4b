//! Depthwise: each output pixel gathers its taps, a vector of channels at a time.

use super::definition::ConvTranspose2d;
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
        columns_of_kernel: op.kernel.1,
        rows: (0..y.shape.h).map(|i| vertical.taps(i).collect()).collect(),
        columns: (0..y.shape.w).map(|i| horizontal.taps(i).collect()).collect(),
        bounds: Bounds::of(site.epilogue),
    };
    let floats = 2 * y.shape.w * c;
    parallel_for(gather, site.isa, Cut::for_workers(y.shape.n * y.shape.h, floats, site.threads))
}

/// Taps of the kernel along an axis, and the input pixels under them.
type Taps = Vec<(usize, usize)>;

struct Gather {
    x: Layout,
    y: Layout,
    /// Biases, then the channels of each tap.
    weights: AlignedBuffer,
    columns_of_kernel: usize,
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
        let Gather { x, weights, columns_of_kernel, bounds, .. } = self.of;
        let (weights, channels) = (weights.as_ptr().wrapping_add(at), x.shape.c);
        // SAFETY: `Gather` makes it of taps and of pixels of the input, whose channels are the run.
        unsafe {
            let mut sum = L::load_up_to(weights, n);
            for &(ky, h) in self.rows {
                for &(kx, w) in self.columns {
                    let tap = 1 + ky * columns_of_kernel + kx;
                    let weight = L::load_up_to(weights.add(tap * channels), n);
                    sum = sum.fma(L::load_up_to(self.map.add(x.offset(0, h, w) + at), n), weight);
                }
            }
            bounds.clamp(sum)
        }
    }
}
