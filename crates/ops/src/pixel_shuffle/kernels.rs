//! A row of the wide map at a time: channels that stay together are copied in runs, others in vectors that
//! are interleaved, or one by one.

use super::definition::{BlockOrder, Direction, PixelShuffle};
use crate::{
    cpu::{
        CpuKernel, Cut, Io, Kernel, Layout, ParallelFor, PerVector, Pixels, Same, Site,
        each_vector, parallel_for,
    },
    simd::{Lanes, deinterleave, interleave_all},
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<PixelShuffle>] = &[
    CpuKernel {
        name: "copy",
        fits: |op, _| op.order != BlockOrder::Crd,
        prepare: |op, site| ready(op, site, Runs),
    },
    CpuKernel {
        name: "interleave2",
        fits: |op, _| op.order == BlockOrder::Crd && op.block == 2,
        prepare: |op, site| ready(op, site, Interleaved::<2, 4>),
    },
    CpuKernel {
        name: "interleave4",
        fits: |op, _| op.order == BlockOrder::Crd && op.block == 4,
        prepare: |op, site| ready(op, site, Interleaved::<4, 16>),
    },
    CpuKernel {
        name: "elements",
        fits: |op, _| op.order == BlockOrder::Crd && !matches!(op.block, 2 | 4),
        prepare: |op, site| ready(op, site, Elements),
    },
];

/// Both maps of a shuffle, row by row of the deep one.
struct Rows<M> {
    op: PixelShuffle,
    wide: Layout,
    deep: Layout,
    pixels: M,
}

fn ready(op: &PixelShuffle, site: &Site<'_>, pixels: impl MovePixel) -> Box<dyn Kernel> {
    let (wide, deep) = op.wide_and_deep(site.inputs[0], site.output);
    let row = 2 * deep.shape.w * deep.shape.c;
    let cut = Cut::for_workers(deep.shape.n * deep.shape.h, row, site.threads);
    parallel_for(Rows { op: *op, wide, deep, pixels }, site.isa, cut)
}

/// How a pixel of the deep map is moved. Implementations are `#[inline(always)]`.
trait MovePixel: Copy + Send + Sync + 'static {
    /// Moves one.
    ///
    /// # Safety
    /// The block has its addresses.
    unsafe fn run<L: Lanes>(self, block: &Block);
}

/// A pixel of the deep map, and the block of the wide one that it is.
#[derive(Clone, Copy)]
struct Block {
    op: PixelShuffle,
    wide: Layout,
    from: *const f32,
    to: *mut f32,
}

impl<M: MovePixel> ParallelFor for Rows<M> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Self { op, wide, deep, pixels } = self;
        for item in items {
            let (image, y) = (item / deep.shape.h, item % deep.shape.h);
            for x in 0..deep.shape.w {
                let places =
                    (wide.offset(image, y * op.block, x * op.block), deep.offset(image, y, x));
                let (from, to) = match op.direction {
                    Direction::ToSpace => (places.1, places.0),
                    Direction::ToDepth => places,
                };
                // SAFETY: the caller vouches for the operands; the pixel and its block are theirs.
                unsafe {
                    let (from, to) = (io.inputs[0].add(from), io.output.add(to));
                    pixels.run::<L>(&Block { op: *op, wide: *wide, from, to });
                }
            }
        }
    }
}

impl Block {
    /// Elements from the block's first to pixel (`i`, `j`) of it in the wide map.
    const fn in_wide(&self, i: usize, j: usize) -> usize {
        (i * self.wide.shape.w + j) * self.wide.pixel
    }

    /// The same in the deep map.
    const fn in_deep(&self, i: usize, j: usize) -> usize {
        let steps = self.op.steps(self.wide.shape.c);
        i * steps.row + j * steps.column
    }

    /// The addresses of a place in either map, to read from and to write to.
    const fn moved(&self, wide: usize, deep: usize) -> (*const f32, *mut f32) {
        match self.op.direction {
            Direction::ToSpace => (self.from.wrapping_add(deep), self.to.wrapping_add(wide)),
            Direction::ToDepth => (self.from.wrapping_add(wide), self.to.wrapping_add(deep)),
        }
    }
}

/// The channels of each pixel of the block together; those of a row where they lie together on both sides.
#[derive(Clone, Copy)]
struct Runs;

impl MovePixel for Runs {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, block: &Block) {
        let (channels, b) = (block.wide.shape.c, block.op.block);
        let together = block.op.order == BlockOrder::Dcr && block.wide.pixel == channels;
        let (runs, len) = if together { (1, b * channels) } else { (b, channels) };
        let run = Pixels { channels: len, from: len, to: len };
        for i in 0..b {
            for j in 0..runs {
                let (from, to) = block.moved(block.in_wide(i, j), block.in_deep(i, j));
                // SAFETY: the caller vouches for the block.
                unsafe { run.map::<L>(Same, from, to, 0..1) };
            }
        }
    }
}

/// Blocks of `B` × `B` pixels, `A` in all, whose channels alternate in the deep map.
#[derive(Clone, Copy)]
struct Interleaved<const B: usize, const A: usize>;

impl<const B: usize, const A: usize> MovePixel for Interleaved<B, A> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, block: &Block) {
        // SAFETY: passed on from the caller.
        unsafe { each_vector::<L>(block.wide.shape.c, Vectors::<B, A>(*block)) };
    }
}

/// One block of [`Interleaved`], walked over its channels.
#[derive(Clone, Copy)]
struct Vectors<const B: usize, const A: usize>(Block);

impl<const B: usize, const A: usize> PerVector for Vectors<B, A> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        let Self(block) = self;
        let wide = |k: usize| block.in_wide(k / B, k % B) + at;
        // SAFETY: the caller vouches for the block; at + n lies within its channels.
        unsafe {
            match block.op.direction {
                Direction::ToSpace => {
                    let parts = deinterleave::<L, A>(block.from.add(A * at), n);
                    for (k, part) in parts.into_iter().enumerate() {
                        part.store_up_to(block.to.add(wide(k)), n);
                    }
                }
                Direction::ToDepth => {
                    let mut v = [L::splat(0.0); A];
                    for (k, v) in v.iter_mut().enumerate() {
                        *v = L::load_up_to(block.from.add(wide(k)), n);
                    }
                    for (i, v) in interleave_all(v).into_iter().enumerate() {
                        let left = (A * n).saturating_sub(i * L::N);
                        if left > 0 {
                            v.store_up_to(block.to.add(A * at + i * L::N), left.min(L::N));
                        }
                    }
                }
            }
        }
    }
}

/// Element by element.
#[derive(Clone, Copy)]
struct Elements;

impl MovePixel for Elements {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, block: &Block) {
        let (channels, b) = (block.wide.shape.c, block.op.block);
        let step = block.op.steps(channels).channel;
        for i in 0..b {
            for j in 0..b {
                for c in 0..channels {
                    let places = (block.in_wide(i, j) + c, block.in_deep(i, j) + c * step);
                    let (from, to) = block.moved(places.0, places.1);
                    // SAFETY: the caller vouches for the block.
                    unsafe { f32::load(from).store(to) };
                }
            }
        }
    }
}
