//! Columns before rows: a row that was stretched is there for all output rows that it has a share in.

use super::{
    super::definition::{Axis, Resize, Tap},
    mixed::Mixed,
    phases::Phases,
};
use crate::{
    cpu::{
        Cut, Io, Kernel, Layout, ParallelFor, Pixels, Same, Site, Values, parallel_for, tasks_for,
        write_run,
    },
    simd::Lanes,
};
use std::ops::Range;

/// Each output pixel mixed from `K` × `K` of the input.
///
/// ```text
/// for each strip of output columns, for each output row:
///     for each of the K rows of the input under it that was not stretched for the row before:
///         stretched ← for each column of the strip: the K pixels of the row under it, each times its share
///     the row's part of the strip ← the K stretched rows, each times its share
/// ```
///
/// The K rows are neighbours, so that row r may take the place of row r − K. A strip is narrow enough for all K to stay
/// in the first-level cache.
pub(super) struct Stretch<const K: usize> {
    x: Layout,
    y: Layout,
    /// The taps of each output row.
    rows: Vec<[Tap; K]>,
    /// The taps of each output column, as elements of what is stretched: a row of the input, or, of fewer channels
    /// than a vector, a copy of it without gaps.
    columns: Vec<[Tap; K]>,
    /// The columns' phases, where there are fewer channels than lanes.
    phases: Option<Phases<K>>,
}

/// Floats of a stretched row of a strip.
const STRIP: usize = 1024;

/// Floats behind a row that may be read and written: a vector of its last pixel may be wider than that.
const SLACK: usize = 16;

/// Multiply-adds below which a task is not worth handing out.
const TASK_MUL_ADDS: usize = 50_000;

impl<const K: usize> Stretch<K> {
    /// The kernel, ready to run.
    pub fn prepare(op: &Resize, site: &Site<'_>) -> Box<dyn Kernel> {
        let (x, y) = (site.inputs[0], site.output);
        let taps =
            |axis: Axis| (0..axis.out).map(|i| std::array::from_fn(|k| axis.taps(i)[k])).collect();
        let [rows, mut columns]: [Vec<[Tap; K]>; 2] = op.axes(x.shape).map(taps);
        let few = x.shape.c < site.isa.lanes();
        let dense = x.pixel == x.shape.c;
        let phases = (few && dense).then(|| Phases::new(&columns, x.shape.w, x.shape.c)).flatten();
        let pitch = if few { x.shape.c } else { x.pixel };
        columns.iter_mut().flatten().for_each(|tap| tap.at *= pitch);
        let count = y.shape.n * y.shape.h;
        // Each task stretches its first rows anew: few, then.
        let tasks = tasks_for(site.threads, 2 * K * y.shape.elements(), TASK_MUL_ADDS);
        let cut = Cut::new(count, tasks.min(count));
        parallel_for(Self { x, y, rows, columns, phases }, site.isa, cut)
    }

    /// Output columns of a strip.
    fn strip(&self) -> usize {
        let scale = self.phases.as_ref().map_or(1, Phases::scale);
        (STRIP / (self.y.shape.c.max(1) * scale)).clamp(1, self.y.shape.w / scale) * scale
    }

    /// Floats of a stretched row's room.
    fn room(&self) -> usize {
        self.strip() * self.y.shape.c + SLACK
    }

    /// Does a strip of output rows `items`, counted over all images.
    ///
    /// # Safety
    /// As [`ParallelFor::run`].
    #[inline(always)]
    unsafe fn strip_of_rows<L: Lanes>(
        &self,
        io: &Io,
        items: Range<usize>,
        strip: Range<usize>,
        scratch: *mut f32,
    ) {
        let room = self.room();
        // SAFETY: scratch memory has room for K stretched rows, and for one that is not behind them.
        let (place, row_room) =
            unsafe { (|row: usize| scratch.add(row % K * room), scratch.add(K * room)) };
        let mut held = [None; K];
        for item in items {
            let (image, y) = (item / self.y.shape.h, item % self.y.shape.h);
            let taps = &self.rows[y];
            // SAFETY: passed on from the caller; rows are the input's and the output's.
            unsafe {
                for tap in taps {
                    let row = Some((image, tap.at));
                    if held[tap.at % K] != row {
                        let line = io.inputs[0].add(self.x.offset(image, tap.at, 0));
                        self.stretch::<L>(strip.clone(), line, row_room, place(tap.at));
                        held[tap.at % K] = row;
                    }
                }
                let rows = Mixed::new(taps, |at| place(at).cast_const());
                self.mix::<L>(
                    rows,
                    strip.len(),
                    io.output.add(self.y.offset(image, y, strip.start)),
                );
            }
        }
    }

    /// Stretches a row of the input, of which `line` is the first pixel, to some columns.
    ///
    /// # Safety
    /// `row` has room for a row of the input, and for what phases need, and `to` for the columns, both without gaps and
    /// with [`SLACK`].
    #[inline(always)]
    unsafe fn stretch<L: Lanes>(
        &self,
        strip: Range<usize>,
        line: *const f32,
        row: *mut f32,
        to: *mut f32,
    ) {
        let channels = self.x.shape.c;
        if let Some(phases) = &self.phases {
            // SAFETY: passed on from the caller; strips are whole columns of the input.
            return unsafe { phases.stretch::<L>(strip, line, to, row) };
        }
        let columns = &self.columns[strip];
        // SAFETY: the caller vouches for the row and for the room; taps are pixels of the row.
        unsafe {
            if channels >= L::N {
                for (column, taps) in columns.iter().enumerate() {
                    let mix = Mixed::new(taps, |at| line.add(at));
                    write_run::<L>(channels, to.add(column * channels), mix);
                }
                return;
            }
            let (first, last) = (columns[0][0].at, columns[columns.len() - 1][K - 1].at);
            let pixels = Pixels { channels, from: self.x.pixel, to: channels };
            pixels.map::<L>(Same, line, row, first / channels..last / channels + 1);
            // Whatever a vector has behind its pixel's channels, the pixels behind are written after it.
            for (column, taps) in columns.iter().enumerate() {
                let mix = Mixed::new(taps, |at| row.cast_const().add(at));
                mix.of::<L>(0, L::N).store(to.add(column * channels));
            }
        }
    }

    /// Writes `width` output pixels from `to` on, mixed from the rows under them.
    ///
    /// # Safety
    /// All are there.
    #[inline(always)]
    unsafe fn mix<L: Lanes>(&self, rows: Mixed<K>, width: usize, to: *mut f32) {
        let (channels, pixel) = (self.y.shape.c, self.y.pixel);
        let (runs, len) = if pixel == channels { (1, width * channels) } else { (width, channels) };
        for run in 0..runs {
            // SAFETY: the caller vouches for the rows, which have these elements.
            unsafe { write_run::<L>(len, to.add(run * pixel), rows.from(run * len)) };
        }
    }
}

impl<const K: usize> ParallelFor for Stretch<K> {
    fn scratch(&self) -> usize {
        let phases = self.phases.as_ref().map_or(0, |phases| phases.scratch(self.strip()));
        K * self.room() + (self.x.shape.w * self.x.shape.c + SLACK).max(phases)
    }

    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, scratch: *mut f32) {
        for start in (0..self.y.shape.w).step_by(self.strip()) {
            let strip = start..self.y.shape.w.min(start + self.strip());
            // SAFETY: passed on from the caller.
            unsafe { self.strip_of_rows::<L>(io, items.clone(), strip, scratch) };
        }
    }
}
