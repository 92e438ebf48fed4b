//! Where an element comes from is the sum of what its channel, its row and its column say, unless an axis straddles
//! two of them: tables then hold the three, and whatever keeps its channels is copied.

use super::definition::{Axis, Permute, source};
use crate::{
    cpu::{CpuKernel, Cut, Io, Layout, ParallelFor, Pixels, Same, Site, parallel_for},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Permute>] = &[
    CpuKernel {
        name: "pixels",
        fits: |op, site| tables(op, site).is_some_and(|t| t.keeps_channels()),
        prepare: |op, site| parallel_for(Copy(known(op, site)), site.isa, rows(site)),
    },
    CpuKernel {
        name: "tables",
        fits: |op, site| tables(op, site).is_some_and(|t| !t.keeps_channels()),
        prepare: |op, site| parallel_for(Gather(known(op, site)), site.isa, rows(site)),
    },
    CpuKernel {
        name: "elements",
        fits: |op, site| tables(op, site).is_none(),
        prepare: |op, site| {
            let (x, y) = (site.inputs[0], site.output);
            parallel_for(Elements { axes: op.result(), x, y }, site.isa, rows(site))
        },
    },
];

/// The output's rows, shared by the workers.
fn rows(site: &Site<'_>) -> Cut {
    let y = site.output.shape;
    Cut::for_workers(y.n * y.h, 2 * y.w * y.c, site.threads)
}

/// Elements from the start of the input's image, which add up.
struct Tables {
    channels: Vec<usize>,
    rows: Vec<usize>,
    columns: Vec<usize>,
    x: Layout,
    y: Layout,
}

impl Tables {
    fn keeps_channels(&self) -> bool {
        self.channels.iter().copied().eq(0..self.channels.len())
    }

    /// Elements to row `item` of all images of the input, and to that of the output.
    fn row(&self, item: usize) -> (usize, usize) {
        let (image, row) = (item / self.y.shape.h, item % self.y.shape.h);
        (self.x.offset(image, 0, 0) + self.rows[row], self.y.offset(image, row, 0))
    }
}

fn tables(op: &Permute, site: &Site<'_>) -> Option<Tables> {
    let (x, y) = (site.inputs[0], site.output);
    let (from, to) = (x.shape, y.shape);
    let axes = op.apart(from, to)?;
    let place = |place: usize| {
        let inside = place % from.area();
        inside * x.pixel + place / from.area()
    };
    let table =
        |count: usize, step: usize| (0..count).map(|i| place(source(&axes, i * step))).collect();
    let (channels, rows, columns) = (table(to.c, to.area()), table(to.h, to.w), table(to.w, 1));
    Some(Tables { channels, rows, columns, x, y })
}

/// The tables of a node that has them.
fn known(op: &Permute, site: &Site<'_>) -> Tables {
    let (x, y) = (site.inputs[0], site.output);
    let none = || Tables { channels: Vec::new(), rows: Vec::new(), columns: Vec::new(), x, y };
    tables(op, site).unwrap_or_else(none)
}

struct Copy(Tables);

impl ParallelFor for Copy {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Self(tables) = self;
        let pixel = Pixels::new(tables.y, tables.y);
        for item in items {
            let (x, y) = tables.row(item);
            for (w, column) in tables.columns.iter().enumerate() {
                // SAFETY: the caller vouches for the operands; a pixel is at either place.
                unsafe {
                    let from = io.inputs[0].add(x + column);
                    pixel.map::<L>(Same, from, io.output.add(y + w * tables.y.pixel), 0..1);
                }
            }
        }
    }
}

/// Channels and columns of a block that is read and written in the nearest cache.
const BLOCK: usize = 16;

struct Gather(Tables);

impl ParallelFor for Gather {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Self(tables) = self;
        for item in items {
            let (x, y) = tables.row(item);
            for w in (0..tables.columns.len()).step_by(BLOCK) {
                let columns = &tables.columns[w..tables.columns.len().min(w + BLOCK)];
                for c in (0..tables.channels.len()).step_by(BLOCK) {
                    let channels = &tables.channels[c..tables.channels.len().min(c + BLOCK)];
                    for (i, column) in columns.iter().enumerate() {
                        let to = y + (w + i) * tables.y.pixel + c;
                        for (k, channel) in channels.iter().enumerate() {
                            // SAFETY: the caller vouches for the operands; an element is at either place.
                            unsafe {
                                let from = io.inputs[0].add(x + column + channel);
                                f32::load(from).store(io.output.add(to + k));
                            }
                        }
                    }
                }
            }
        }
    }
}

struct Elements {
    axes: Vec<Axis>,
    x: Layout,
    y: Layout,
}

impl ParallelFor for Elements {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Self { axes, x, y } = self;
        let (from, to) = (x.shape, y.shape);
        for item in items {
            let (image, row) = (item / to.h, item % to.h);
            for w in 0..to.w {
                for c in 0..to.c {
                    let place = source(axes, (c * to.h + row) * to.w + w);
                    let pixel = x.offset(image, 0, place % from.area());
                    // SAFETY: the caller vouches for the operands; an element is at either place.
                    unsafe {
                        let from = io.inputs[0].add(pixel + place / from.area());
                        f32::load(from).store(io.output.add(y.offset(image, row, w) + c));
                    }
                }
            }
        }
    }
}
