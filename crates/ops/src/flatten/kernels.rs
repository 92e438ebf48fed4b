//! H·W pixels × C channels written C × H·W: a copy where either is 1, else a transposition in
//! square tiles.

use super::Flatten;
use crate::{
    cpu::{
        CpuKernel, Cut, Io, Layout, ParallelFor, PerVector, Pixels, Same, each_vector,
        machine::LINE, parallel_for,
    },
    simd::{Lanes, interleave_all},
};
use std::ops::Range;

/// Channels of a task: a cache line of the input.
const BLOCK: usize = LINE;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Flatten>] = &[
    CpuKernel {
        name: "copy",
        fits: |_, site| site.inputs[0].shape.area() == 1 || site.inputs[0].pixel == 1,
        prepare: |_, site| {
            let (x, y) = (site.inputs[0], site.output);
            // An image is one run on both sides.
            let images =
                Pixels { channels: y.shape.c, from: x.shape.area() * x.pixel, to: y.pixel };
            parallel_for(
                Copy(images),
                site.isa,
                Cut::for_workers(x.shape.n, 2 * y.shape.c, site.threads),
            )
        },
    },
    CpuKernel {
        name: "transpose",
        fits: |_, _| true,
        prepare: |_, site| {
            let (x, y) = (site.inputs[0], site.output);
            let items = x.shape.n * x.shape.c.div_ceil(BLOCK);
            let split = Cut::for_workers(items, 2 * BLOCK * x.shape.area(), site.threads);
            parallel_for(Transpose { x, image: y.pixel }, site.isa, split)
        },
    },
];

struct Copy(Pixels);

impl ParallelFor for Copy {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        // SAFETY: the caller vouches for the operands.
        unsafe { self.0.map::<L>(Same, io.inputs[0], io.output, items) }
    }
}

/// ```text
/// for each block of channels of each image, for each N of them, for each N pixels:
///     v[i] = those channels of pixel i;  transpose v;  store v[j] to row j of the output
/// ```
struct Transpose {
    x: Layout,
    /// Elements from image to image of the output.
    image: usize,
}

impl ParallelFor for Transpose {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let (shape, pixel) = (self.x.shape, self.x.pixel);
        let blocks = shape.c.div_ceil(BLOCK);
        for item in items {
            let (image, channel) = (item / blocks, item % blocks * BLOCK);
            let (x, y) = (image * shape.area() * pixel + channel, channel * shape.area());
            // SAFETY: the caller vouches for the operands; the block's channels lie within a pixel.
            unsafe {
                let x = io.inputs[0].add(x);
                let y = io.output.add(image * self.image + y);
                let channels = BLOCK.min(shape.c - channel);
                each_vector::<L>(channels, Channels { x, y, pixel, area: shape.area() });
            }
        }
    }
}

/// A block's channels, walked over them.
#[derive(Clone, Copy)]
struct Channels {
    x: *const f32,
    y: *mut f32,
    pixel: usize,
    area: usize,
}

impl PerVector for Channels {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        // SAFETY: `Transpose` makes it over whole blocks.
        unsafe {
            let block = Self { x: self.x.add(at), y: self.y.add(at * self.area), ..self };
            match L::N {
                4 => each_vector::<L>(self.area, Tile::<4> { block, channels: n }),
                8 => each_vector::<L>(self.area, Tile::<8> { block, channels: n }),
                16 => each_vector::<L>(self.area, Tile::<16> { block, channels: n }),
                _ => each_vector::<f32>(self.area, Tile::<1> { block, channels: n }),
            }
        }
    }
}

/// At most `N` channels, walked over pixels `N` at a time.
#[derive(Clone, Copy)]
struct Tile<const N: usize> {
    block: Channels,
    channels: usize,
}

impl<const N: usize> PerVector for Tile<N> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        let Channels { x, y, pixel, area } = self.block;
        let mut v = [L::splat(0.0); N];
        for (i, v) in v.iter_mut().enumerate().take(n) {
            // SAFETY: pixels at .. at + n and these channels lie within the map.
            *v = unsafe { L::load_up_to(x.add((at + i) * pixel), self.channels) };
        }
        // SAFETY: as above.
        unsafe {
            for (j, v) in interleave_all(v).into_iter().enumerate().take(self.channels) {
                v.store_up_to(y.add(j * area + at), n);
            }
        }
    }
}
