//! Windows of known sizes, several of a row at a time.
//!
//! ```text
//! for each output row, for each block of channels, for each TILE output pixels p of the row:
//!     for each vector of channels, for each input column under them:
//!         x = the column's rows, reduced
//!         all[p] = all[p] reduced with x       (for each p whose window has the column)
//!     output[p] ← all[p] · factor
//! ```
//!
//! Each input is loaded once an output row for all windows that it is in. Windows that stick out of the map
//! to the left or right are computed one by one; above and below there are only fewer rows. The last tile of a
//! row overlaps the one before.

use super::{
    super::Pool2d,
    reduce::Reduce,
    strips::split,
    windows::{Window, Windows},
};
use crate::{
    cpu::{Io, Kernel, ParallelFor, PerVector, Site, each_vector, parallel_for},
    simd::Lanes,
};
use std::ops::Range;

/// Output pixels of a tile.
const TILE: usize = 4;

/// Whether the windows are of known size, and those inside the map enough for a tile.
pub(super) fn suits(op: &Pool2d, site: &Site<'_>) -> bool {
    let sizes = [((2, 2), (2, 2)), ((3, 3), (1, 1)), ((3, 3), (2, 2))];
    let known = op.kernel.is_some_and(|kernel| sizes.contains(&(kernel, op.stride)));
    known && op.dilation == (1, 1) && inner(op, site).len() >= TILE
}

/// The kernel for them, ready to run; they suit.
pub(super) fn prepare(op: &Pool2d, reduce: impl Reduce, site: &Site<'_>) -> Box<dyn Kernel> {
    match (op.window(site.inputs[0].shape).1, op.stride.1) {
        (2, _) => Tiles::<_, 2, 2>::prepare(op, reduce, site),
        (_, 1) => Tiles::<_, 3, 1>::prepare(op, reduce, site),
        (_, _) => Tiles::<_, 3, 2>::prepare(op, reduce, site),
    }
}

/// The output columns whose windows do not stick out of the map to the left or right.
fn inner(op: &Pool2d, site: &Site<'_>) -> Range<usize> {
    let x = site.inputs[0].shape;
    let whole = |i: &usize| op.columns(x, *i).count == op.window(x).1;
    let columns = 0..site.output.shape.w;
    let first = columns.clone().find(whole).unwrap_or(columns.end);
    first..columns.rev().find(whole).map_or(first, |last| last + 1)
}

/// `K`×`K` windows at stride `S`.
struct Tiles<R, const K: usize, const S: usize> {
    windows: Windows<R>,
    inner: Range<usize>,
}

impl<R: Reduce, const K: usize, const S: usize> Tiles<R, K, S> {
    fn prepare(op: &Pool2d, reduce: R, site: &Site<'_>) -> Box<dyn Kernel> {
        let tiles = Self { windows: Windows::new(op, reduce, site), inner: inner(op, site) };
        parallel_for(tiles, site.isa, split(op, site))
    }
}

impl<R: Reduce, const K: usize, const S: usize> ParallelFor for Tiles<R, K, S> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Self { windows, inner } = self;
        let last = inner.end - TILE;
        for item in items {
            let strip = windows.strip(item);
            // SAFETY: the caller vouches for the operands and the items.
            unsafe {
                windows.one_by_one::<L>(io, &strip, 0..inner.start);
                for column in inner.clone().step_by(TILE).map(|column| column.min(last)) {
                    let first = windows.window(io, &strip, column);
                    if first.rows == K {
                        each_vector::<L>(strip.channels, Tile::<R, K, S, true> { first });
                    } else {
                        each_vector::<L>(strip.channels, Tile::<R, K, S, false> { first });
                    }
                }
                windows.one_by_one::<L>(io, &strip, inner.end..windows.columns.len());
            }
        }
    }
}

/// [`TILE`] neighbouring windows, none of which sticks out to the left or right; if `WHOLE`, nor above or
/// below: a loop over rows whose number is not known takes longer than what it does.
#[derive(Clone, Copy)]
struct Tile<R, const K: usize, const S: usize, const WHOLE: bool> {
    first: Window<R>,
}

impl<R: Reduce, const K: usize, const S: usize, const WHOLE: bool> Tile<R, K, S, WHOLE> {
    /// The `n` channels from `at` of an input column, its rows reduced.
    ///
    /// # Safety
    /// The column is under the tile, and has these channels.
    #[inline(always)]
    unsafe fn column<L: Lanes>(self, column: usize, at: usize, n: usize) -> L {
        let Window { reduce, x, rows, row, pixel, .. } = self.first;
        // SAFETY: the caller vouches for the column, the window for its rows.
        unsafe {
            let x = x.add(column * pixel + at);
            let mut all = L::load_up_to(x, n);
            for r in 1..if WHOLE { K } else { rows } {
                all = reduce.of(all, L::load_up_to(x.add(r * row), n));
            }
            all
        }
    }
}

impl<R: Reduce, const K: usize, const S: usize, const WHOLE: bool> PerVector
    for Tile<R, K, S, WHOLE>
{
    /// # Safety
    /// The windows lie inside the map, and the output's pixels are there.
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        let Window { reduce, y, next, factor, .. } = self.first;
        let mut all = [L::splat(0.0); TILE];
        for column in 0..(TILE - 1) * S + K {
            // SAFETY: the windows are whole from left to right.
            let x = unsafe { self.column::<L>(column, at, n) };
            for (p, all) in all.iter_mut().enumerate() {
                // Wraps where the window begins further right.
                match column.wrapping_sub(p * S) {
                    0 => *all = x,
                    within if within < K => *all = reduce.of(*all, x),
                    _ => {}
                }
            }
        }
        for (p, all) in all.into_iter().enumerate() {
            // SAFETY: the caller vouches for the pixels.
            unsafe { all.mul(L::splat(factor)).store_up_to(y.add(p * next + at), n) };
        }
    }
}
