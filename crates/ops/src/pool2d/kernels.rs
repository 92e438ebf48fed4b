//! Windows reduced over vectors of channels.
//!
//! ```text
//! for each output row, for each block of channels, for each output pixel of the row:
//!     for each 4 vectors of channels, then for what is left: reduce each row of the window, then the rows
//! ```
//!
//! A mean is summed row by row first, so that the rounding of a large map's sum stays small.

use super::{Pool2d, PoolFn, Span};
use crate::{
    cpu::{CpuKernel, Io, Layout, Ranged, Site, Split, ranged},
    simd::Lanes,
};
use std::ops::Range;

/// Channels of a task: few enough that the maps of late layers, and global pools, can be shared.
const BLOCK: usize = 64;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Pool2d>] = &[CpuKernel {
    name: "windows",
    fits: |_, _| true,
    prepare: |op, site| match op.function {
        PoolFn::Max => ranged(Windows::new(op, Largest, site), site.isa, split(op, site)),
        PoolFn::Average { .. } => ranged(Windows::new(op, Sum, site), site.isa, split(op, site)),
    },
}];

/// An item is a block of channels of one output row.
fn split(op: &Pool2d, site: &Site<'_>) -> Split {
    let (x, y) = (site.inputs[0].shape, site.output.shape);
    let channels = y.c.min(BLOCK);
    let floats = (op.window(x).0 * x.w + y.w) * channels;
    Split::new(y.n * y.h * y.c.div_ceil(BLOCK), floats, site.threads)
}

/// How two elements become one. Implementations are `#[inline(always)]`.
trait Reduce: Copy + Send + Sync + 'static {
    fn of<L: Lanes>(self, a: L, b: L) -> L;
}

#[derive(Clone, Copy)]
struct Sum;

impl Reduce for Sum {
    #[inline(always)]
    fn of<L: Lanes>(self, a: L, b: L) -> L {
        a.add(b)
    }
}

#[derive(Clone, Copy)]
struct Largest;

impl Reduce for Largest {
    #[inline(always)]
    fn of<L: Lanes>(self, a: L, b: L) -> L {
        a.max(b)
    }
}

struct Windows<R> {
    op: Pool2d,
    reduce: R,
    x: Layout,
    y: Layout,
    /// What each output column covers.
    columns: Vec<Span>,
}

impl<R> Windows<R> {
    fn new(op: &Pool2d, reduce: R, site: &Site<'_>) -> Self {
        let (x, y) = (site.inputs[0], site.output);
        let columns = (0..y.shape.w).map(|i| op.columns(x.shape, i)).collect();
        Self { op: *op, reduce, x, y, columns }
    }

    /// What a window's reduction is multiplied by.
    fn factor(&self, rows: &Span, columns: &Span) -> f32 {
        match self.op.function {
            PoolFn::Max => 1.0,
            PoolFn::Average { .. } => 1.0 / self.op.divisor(rows, columns) as f32,
        }
    }
}

impl<R: Reduce> Ranged for Windows<R> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let y = self.y.shape;
        let blocks = y.c.div_ceil(BLOCK);
        for item in items {
            let (row, channel) = (item / blocks, item % blocks * BLOCK);
            let (n, row) = (row / y.h, row % y.h);
            let channels = BLOCK.min(y.c - channel);
            let rows = self.op.rows(self.x.shape, row);
            for (column, columns) in self.columns.iter().enumerate() {
                let first = self.x.offset(n, rows.inside.start, columns.inside.start);
                // SAFETY: the caller vouches for the operands; the window lies inside the map and
                // the block within its channels.
                let window = unsafe {
                    Window {
                        reduce: self.reduce,
                        x: io.inputs[0].add(first + channel),
                        y: io.output.add(self.y.offset(n, row, column) + channel),
                        rows: rows.inside.len(),
                        columns: columns.inside.len(),
                        row: self.x.shape.w * self.x.pixel,
                        pixel: self.x.pixel,
                        factor: self.factor(&rows, columns),
                    }
                };
                // SAFETY: as above.
                unsafe { window.channels::<L>(channels) };
            }
        }
    }
}

/// One window over a block of channels.
#[derive(Clone, Copy)]
struct Window<R> {
    reduce: R,
    x: *const f32,
    y: *mut f32,
    rows: usize,
    columns: usize,
    /// Elements from row to row.
    row: usize,
    /// Elements from pixel to pixel.
    pixel: usize,
    factor: f32,
}

impl<R: Reduce> Window<R> {
    /// Reduces `len` channels.
    ///
    /// # Safety
    /// The window and the output pixel hold them.
    #[inline(always)]
    unsafe fn channels<L: Lanes>(self, len: usize) {
        let mut at = 0;
        // SAFETY: all parts lie within the channels.
        unsafe {
            while at + 4 * L::N <= len {
                self.vectors::<L, 4>(at, L::N);
                at += 4 * L::N;
            }
            match (len - at) / L::N {
                3 => self.vectors::<L, 3>(at, L::N),
                2 => self.vectors::<L, 2>(at, L::N),
                1 => self.vectors::<L, 1>(at, L::N),
                _ => {}
            }
            match len % L::N {
                0 => {}
                // A last vector that overlaps the one before costs less than a masked one.
                _ if len > L::N => self.vectors::<L, 1>(len - L::N, L::N),
                rest => self.vectors::<L, 1>(0, rest),
            }
        }
    }

    /// Reduces the `V·N` channels from `at`, or `n` where `V` is 1.
    ///
    /// # Safety
    /// The window and the output pixel hold them.
    #[inline(always)]
    unsafe fn vectors<L: Lanes, const V: usize>(self, at: usize, n: usize) {
        // SAFETY: the caller vouches for the channels, `rows` and `columns` for the pixels.
        unsafe {
            let mut all = self.one_row::<L, V>(self.x.add(at), n);
            for row in 1..self.rows {
                let row = self.one_row::<L, V>(self.x.add(row * self.row + at), n);
                for v in 0..V {
                    all[v] = self.reduce.of(all[v], row[v]);
                }
            }
            for (v, all) in all.into_iter().enumerate() {
                all.mul(L::splat(self.factor)).store_up_to(self.y.add(at + v * L::N), n);
            }
        }
    }

    /// One row of the window, reduced.
    ///
    /// # Safety
    /// As [`Self::vectors`], with `x` at the row's first pixel.
    #[inline(always)]
    unsafe fn one_row<L: Lanes, const V: usize>(self, x: *const f32, n: usize) -> [L; V] {
        let mut row = [L::splat(0.0); V];
        // SAFETY: the caller vouches for the row.
        unsafe {
            for (v, row) in row.iter_mut().enumerate() {
                *row = L::load_up_to(x.add(v * L::N), n);
            }
            for column in 1..self.columns {
                let x = x.add(column * self.pixel);
                for (v, row) in row.iter_mut().enumerate() {
                    *row = self.reduce.of(*row, L::load_up_to(x.add(v * L::N), n));
                }
            }
        }
        row
    }
}
