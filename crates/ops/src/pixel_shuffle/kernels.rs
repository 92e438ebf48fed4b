//! A row of the wide map at a time: channels that stay together are copied in runs, others in vectors that
//! are interleaved, or one by one; few channels in passes over tiles.

mod passes;

use super::definition::{BlockOrder, Direction, PixelShuffle};
use crate::{
    cpu::{
        CpuKernel, Cut, Io, Kernel, Layout, ParallelFor, PerVector, Pixels, Same, Site,
        each_vector, parallel_for,
    },
    simd::{Lanes, deinterleave, interleave},
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<PixelShuffle>] = &[
    CpuKernel { name: "passes", fits: passes::suit, prepare: passes::prepare },
    CpuKernel {
        name: "copy",
        fits: |op, _| op.order != BlockOrder::Crd,
        prepare: |op, site| ready(op, site, Runs),
    },
    CpuKernel {
        name: "interleave2",
        fits: |op, _| op.order == BlockOrder::Crd && op.block == 2,
        prepare: |op, site| ready(op, site, Interleaved::<4>),
    },
    CpuKernel {
        name: "interleave4",
        fits: |op, _| op.order == BlockOrder::Crd && op.block == 4,
        prepare: |op, site| ready(op, site, Interleaved::<16>),
    },
    CpuKernel {
        name: "elements",
        fits: |op, _| op.order == BlockOrder::Crd,
        prepare: |op, site| ready(op, site, Elements),
    },
];

/// How a pixel of the deep map is moved, which is a block of pixels of the wide one. Implementations are
/// `#[inline(always)]`.
trait MoveBlock: Copy + Send + Sync + 'static {
    /// Channels of a pixel of the wide map, which has so many, that are moved at once.
    fn run(self, channels: usize) -> usize;

    /// Moves a block.
    ///
    /// # Safety
    /// The block has its addresses, and both maps have what the moves say from there on.
    unsafe fn block<L: Lanes>(self, of: &Blocks, block: Block);
}

/// What all blocks of a shuffle have in common.
struct Blocks {
    op: PixelShuffle,
    wide: Layout,
    deep: Layout,
    /// Elements from a block's first to a run's first, to read and to write, in the order in which they are written.
    moves: Vec<(usize, usize)>,
    /// Elements of a run.
    len: usize,
}

/// Where a block is read and written.
#[derive(Clone, Copy)]
struct Block {
    from: *const f32,
    to: *mut f32,
    /// Elements of either row behind the block that the same task moves after it.
    behind: usize,
}

impl Blocks {
    fn new(op: &PixelShuffle, site: &Site<'_>, run: impl Fn(usize) -> usize) -> Self {
        let (wide, deep) = op.wide_and_deep(site.inputs[0], site.output);
        let (channels, b, steps) = (wide.shape.c, op.block, op.steps(wide.shape.c));
        let len = run(channels);
        let pixels = (0..b).flat_map(|i| (0..b).map(move |j| (i, j)));
        let runs = pixels.flat_map(|(i, j)| (0..channels).step_by(len).map(move |c| (i, j, c)));
        let places = runs.map(|(i, j, c)| {
            let in_wide = (i * wide.shape.w + j) * wide.pixel + c;
            (in_wide, i * steps.row + j * steps.column + c * steps.channel)
        });
        let mut moves: Vec<(usize, usize)> = match op.direction {
            Direction::ToSpace => places.map(|(wide, deep)| (deep, wide)).collect(),
            Direction::ToDepth => places.collect(),
        };
        moves.sort_unstable_by_key(|&(_, to)| to);
        Self { op: *op, wide, deep, moves, len }
    }
}

struct Rows<M> {
    blocks: Blocks,
    way: M,
}

fn ready(op: &PixelShuffle, site: &Site<'_>, way: impl MoveBlock) -> Box<dyn Kernel> {
    let blocks = Blocks::new(op, site, |channels| way.run(channels));
    let deep = blocks.deep.shape;
    let cut = Cut::for_workers(deep.n * deep.h, 2 * deep.w * deep.c, site.threads);
    parallel_for(Rows { blocks, way }, site.isa, cut)
}

