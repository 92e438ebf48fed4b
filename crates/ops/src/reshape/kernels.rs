//! Pixels copied where they keep their channels, else element by element.

use super::definition::{Reshape, source};
use crate::{
    cpu::{CpuKernel, Cut, Io, Layout, ParallelFor, Pixels, Same, Site, parallel_for},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Reshape>] = &[
    CpuKernel {
        name: "copy",
        fits: |op, site| op.c == site.inputs[0].shape.c,
        prepare: |_, site| {
            parallel_for(Copy(Pixels::new(site.inputs[0], site.output)), site.isa, cut(site))
        },
    },
    CpuKernel {
        name: "elements",
        fits: |op, site| op.c != site.inputs[0].shape.c,
        prepare: |_, site| {
            parallel_for(Elements { x: site.inputs[0], y: site.output }, site.isa, cut(site))
        },
    },
];

fn cut(site: &Site<'_>) -> Cut {
    let shape = site.output.shape;
    Cut::for_workers(shape.pixels(), 2 * shape.c, site.threads)
}

struct Copy(Pixels);

impl ParallelFor for Copy {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        // SAFETY: the caller vouches for the operands, which have as many pixels.
        unsafe { self.0.map::<L>(Same, io.inputs[0], io.output, items) }
    }
}

struct Elements {
    x: Layout,
    y: Layout,
}

impl ParallelFor for Elements {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Self { x, y } = self;
        for item in items {
            let (image, h, w) =
                (item / y.shape.area(), item / y.shape.w % y.shape.h, item % y.shape.w);
            for c in 0..y.shape.c {
                let [channel, row, column] = source(y.shape, [c, h, w], x.shape);
                // SAFETY: the caller vouches for the operands; an element is at either place.
                unsafe {
                    let from = io.inputs[0].add(x.offset(image, row, column) + channel);
                    f32::load(from).store(io.output.add(item * y.pixel + c));
                }
            }
        }
    }
}
