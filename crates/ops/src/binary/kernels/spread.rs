//! Maps that are broadcast in any way, one over the other or both: what a row of the output needs of them is
//! written side by side first, while it stays in the nearest cache.

use super::vector::{Function2, Run};
use crate::{
    cpu::{Bounds, Io, Layout, ParallelFor, Pixels, Same, Site, Values, write_run},
    simd::Lanes,
};
use profile::Shape;
use std::ops::Range;

/// Two maps; the items are the output's rows.
pub(super) struct Spread<F> {
    function: F,
    bounds: Bounds,
    /// Of both inputs, and of the output.
    inputs: [Layout; 2],
    output: Layout,
}

impl<F: Function2> Spread<F> {
    pub fn new(function: F, site: &Site<'_>) -> Self {
        let inputs = [site.inputs[0], site.inputs[1]];
        Self { function, bounds: Bounds::of(site.epilogue), inputs, output: site.output }
    }

    /// Elements of a row of the output.
    const fn row(&self) -> usize {
        self.output.shape.w * self.output.shape.c
    }

    /// Writes what row (n, h) of the output needs of an input that lies so at `from`.
    ///
    /// # Safety
    /// The input is there, and `to` holds a row.
    #[inline(always)]
    unsafe fn spread<L: Lanes>(
        &self,
        input: Layout,
        from: *const f32,
        (n, h): (usize, usize),
        to: *mut f32,
    ) {
        let (Shape { c, w, .. }, own) = (self.output.shape, input.shape);
        for column in 0..w {
            // SAFETY: the caller vouches for both.
            unsafe {
                let from = from.add(input.offset(n, h.min(own.h - 1), column.min(own.w - 1)));
                let to = to.add(column * c);
                if own.c == 1 {
                    write_run::<L>(c, to, One(from));
                } else {
                    Pixels { channels: c, from: c, to: c }.map::<L>(Same, from, to, 0..1);
                }
            }
        }
    }
}

/// One element, again and again.
#[derive(Clone, Copy)]
struct One(*const f32);

impl Values for One {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, _: usize, _: usize) -> L {
        // SAFETY: `Spread` makes it over an element.
        unsafe { L::broadcast(self.0) }
    }
}

impl<F: Function2> ParallelFor for Spread<F> {
    fn scratch(&self) -> usize {
        2 * self.row()
    }

    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, scratch: *mut f32) {
        let Self { function, bounds, inputs, output } = *self;
        let Shape { c, h, w, .. } = output.shape;
        for row in items {
            let at = (row / h, row % h);
            // SAFETY: the caller vouches for the operands and for the scratch memory, which holds a row of each.
            unsafe {
                let (a, b) = (scratch, scratch.add(self.row()));
                self.spread::<L>(inputs[0], io.inputs[0], at, a);
                self.spread::<L>(inputs[1], io.inputs[1], at, b);
                for column in 0..w {
                    let y = io.output.add(output.offset(at.0, at.1, column));
                    let (a, b) = (a.add(column * c), b.add(column * c));
                    write_run::<L>(c, y, Run::<F, false> { function, bounds, a, b });
                }
            }
        }
    }
}