impl<M: MoveBlock> ParallelFor for Rows<M> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Blocks { op, wide, deep, .. } = self.blocks;
        let dense = wide.pixel == wide.shape.c && deep.pixel == deep.shape.c;
        let each = if dense { op.block * wide.shape.c } else { 0 };
        for item in items {
            let (image, y) = (item / deep.shape.h, item % deep.shape.h);
            let (wide_row, deep_row) =
                (wide.offset(image, y * op.block, 0), deep.offset(image, y, 0));
            for x in 0..deep.shape.w {
                let places = (wide_row + x * op.block * wide.pixel, deep_row + x * deep.pixel);
                let (from, to) = match op.direction {
                    Direction::ToSpace => (places.1, places.0),
                    Direction::ToDepth => places,
                };
                let behind = (deep.shape.w - 1 - x) * each;
                // SAFETY: the caller vouches for the operands; the pixel and its block are theirs.
                unsafe {
                    let (from, to) = (io.inputs[0].add(from), io.output.add(to));
                    self.way.block::<L>(&self.blocks, Block { from, to, behind });
                }
            }
        }
    }
}

/// The channels of each pixel together.
#[derive(Clone, Copy)]
struct Runs;

impl MoveBlock for Runs {
    fn run(self, channels: usize) -> usize {
        channels
    }

    #[inline(always)]
    unsafe fn block<L: Lanes>(self, of: &Blocks, block: Block) {
        let run = Pixels { channels: of.len, from: of.len, to: of.len };
        // Whatever a vector writes behind its run is written after it.
        let whole = of.len < L::N && block.behind >= L::N;
        for &(from, to) in &of.moves {
            // SAFETY: the caller vouches for the block, and for what lies behind it.
            unsafe {
                let (from, to) = (block.from.add(from), block.to.add(to));
                if whole {
                    L::load(from).store(to);
                } else {
                    run.map::<L>(Same, from, to, 0..1);
                }
            }
        }
    }
}

/// Channels one by one.
#[derive(Clone, Copy)]
struct Elements;

impl MoveBlock for Elements {
    fn run(self, _: usize) -> usize {
        1
    }

    #[inline(always)]
    unsafe fn block<L: Lanes>(self, of: &Blocks, block: Block) {
        for &(from, to) in &of.moves {
            // SAFETY: the caller vouches for the block.
            unsafe { f32::load(block.from.add(from)).store(block.to.add(to)) };
        }
    }
}

/// Blocks of `A` pixels whose channels alternate in the deep map.
#[derive(Clone, Copy)]
struct Interleaved<const A: usize>;

impl<const A: usize> MoveBlock for Interleaved<A> {
    fn run(self, channels: usize) -> usize {
        channels
    }

    #[inline(always)]
    unsafe fn block<L: Lanes>(self, of: &Blocks, block: Block) {
        // SAFETY: passed on from the caller.
        unsafe { each_vector::<L>(of.wide.shape.c, Vectors::<A> { of, block }) };
    }
}

/// One block of [`Interleaved`], walked over its channels.
#[derive(Clone, Copy)]
struct Vectors<'a, const A: usize> {
    of: &'a Blocks,
    block: Block,
}

impl<const A: usize> PerVector for Vectors<'_, A> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        // SAFETY: passed on from the caller.
        unsafe {
            match self.of.op.direction {
                Direction::ToSpace => self.apart::<L>(at, n),
                Direction::ToDepth => self.together::<L>(at, n),
            }
        }
    }
}

impl<const A: usize> Vectors<'_, A> {
    /// Moves `n` channels from `at` of each pixel from the deep map to the wide one.
    ///
    /// # Safety
    /// The caller vouches for the block; `at + n` lies within its channels.
    #[inline(always)]
    unsafe fn apart<L: Lanes>(self, at: usize, n: usize) {
        let Block { from, to, .. } = self.block;
        // SAFETY: the deep map has A channels for each of the wide one.
        unsafe {
            let parts = deinterleave::<L, A>(from.add(A * at), n);
            for (part, (_, place)) in parts.into_iter().zip(&self.of.moves) {
                part.store_up_to(to.add(place + at), n);
            }
        }
    }

    /// The reverse.
    ///
    /// # Safety
    /// As [`Self::apart`].
    #[inline(always)]
    unsafe fn together<L: Lanes>(self, at: usize, n: usize) {
        let Block { from, to, .. } = self.block;
        let mut v = [L::splat(0.0); A];
        for (v, (place, _)) in v.iter_mut().zip(&self.of.moves) {
            // SAFETY: the place is a pixel of the block's in the wide map.
            *v = unsafe { L::load_up_to(from.add(place + at), n) };
        }
        // SAFETY: the deep map has A channels for each of the wide one.
        unsafe { interleave(v, to.add(A * at), n) };
    }
}
