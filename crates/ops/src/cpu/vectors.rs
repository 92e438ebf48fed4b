//! The loops that element-wise and data kernels share: over a run of elements in vectors, and over
//! pixels in runs.
//!
//! A run that is no whole number of vectors ends with a vector that overlaps the one before: its
//! elements are computed twice, which costs less than a masked store. Only a run shorter than one
//! vector is masked.

use super::Layout;
use crate::simd::Lanes;
use std::ops::Range;

/// Elements of a run that is long enough: 2 KiB, so that operands repeated for it stay in the
/// first-level cache.
const RUN: usize = 512;

/// A computation on one vector of a run. Implementations are `#[inline(always)]`.
pub(crate) trait PerVector: Copy {
    /// Computes elements `at .. at + n` of the run, `1 <= n <= L::N`; it may be called twice for
    /// an element.
    ///
    /// # Safety
    /// As the implementation says; [`each_vector`] keeps `at + n` within the run.
    unsafe fn run<L: Lanes>(self, at: usize, n: usize);
}

/// Calls `body` so that every element of a run of `len` is computed.
///
/// # Safety
/// `body` may be called for any part of a run of `len` elements.
#[inline(always)]
pub(crate) unsafe fn each_vector<L: Lanes>(len: usize, body: impl PerVector) {
    // SAFETY: all parts lie within the run.
    unsafe {
        if len < L::N {
            if len > 0 {
                body.run::<L>(0, len);
            }
            return;
        }
        let last = len - L::N;
        let mut at = 0;
        while at < last {
            body.run::<L>(at, L::N);
            at += L::N;
        }
        body.run::<L>(last, L::N);
    }
}

/// A function of one number. Implementations are `#[inline(always)]`.
pub(crate) trait Function: Copy + Send + Sync + 'static {
    /// Lane by lane.
    fn of<L: Lanes>(self, x: L) -> L;
}

/// The function that changes nothing: mapping with it copies.
#[derive(Clone, Copy)]
pub(crate) struct Same;

impl Function for Same {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        x
    }
}

/// y = f(x) over one run.
#[derive(Clone, Copy)]
struct Map<F> {
    function: F,
    x: *const f32,
    y: *mut f32,
}

impl<F: Function> PerVector for Map<F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        // SAFETY: `map_pixels` made it over whole runs.
        unsafe { self.function.of(L::load_up_to(self.x.add(at), n)).store_up_to(self.y.add(at), n) }
    }
}

/// Pixels as an operator walks them: so many channels, and the distance from pixel to pixel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pixels {
    /// Channels that are touched.
    pub channels: usize,
    /// Elements from one pixel of the input to the next.
    pub from: usize,
    /// Elements from one pixel of the output to the next.
    pub to: usize,
}

impl Pixels {
    /// All channels of `x` into a map of as many.
    pub const fn new(x: Layout, y: Layout) -> Self {
        Self { channels: x.shape.c, from: x.pixel, to: y.pixel }
    }

    /// How many pixels make a run of at least [`RUN`] elements: 1 where there are gaps.
    pub const fn together(self) -> usize {
        if self.dense() {
            RUN.div_ceil(if self.channels == 0 { 1 } else { self.channels })
        } else {
            1
        }
    }

    /// Whether neither side has gaps.
    const fn dense(self) -> bool {
        self.from == self.channels && self.to == self.channels
    }

    /// y = f(x) for the pixels `range`: one run where neither side has gaps, else a run a pixel.
    ///
    /// # Safety
    /// `x` and `y` point at channel 0 of pixel 0 of maps laid out like this that hold the range;
    /// they do not overlap.
    #[inline(always)]
    pub unsafe fn map<L: Lanes>(
        self,
        function: impl Function,
        x: *const f32,
        y: *mut f32,
        range: Range<usize>,
    ) {
        let Self { channels, from, to } = self;
        // SAFETY: the caller vouches for the maps.
        unsafe {
            if self.dense() {
                let start = range.start * channels;
                let run = Map { function, x: x.add(start), y: y.add(start) };
                return each_vector::<L>(range.len() * channels, run);
            }
            for p in range {
                let run = Map { function, x: x.add(p * from), y: y.add(p * to) };
                each_vector::<L>(channels, run);
            }
        }
    }
}
