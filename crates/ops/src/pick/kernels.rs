//! Runs of pixels copied, row by row.
//!
//! ```text
//! for each output row:
//!     if it is the row before again: copy that
//!     else for each run of columns: copy the run, or fill it
//! ```

use super::definition::{Pick, Run, Source};
use crate::{
    cpu::{
        Cut, Io, Kernel, Layout, ParallelFor, Pixels, Same, Site, Values, parallel_for, write_run,
    },
    simd::Lanes,
};
use std::ops::Range;

/// The kernel that picks, ready to run.
pub(crate) fn kernel(pick: &Pick, site: &Site<'_>) -> Box<dyn Kernel> {
    let (x, y) = (site.inputs[0], site.output);
    let cut = Cut::for_workers(y.shape.n * y.shape.h, 2 * y.shape.w * y.shape.c, site.threads);
    let rows = pick.rows.clone();
    parallel_for(Picked { rows, runs: pick.runs(), fill: pick.fill, x, y }, site.isa, cut)
}

struct Picked {
    rows: Vec<Source>,
    runs: Vec<Run>,
    fill: f32,
    x: Layout,
    y: Layout,
}

impl ParallelFor for Picked {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Self { x, y, .. } = *self;
        let (pixels, again) = (Pixels::new(x, y), Pixels::new(y, y));
        let row = y.shape.w * y.pixel;
        for item in items.clone() {
            let (image, at) = (item / y.shape.h, item % y.shape.h);
            let repeats = item > items.start && at > 0 && self.rows[at] == self.rows[at - 1];
            // SAFETY: the caller vouches for the operands; runs lie inside rows, rows inside maps, and the
            // row before was written by this very task.
            unsafe {
                let to = io.output.add(y.offset(image, at, 0));
                if repeats {
                    again.map::<L>(Same, to.sub(row), to, 0..y.shape.w);
                    continue;
                }
                for run in &self.runs {
                    let to = to.add(run.to * y.pixel);
                    match (self.rows[at], run.from) {
                        (Some(line), Some(from)) => {
                            let from = io.inputs[0].add(x.offset(image, line, from));
                            pixels.map::<L>(Same, from, to, 0..run.len);
                        }
                        _ => fill::<L>(Fill(self.fill), to, y, run.len),
                    }
                }
            }
        }
    }
}

/// Fills `len` pixels from `to` on.
///
/// # Safety
/// They are pixels of a map laid out as `y`.
#[inline(always)]
unsafe fn fill<L: Lanes>(fill: Fill, to: *mut f32, y: Layout, len: usize) {
    let channels = y.shape.c;
    // SAFETY: passed on from the caller.
    unsafe {
        if y.pixel == channels {
            return write_run::<L>(len * channels, to, fill);
        }
        for pixel in 0..len {
            write_run::<L>(channels, to.add(pixel * y.pixel), fill);
        }
    }
}

/// One number without end.
#[derive(Clone, Copy)]
struct Fill(f32);

impl Values for Fill {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, _: usize, _: usize) -> L {
        L::splat(self.0)
    }
}
