//! Pixel by pixel from both maps: a vector of each at a time for the two shuffles that ShuffleNetV2
//! has, element by element for all others.

use super::ConcatShuffle;
use crate::{
    ChannelShuffle,
    cpu::{CpuKernel, Cut, Io, ParallelFor, PerVector, Site, each_vector, parallel_for},
    simd::{Lanes, deinterleave},
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<ConcatShuffle>] = &[
    CpuKernel {
        name: "interleave",
        fits: |op, _| op.groups == 2,
        prepare: |_, site| parallel_for(Interleave(Maps::new(site)), site.isa, split(site)),
    },
    CpuKernel {
        name: "deinterleave",
        fits: |op, site| {
            let half = site.inputs[0].shape.c;
            op.groups == half && half.is_multiple_of(2)
        },
        prepare: |_, site| parallel_for(Deinterleave(Maps::new(site)), site.isa, split(site)),
    },
    CpuKernel {
        name: "elements",
        fits: |_, _| true,
        prepare: |op, site| {
            let (shuffle, maps) = (ChannelShuffle { groups: op.groups }, Maps::new(site));
            let source = |c| shuffle.source(c, 2 * maps.half);
            let sources = (0..2 * maps.half).map(source).collect();
            parallel_for(Elements { sources, maps }, site.isa, split(site))
        },
    },
];

fn split(site: &Site<'_>) -> Cut {
    let shape = site.output.shape;
    Cut::for_workers(shape.pixels(), 2 * shape.c, site.threads)
}

/// How pixels lie.
#[derive(Clone, Copy)]
struct Maps {
    /// Channels of each input.
    half: usize,
    /// Elements from one pixel to the next, of both inputs and the output.
    pixel: [usize; 3],
}

/// One pixel of both inputs and the output.
#[derive(Clone, Copy)]
struct Pixel {
    a: *const f32,
    b: *const f32,
    y: *mut f32,
    half: usize,
}

impl Maps {
    fn new(site: &Site<'_>) -> Self {
        let pixel = [site.inputs[0].pixel, site.inputs[1].pixel, site.output.pixel];
        Self { half: site.inputs[0].shape.c, pixel }
    }

    /// Pixel `p`.
    ///
    /// # Safety
    /// The maps are laid out like this and hold it.
    #[inline(always)]
    unsafe fn at(&self, io: &Io, p: usize) -> Pixel {
        let [a, b, y] = self.pixel.map(|pixel| p * pixel);
        // SAFETY: the caller vouches for the maps.
        unsafe {
            let (a, b, y) = (io.inputs[0].add(a), io.inputs[1].add(b), io.output.add(y));
            Pixel { a, b, y, half: self.half }
        }
    }
}

/// Two groups: channels of both inputs in turn.
struct Interleave(Maps);

impl ParallelFor for Interleave {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        for p in items {
            // SAFETY: the caller vouches for the operands.
            unsafe { each_vector::<L>(self.0.half, InTurn(self.0.at(io, p))) };
        }
    }
}

#[derive(Clone, Copy)]
struct InTurn(Pixel);

impl PerVector for InTurn {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        let Pixel { a, b, y, .. } = self.0;
        // SAFETY: at + n lies within an input, so the 2·n elements written lie within the pixel.
        unsafe {
            let (low, high) = L::load_up_to(a.add(at), n).interleave(L::load_up_to(b.add(at), n));
            low.store_up_to(y.add(2 * at), (2 * n).min(L::N));
            if 2 * n > L::N {
                high.store_up_to(y.add(2 * at + L::N), 2 * n - L::N);
            }
        }
    }
}

/// As many groups as an input has channels: the even channels of both inputs, then the odd ones.
struct Deinterleave(Maps);

impl ParallelFor for Deinterleave {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        for p in items {
            // SAFETY: the caller vouches for the operands.
            unsafe { each_vector::<L>(self.0.half / 2, Apart(self.0.at(io, p))) };
        }
    }
}

#[derive(Clone, Copy)]
struct Apart(Pixel);

impl PerVector for Apart {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        let Pixel { a, b, y, half } = self.0;
        for (x, y) in [(a, y), (b, y.wrapping_add(half / 2))] {
            // SAFETY: at + n lies within half an input: 2·n elements are read, n even ones and n
            // odd ones written, `half` channels apart.
            unsafe {
                let [even, odd] = deinterleave::<L, 2>(x.add(2 * at), n);
                even.store_up_to(y.add(at), n);
                odd.store_up_to(y.add(half + at), n);
            }
        }
    }
}

/// Any number of groups.
struct Elements {
    /// The channel of both inputs together that each output channel is.
    sources: Vec<usize>,
    maps: Maps,
}

impl ParallelFor for Elements {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        for p in items {
            // SAFETY: the caller vouches for the operands; every source is a channel of an input.
            unsafe {
                let Pixel { a, b, y, half } = self.maps.at(io, p);
                for (c, &source) in self.sources.iter().enumerate() {
                    let x = if source < half { a.add(source) } else { b.add(source - half) };
                    f32::load(x).store(y.add(c));
                }
            }
        }
    }
}
