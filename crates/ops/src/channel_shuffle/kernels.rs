//! A shuffle of a pixel is the transposition of a groups × n matrix, n = C/groups.

use super::ChannelShuffle;
use crate::{
    cpu::{CpuKernel, Cut, Io, ParallelFor, PerVector, Pixels, Site, each_vector, parallel_for},
    simd::{Lanes, deinterleave, interleave},
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<ChannelShuffle>] = &[
    CpuKernel {
        name: "interleave2",
        fits: |op, _| op.groups == 2,
        prepare: |op, site| parallel_for(Interleave::<2>(rows(*op, site)), site.isa, split(site)),
    },
    CpuKernel {
        name: "interleave3",
        fits: |op, _| op.groups == 3,
        prepare: |op, site| parallel_for(Interleave::<3>(rows(*op, site)), site.isa, split(site)),
    },
    CpuKernel {
        name: "interleave4",
        fits: |op, _| op.groups == 4,
        prepare: |op, site| parallel_for(Interleave::<4>(rows(*op, site)), site.isa, split(site)),
    },
    CpuKernel {
        name: "interleave8",
        fits: |op, _| op.groups == 8,
        prepare: |op, site| parallel_for(Interleave::<8>(rows(*op, site)), site.isa, split(site)),
    },
    CpuKernel {
        name: "deinterleave2",
        fits: |op, site| site.output.shape.c == 2 * op.groups,
        prepare: |op, site| {
            parallel_for(Deinterleave::<2>(rows(*op, site), op.groups), site.isa, split(site))
        },
    },
    CpuKernel {
        name: "deinterleave3",
        fits: |op, site| site.output.shape.c == 3 * op.groups,
        prepare: |op, site| {
            parallel_for(Deinterleave::<3>(rows(*op, site), op.groups), site.isa, split(site))
        },
    },
    CpuKernel {
        name: "deinterleave4",
        fits: |op, site| site.output.shape.c == 4 * op.groups,
        prepare: |op, site| {
            parallel_for(Deinterleave::<4>(rows(*op, site), op.groups), site.isa, split(site))
        },
    },
    CpuKernel {
        name: "deinterleave8",
        fits: |op, site| site.output.shape.c == 8 * op.groups,
        prepare: |op, site| {
            parallel_for(Deinterleave::<8>(rows(*op, site), op.groups), site.isa, split(site))
        },
    },
    CpuKernel {
        name: "elements",
        fits: |_, _| true,
        prepare: |op, site| {
            parallel_for(
                Elements { groups: op.groups, rows: rows(*op, site) },
                site.isa,
                split(site),
            )
        },
    },
];

fn split(site: &Site<'_>) -> Cut {
    let shape = site.output.shape;
    Cut::for_workers(shape.pixels(), 2 * shape.c, site.threads)
}

/// The rows of the matrix: pixels with the channels of one group.
fn rows(op: ChannelShuffle, site: &Site<'_>) -> Pixels {
    let pixels = Pixels::new(site.inputs[0], site.output);
    Pixels { channels: pixels.channels / op.groups, ..pixels }
}

/// `G` groups, a vector of each at a time.
///
/// ```text
/// for each run of N channels of a group:
///     v[i] = that run of group i;  interleave all;  store G vectors one after another
/// ```
struct Interleave<const G: usize>(Pixels);

impl<const G: usize> ParallelFor for Interleave<G> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let row = self.0.channels;
        for p in items {
            // SAFETY: the caller vouches for the operands; a pixel holds G rows.
            unsafe {
                let (x, y) = (io.inputs[0].add(p * self.0.from), io.output.add(p * self.0.to));
                each_vector::<L>(row, Columns::<G> { x, y, row });
            }
        }
    }
}

/// One pixel of [`Interleave`], walked over the channels of a group.
#[derive(Clone, Copy)]
struct Columns<const G: usize> {
    x: *const f32,
    y: *mut f32,
    row: usize,
}

impl<const G: usize> PerVector for Columns<G> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        let mut v = [L::splat(0.0); G];
        for (group, v) in v.iter_mut().enumerate() {
            // SAFETY: at + n lies within a row.
            *v = unsafe { L::load_up_to(self.x.add(group * self.row + at), n) };
        }
        // SAFETY: at + n lies within a row, so the G·n elements written lie within the pixel.
        unsafe { interleave(v, self.y.add(at * G), n) };
    }
}

/// Groups of `G` channels, as many groups as said: the first channels of all, then the second ones.
struct Deinterleave<const G: usize>(Pixels, usize);

impl<const G: usize> ParallelFor for Deinterleave<G> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Self(pixels, groups) = *self;
        for p in items {
            // SAFETY: the caller vouches for the operands; a pixel holds G channels a group.
            unsafe {
                let (x, y) = (io.inputs[0].add(p * pixels.from), io.output.add(p * pixels.to));
                each_vector::<L>(groups, Apart::<G> { x, y, groups });
            }
        }
    }
}

/// One pixel of [`Deinterleave`], walked over its groups.
#[derive(Clone, Copy)]
struct Apart<const G: usize> {
    x: *const f32,
    y: *mut f32,
    groups: usize,
}

impl<const G: usize> PerVector for Apart<G> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        // SAFETY: at + n lies within the groups, so G·n elements are there to read, and n of each
        // G-th part of the pixel to write.
        unsafe {
            let parts = deinterleave::<L, G>(self.x.add(G * at), n);
            for (k, part) in parts.into_iter().enumerate() {
                part.store_up_to(self.y.add(k * self.groups + at), n);
            }
        }
    }
}

/// Any number of groups, element by element in the order of the output.
struct Elements {
    groups: usize,
    rows: Pixels,
}

impl ParallelFor for Elements {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let row = self.rows.channels;
        for p in items {
            // SAFETY: the caller vouches for the operands; a pixel holds `groups` rows.
            unsafe {
                let x = io.inputs[0].add(p * self.rows.from);
                let mut y = io.output.add(p * self.rows.to);
                for column in 0..row {
                    for group in 0..self.groups {
                        f32::load(x.add(group * row + column)).store(y);
                        y = y.add(1);
                    }
                }
            }
        }
    }
}
