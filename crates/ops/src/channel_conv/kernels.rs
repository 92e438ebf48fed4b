//! A tap after the other, over vectors of channels; at either end only the taps that fall on channels.

use super::definition::ChannelConv;
use crate::{
    cpu::{CpuKernel, Cut, Io, ParallelFor, Pixels, Values, parallel_for, write_run},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<ChannelConv>] = &[CpuKernel {
    name: "taps",
    fits: |_, _| true,
    prepare: |op, site| {
        let pixels = Pixels::new(site.inputs[0], site.output);
        let work = (op.kernel + 1) * pixels.channels;
        let split = Cut::for_workers(site.output.shape.pixels(), work, site.threads);
        let taps = site.weights.all()[0].data().to_vec();
        parallel_for(Taps { pixels, taps }, site.isa, split)
    },
}];

struct Taps {
    pixels: Pixels,
    taps: Vec<f32>,
}

impl ParallelFor for Taps {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let Pixels { channels, from, to } = self.pixels;
        let taps = self.taps.len();
        let beside = taps / 2;
        let inner = channels.saturating_sub(2 * beside);
        for p in items {
            // SAFETY: the caller vouches for the operands, which have the channels of the pixel.
            unsafe {
                let (x, y) = (io.inputs[0].add(p * from), io.output.add(p * to));
                if inner > 0 {
                    let run = Run { x, taps: self.taps.as_ptr(), count: taps };
                    write_run::<L>(inner, y.add(beside), run);
                }
                for c in (0..channels).filter(|&c| c < beside || c >= beside + inner) {
                    self.end(x, y, c);
                }
            }
        }
    }
}

impl Taps {
    /// Channel `c` of a pixel, beside which channels are missing.
    ///
    /// # Safety
    /// `x` and `y` have the channels.
    #[inline(always)]
    unsafe fn end(&self, x: *const f32, y: *mut f32, c: usize) {
        let taps = &self.taps;
        let beside = taps.len() / 2;
        let mut sum = 0.0;
        for (j, &tap) in taps.iter().enumerate() {
            if (beside..self.pixels.channels + beside).contains(&(c + j)) {
                // SAFETY: the channel is there.
                sum = Lanes::fma(sum, tap, unsafe { f32::load(x.add(c + j - beside)) });
            }
        }
        // SAFETY: the caller vouches for the channel.
        unsafe { sum.store(y.add(c)) }
    }
}

/// Sums of `count` taps each.
#[derive(Clone, Copy)]
struct Run {
    x: *const f32,
    taps: *const f32,
    count: usize,
}

impl Values for Run {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        let mut sum = L::splat(0.0);
        for j in 0..self.count {
            // SAFETY: `Taps` makes it over channels that have all of their neighbours.
            unsafe {
                let tap = L::broadcast(self.taps.add(j));
                sum = sum.fma(tap, L::load_up_to(self.x.add(at + j), n));
            }
        }
        sum
    }
}
