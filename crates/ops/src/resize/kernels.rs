//! A copy where each pixel is one of the input; else taps mixed, over vectors of channels, or of pixels where channels
//! are few.

mod mixed;
mod phases;
mod stretch;

use super::definition::{Axis, Resize, Tap};
use crate::{
    cpu::{CpuKernel, Cut, Io, Kernel, Layout, ParallelFor, Site, parallel_for, write_run},
    pick,
    simd::Lanes,
};
use mixed::Mixed;
use std::ops::Range;
use stretch::Stretch;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Resize>] = &[
    CpuKernel {
        name: "copy",
        fits: |op, site| op.taps(site.inputs[0].shape) == 1,
        prepare: |op, site| pick::kernel(&op.pick(site.inputs[0].shape), site),
    },
    CpuKernel {
        name: "linear",
        fits: |op, site| {
            let x = site.inputs[0].shape;
            op.taps(x) == 2 && x.c >= site.isa.lanes()
        },
        prepare: Mix::prepare,
    },
    CpuKernel {
        name: "linear_stretched",
        fits: |op, site| op.taps(site.inputs[0].shape) == 2,
        prepare: Stretch::<2>::prepare,
    },
    CpuKernel {
        name: "cubic_stretched",
        fits: |op, site| op.taps(site.inputs[0].shape) == 4,
        prepare: Stretch::<4>::prepare,
    },
];

/// Each output pixel mixed from 2 × 2 of the input: first rows, then columns. A pixel's channels fill a vector.
///
/// ```text
/// for each output row:
///     mixed ← the two rows of the input under it, each times its share
///     for each output pixel: the two pixels of `mixed` under it, each times its share
/// ```
struct Mix {
    x: Layout,
    y: Layout,
    /// The taps of each output row.
    rows: Vec<[Tap; 2]>,
    /// The taps of each output column, as elements of a mixed row.
    columns: Vec<[Tap; 2]>,
}

impl Mix {
    fn prepare(op: &Resize, site: &Site<'_>) -> Box<dyn Kernel> {
        let (x, y) = (site.inputs[0], site.output);
        let taps =
            |axis: Axis| (0..axis.out).map(|i| std::array::from_fn(|k| axis.taps(i)[k])).collect();
        let [rows, mut columns]: [Vec<[Tap; 2]>; 2] = op.axes(x.shape).map(taps);
        columns.iter_mut().flatten().for_each(|tap| tap.at *= x.shape.c);
        let floats = 4 * y.shape.w * y.shape.c;
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
        let dense = pixel == shape.c;
        let (runs, len) = if dense { (1, shape.w * shape.c) } else { (shape.w, shape.c) };
        // SAFETY: taps are rows of the input; the mixed row is as long as one.
        unsafe {
            let line = |row: usize| io.inputs[0].add(self.x.offset(image, row, 0));
            let rows = Mixed::new(&self.rows[row], line);
            for run in 0..runs {
                write_run::<L>(len, mixed.add(run * len), rows.from(run * pixel));
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
        for (column, taps) in self.columns.iter().enumerate() {
            // SAFETY: taps are pixels of the mixed row; the pixel is the output's.
            unsafe {
                let mix = Mixed::new(taps, |at| mixed.add(at));
                write_run::<L>(channels, to.add(column * pixel), mix);
            }
        }
    }
}

impl ParallelFor for Mix {
    fn scratch(&self) -> usize {
        self.x.shape.w * self.x.shape.c
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
