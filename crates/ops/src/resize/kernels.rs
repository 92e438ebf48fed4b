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

/// Each output pixel mixed from `K` × `K` of the input.
struct Mix<const K: usize> {
    x: Layout,
    y: Layout,
    /// The taps of each output row.
    rows: Vec<[Tap; K]>,
    /// The taps of each output column.
    columns: Vec<[Tap; K]>,
}

impl<const K: usize> Mix<K> {
    fn prepare(op: &Resize, site: &Site<'_>) -> Box<dyn Kernel> {
        let (x, y) = (site.inputs[0], site.output);
        let taps =
            |axis: Axis| (0..axis.out).map(|i| std::array::from_fn(|k| axis.taps(i)[k])).collect();
        let [rows, columns] = op.axes(x.shape).map(taps);
        let floats = 2 * K * y.shape.w * y.shape.c;
        let cut = Cut::for_workers(y.shape.n * y.shape.h, floats, site.threads);
        parallel_for(Self { x, y, rows, columns }, site.isa, cut)
    }
}

impl<const K: usize> ParallelFor for Mix<K> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Self { x, y, .. } = self;
        for item in items {
            let (image, row) = (item / y.shape.h, item % y.shape.h);
            let row_taps = self.rows[row];
            // SAFETY: the caller vouches for the operands; taps are rows and columns of the input.
            unsafe {
                let lines = row_taps.map(|tap| io.inputs[0].add(x.offset(image, tap.at, 0)));
                let mut to = io.output.add(y.offset(image, row, 0));
                for column_taps in &self.columns {
                    let pixel = Pixel {
                        lines,
                        columns: column_taps.map(|tap| tap.at * x.pixel),
                        row_shares: row_taps.map(|tap| tap.share),
                        column_shares: column_taps.map(|tap| tap.share),
                    };
                    write_run::<L>(y.shape.c, to, pixel);
                    to = to.add(y.pixel);
                }
            }
        }
    }
}

/// The input pixels under an output pixel.
#[derive(Clone, Copy)]
struct Pixel<const K: usize> {
    /// The first pixel of each row.
    lines: [*const f32; K],
    /// Elements from there to each column.
    columns: [usize; K],
    row_shares: [f32; K],
    column_shares: [f32; K],
}

impl<const K: usize> Values for Pixel<K> {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        let mut sum = L::splat(0.0);
        for (line, share) in self.lines.into_iter().zip(self.row_shares) {
            let mut row = L::splat(0.0);
            for (column, share) in self.columns.into_iter().zip(self.column_shares) {
                // SAFETY: `Mix` makes it of pixels of the input, whose channels are the run.
                let x = unsafe { L::load_up_to(line.add(column + at), n) };
                row = row.fma(x, L::splat(share));
            }
            sum = sum.fma(row, L::splat(share));
        }
        sum
    }
}
