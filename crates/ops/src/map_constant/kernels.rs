//! y = f(x, m), image by image beside the same m. It was written out for each pixel beforehand: with its channels,
//! or as one value.

use super::definition::{MapConstant, MapFn, beside};
use crate::{
    binary::{Add, Function2, Mul, Zip},
    cpu::{AlignedBuffer, CpuKernel, Cut, Io, Kernel, Layout, ParallelFor, Site, parallel_for},
    simd::Lanes,
};
use profile::Shape;
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<MapConstant>] = &[CpuKernel {
    name: "beside_map",
    fits: |_, _| true,
    prepare: |op, site| match op.function {
        MapFn::Add => prepared(Add, op, site),
        MapFn::Mul => prepared(Mul, op, site),
        MapFn::Slope => prepared(Slope, op, site),
    },
}];

/// max(a, 0) + b · min(a, 0).
#[derive(Clone, Copy)]
struct Slope;

impl Function2 for Slope {
    #[inline(always)]
    fn of<L: Lanes>(self, a: L, b: L) -> L {
        let zero = L::splat(0.0);
        zero.max(a).fma(b, zero.min(a))
    }
}

fn prepared(function: impl Function2, op: &MapConstant, site: &Site<'_>) -> Box<dyn Kernel> {
    let shape = site.output.shape;
    let split = Cut::for_workers(shape.pixels(), 3 * shape.c, site.threads);
    parallel_for(BesideMap::new(function, *op, site), site.isa, split)
}

struct BesideMap<F> {
    zip: Zip<F>,
    /// Of each pixel of an image.
    map: AlignedBuffer,
    area: usize,
    /// Whether it has each channel.
    channels: bool,
}

impl<F: Function2> BesideMap<F> {
    fn new(function: F, op: MapConstant, site: &Site<'_>) -> Self {
        let (x, y) = (site.inputs[0], site.output);
        let Shape { c, h, w, .. } = y.shape;
        let shape = Shape::new(1, if op.channels { c } else { 1 }, h, w);
        // Where the maps have gaps of their own, this one has the same, and all are walked over.
        let pixel = if op.channels && y.own_gaps { y.pixel } else { shape.c };
        let layout = Layout { shape, pixel, own_gaps: true };
        let mut map = AlignedBuffer::zeros(layout.span());
        let weights = site.weights.all();
        for (p, values) in map.as_mut_slice().chunks_mut(pixel).enumerate() {
            for (c, value) in values.iter_mut().take(shape.c).enumerate() {
                *value = beside(&weights[0], [c, p / w, p % w]) as f32;
            }
        }
        let zip = Zip::new(function, [x, layout, y], site.epilogue);
        Self { zip, map, area: h * w, channels: op.channels }
    }
}

impl<F: Function2> ParallelFor for BesideMap<F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let mut start = items.start;
        while start < items.end {
            let at = start % self.area;
            let end = items.end.min(start - at + self.area);
            // SAFETY: the caller vouches for the operands; the pixels are of one image.
            unsafe {
                let map = self.map.as_ptr().add(at * self.zip.pixel_of_b());
                if self.channels {
                    self.zip.pixels::<L>(io, start..end, map);
                } else {
                    self.zip.values::<L>(io, start..end, map);
                }
            }
            start = end;
        }
    }
}
