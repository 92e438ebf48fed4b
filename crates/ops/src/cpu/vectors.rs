//! The loops that element-wise and data kernels share: over a run of elements in vectors, and over
//! pixels in runs.
//!
//! A run that is no whole number of vectors ends with a vector that overlaps the one before: its
//! elements are computed twice, which costs less than a masked store. Only a run shorter than one
//! vector is masked. Where a run is written over what it is computed from, that last vector is
//! computed first and written last.

use super::{Layout, machine::L1};
use crate::simd::Lanes;
use std::ops::Range;

/// Elements of a run that is long enough: a sixteenth of a first-level cache, in which operands repeated
/// for it stay.
const RUN: usize = L1 / 16 / size_of::<f32>();

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

/// What is written to one vector of a run. Implementations are `#[inline(always)]`.
pub(crate) trait Values: Copy {
    /// Elements `at .. at + n` of the run, `1 <= n <= L::N`; it may be called twice for an element.
    ///
    /// # Safety
    /// As the implementation says; [`write_run`] keeps `at + n` within the run.
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L;
}

/// What is written to one vector of each of `R` runs. Implementations are `#[inline(always)]`.
pub(crate) trait RowsOfValues<const R: usize>: Copy {
    /// As [`Values::of`], of each run.
    ///
    /// # Safety
    /// As [`Values::of`].
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> [L; R];
}

impl<V: Values> RowsOfValues<1> for V {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> [L; 1] {
        // SAFETY: passed on from the caller.
        [unsafe { Values::of::<L>(self, at, n) }]
    }
}

/// Writes a run of `len` elements to `y`, which may be where `values` reads its elements from: none is
/// read after it was written, nor is a vector read that was just written in part.
///
/// # Safety
/// `y` is valid for writing `len` elements, and `values` for any part of a run of `len`.
#[inline(always)]
pub(crate) unsafe fn write_run<L: Lanes>(len: usize, y: *mut f32, values: impl Values) {
    // SAFETY: passed on from the caller.
    unsafe { write_runs::<L, 1>(len, [y], values) }
}

/// Writes runs of `len` elements to each `y`, side by side, so that values may share what they are computed
/// from; else as [`write_run`].
///
/// # Safety
/// As [`write_run`]; no run is where another's values are read from.
#[inline(always)]
pub(crate) unsafe fn write_runs<L: Lanes, const R: usize>(
    len: usize,
    y: [*mut f32; R],
    values: impl RowsOfValues<R>,
) {
    // SAFETY: all parts lie within the runs.
    unsafe {
        if len < L::N {
            if len > 0 {
                let all = values.of::<L>(0, len);
                for r in 0..R {
                    all[r].store_first(y[r], len);
                }
            }
            return;
        }
        let last = len - L::N;
        let end = values.of::<L>(last, L::N);
        let mut at = 0;
        while at < last {
            let all = values.of::<L>(at, L::N);
            for r in 0..R {
                all[r].store(y[r].add(at));
            }
            at += L::N;
        }
        for r in 0..R {
            end[r].store(y[r].add(last));
        }
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

/// f(x) over one run.
#[derive(Clone, Copy)]
struct Map<F> {
    function: F,
    x: *const f32,
}

impl<F: Function> Values for Map<F> {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        // SAFETY: `Pixels::map` makes it over whole runs.
        unsafe { self.function.of(L::load_up_to(self.x.add(at), n)) }
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

    /// The same, but gaps that are both maps' own are taken for channels, so that there are none.
    pub fn over_gaps(x: Layout, y: Layout) -> Self {
        Self { channels: y.channels_over_gaps(&[x]), ..Self::new(x, y) }
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
    /// they are one map or do not overlap.
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
                let run = Map { function, x: x.add(start) };
                return write_run::<L>(range.len() * channels, y.add(start), run);
            }
            for p in range {
                write_run::<L>(channels, y.add(p * to), Map { function, x: x.add(p * from) });
            }
        }
    }
}
