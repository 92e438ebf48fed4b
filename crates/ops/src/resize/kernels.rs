//! A copy where each pixel is one of the input; else taps mixed, over vectors of channels.

use super::definition::{Axis, Resize, Tap};
use crate::{
    cpu::{CpuKernel, Cut, Io, Kernel, Layout, ParallelFor, Site, Values, parallel_for, write_run},
    pick,
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Resize>] = &[
    CpuKernel {
        name: "copy",
        fits: |op, site| op.taps(site.inputs[0].shape) == 1,
        prepare: |op, site| pick::kernel(&op.pick(site.inputs[0].shape), site),
    },
    CpuKernel {
        name: "linear",
        fits: |op, site| op.taps(site.inputs[0].shape) == 2,
        prepare: Mix::<2>::prepare,
    },
    CpuKernel {
        name: "cubic",
        fits: |op, site| op.taps(site.inputs[0].shape) == 4,
        prepare: Mix::<4>::prepare,
    },
];

/// Each output pixel mixed from `K` × `K` of the input: first rows, then columns.
///
/// ```text
/// for each output row:
///     mixed ← the K rows of the input under it, each times its share
///     for each output pixel: the K pixels of `mixed` under it, each times its share
/// ```
struct Mix<const K: usize> {
    x: Layout,
    y: Layout,
    /// The taps of each output row.
    rows: Vec<[Tap; K]>,
    /// The taps of each output column, as elements of a mixed row.
    columns: Vec<[Tap; K]>,
}

/// Floats behind a mixed row that may be read: a vector of its last pixel may be wider than that.
const SLACK: usize = 16;

impl<const K: usize> Mix<K> {
    fn prepare(op: &Resize, site: &Site<'_>) -> Box<dyn Kernel> {
        let (x, y) = (site.inputs[0], site.output);
        let taps =
            |axis: Axis| (0..axis.out).map(|i| std::array::from_fn(|k| axis.taps(i)[k])).collect();
        let [rows, mut columns]: [Vec<[Tap; K]>; 2] = op.axes(x.shape).map(taps);
        columns.iter_mut().flatten().for_each(|tap| tap.at *= x.shape.c);
        let floats = 2 * K * y.shape.w * y.shape.c;
        let cut = Cut::for_workers(y.shape.n * y.shape.h, floats, site.threads);
        parallel_for(Self { x, y, rows, columns }, site.isa, cut)
    }

    /// Mixes the rows under output row `row` of an image.
    ///
    /// # Safety
    /// As [`ParallelFor::run`].
    #[inline(always)]
    unsafe fn mix_rows<L: Lanes>(&self, io: &Io, image: usize, row: usize, mixed: *mut f32) {
        let Layout { shape, pixel, .. } = self.x;
        let shares = self.rows[row].map(|tap| tap.share);
        let dense = pixel == shape.c;
        let (runs, len) = if dense { (1, shape.w * shape.c) } else { (shape.w, shape.c) };
        // SAFETY: taps are rows of the input; the mixed row is as long as one.
        unsafe {
            let lines = self.rows[row].map(|tap| io.inputs[0].add(self.x.offset(image, tap.at, 0)));
            for run in 0..runs {
                let taps = lines.map(|line| line.add(run * pixel));
                write_run::<L>(len, mixed.add(run * len), Mixed { taps, shares });
            }
        }
    }

    /// Mixes the columns of a row into the pixels from `to` on.
    ///
    /// # Safety
    /// As [`ParallelFor::run`].
    #[inline(always)]
    unsafe fn mix_columns<L: Lanes>(&self, mixed: *const f32, to: *mut f32) {
        let (channels, pixel) = (self.y.shape.c, self.y.pixel);
        // Whatever a vector writes behind its pixel's channels, the pixels behind are written after it.
        let after = if pixel == channels { self.columns.len() * channels } else { 0 };
        for (column, taps) in self.columns.iter().enumerate() {
            // SAFETY: taps are pixels of the mixed row, with some floats behind it; a vector of the output ends
            // before its row does.
            unsafe {
                let mix = Mixed {
                    taps: taps.map(|tap| mixed.add(tap.at)),
                    shares: taps.map(|tap| tap.share),
                };
                let to = to.add(column * pixel);
                if column * channels + channels.next_multiple_of(L::N) > after {
                    write_run::<L>(channels, to, mix);
                    continue;
                }
                for at in (0..channels).step_by(L::N) {
                    mix.of::<L>(at, L::N).store(to.add(at));
                }
            }
        }
    }
}

impl<const K: usize> ParallelFor for Mix<K> {
    fn scratch(&self) -> usize {
        self.x.shape.w * self.x.shape.c + SLACK
    }

    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, scratch: *mut f32) {
        for item in items {
            let (image, row) = (item / self.y.shape.h, item % self.y.shape.h);
            // SAFETY: passed on from the caller; the row is one of the output's.
            unsafe {
                self.mix_rows::<L>(io, image, row, scratch);
                self.mix_columns::<L>(scratch, io.output.add(self.y.offset(image, row, 0)));
            }
        }
    }
}

/// A run of elements, each mixed from one of each of `K` runs.
#[derive(Clone, Copy)]
struct Mixed<const K: usize> {
    taps: [*const f32; K],
    shares: [f32; K],
}

impl<const K: usize> Values for Mixed<K> {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        let mut sum = L::splat(0.0);
        for (tap, share) in self.taps.into_iter().zip(self.shares) {
            // SAFETY: `Mix` makes it of runs that hold the elements.
            let x = unsafe { L::load_up_to(tap.add(at), n) };
            sum = sum.fma(x, L::splat(share));
        }
        sum
    }
}
