//! Windows of any size, one at a time.
//!
//! ```text
//! for each output row, for each block of channels, for each output pixel of the row:
//!     for each 4 vectors of channels, then for what is left: reduce each row of the window, then the rows
//! ```
//!
//! A mean is summed row by row first, so that the rounding of a large map's sum stays small.

use super::{
    super::{Pool2d, PoolFn, Span},
    reduce::Reduce,
    strips::block,
};
use crate::{
    cpu::{Io, Layout, ParallelFor, Site},
    simd::Lanes,
};
use std::ops::Range;

/// A pool's windows.
pub(super) struct Windows<R> {
    op: Pool2d,
    reduce: R,
    x: Layout,
    y: Layout,
    /// What each output column covers.
    pub columns: Vec<Span>,
    /// Channels of an item.
    block: usize,
}

/// An item: a block of channels of one output row.
pub(super) struct Strip {
    image: usize,
    row: usize,
    rows: Span,
    first: usize,
    /// Channels of the block.
    pub channels: usize,
}

impl<R: Reduce> Windows<R> {
    /// Those of `op`, reduced by `reduce`.
    pub fn new(op: &Pool2d, reduce: R, site: &Site<'_>) -> Self {
        let (x, y) = (site.inputs[0], site.output);
        let columns = (0..y.shape.w).map(|i| op.columns(x.shape, i)).collect();
        Self { op: *op, reduce, x, y, columns, block: block(site) }
    }

    /// What a window's reduction is multiplied by.
    fn factor(&self, rows: &Span, columns: &Span) -> f32 {
        match self.op.function {
            PoolFn::Max => 1.0,
            PoolFn::Average { .. } => 1.0 / self.op.divisor(rows, columns) as f32,
        }
    }

    /// Which channels of which row item `item` is.
    pub fn strip(&self, item: usize) -> Strip {
        let y = self.y.shape;
        let blocks = y.c.div_ceil(self.block);
        let (row, first) = (item / blocks, item % blocks * self.block);
        let (image, row) = (row / y.h, row % y.h);
        let rows = self.op.rows(self.x.shape, row);
        Strip { image, row, rows, first, channels: self.block.min(y.c - first) }
    }

    /// The window of output column `column`.
    ///
    /// # Safety
    /// `io` points at the operands; the strip is one of theirs, the column one of the output's.
    #[inline(always)]
    pub unsafe fn window(&self, io: &Io, strip: &Strip, column: usize) -> Window<R> {
        let (rows, columns) = (&strip.rows, &self.columns[column]);
        let from = self.x.offset(strip.image, rows.first, columns.first);
        let to = self.y.offset(strip.image, strip.row, column);
        // SAFETY: the window lies inside the map, and the block within its channels.
        unsafe {
            Window {
                reduce: self.reduce,
                x: io.inputs[0].add(from + strip.first),
                y: io.output.add(to + strip.first),
                rows: rows.count,
                columns: columns.count,
                row: rows.step * self.x.shape.w * self.x.pixel,
                pixel: columns.step * self.x.pixel,
                next: self.y.pixel,
                factor: self.factor(rows, columns),
            }
        }
    }

    /// Computes the output columns `columns` of a strip, one by one.
    ///
    /// # Safety
    /// As [`Self::window`].
    #[inline(always)]
    pub unsafe fn one_by_one<L: Lanes>(&self, io: &Io, strip: &Strip, columns: Range<usize>) {
        for column in columns {
            // SAFETY: passed on from the caller.
            unsafe { self.window(io, strip, column).channels::<L>(strip.channels) };
        }
    }
}

impl<R: Reduce> ParallelFor for Windows<R> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        for item in items {
            // SAFETY: the caller vouches for the operands and the items.
            unsafe { self.one_by_one::<L>(io, &self.strip(item), 0..self.columns.len()) };
        }
    }
}

/// One window over a block of channels.
#[derive(Clone, Copy)]
pub(super) struct Window<R> {
    pub reduce: R,
    pub x: *const f32,
    pub y: *mut f32,
    pub rows: usize,
    columns: usize,
    /// Elements from a row of the window to the next.
    pub row: usize,
    /// Elements from a pixel of the window to the next.
    pub pixel: usize,
    /// Elements from an output pixel to the next.
    pub next: usize,
    pub factor: f32,
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
        for (v, row) in row.iter_mut().enumerate() {
            // SAFETY: the caller vouches for the row.
            *row = unsafe { L::load_up_to(x.add(v * L::N), n) };
        }
        for column in 1..self.columns {
            for (v, row) in row.iter_mut().enumerate() {
                // SAFETY: the caller vouches for the row.
                let x = unsafe { L::load_up_to(x.add(column * self.pixel).add(v * L::N), n) };
                *row = self.reduce.of(*row, x);
            }
        }
        row
    }
}
