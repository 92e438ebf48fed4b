//! Small square depthwise kernels, a vector of channels along whole rows.
//!
//! ```text
//! for each slice of channels, for each band of output rows, for each vector of channels:
//!     acc[i][a] ← bias                         (a: how many steps ago the output's window began)
//!     for each step along the row, for each of the `stride` input columns it enters:
//!         for each input row r under the band:
//!             x = input[r][column]
//!             for each output row i that has it as kernel row ky = r − i·stride, for each a:
//!                 acc[i][a] += x · weight[ky][a·stride + column's place in the step]
//!         output[i] ← clamp(acc[i][last])      (whose window ends here)
//!         acc[i][a] ← acc[i][a − 1];  acc[i][0] ← bias
//! ```
//!
//! Each input is loaded once for all windows that it is in, and the weights of a 3×3 kernel stay in
//! registers along the row: about a third of the loads of [`square`](mod@super::square). Columns outside the
//! map are left out; rows outside are read from zeros.
//!
//! One vector of each pixel of several rows is no pattern that a processor fetches ahead by itself. Where the
//! maps are too large for the caches, lines are fetched ahead ([`Ahead`]), those to be written too: most of all
//! they pay, for a line that is written must be read first. (Xception's 34 in their places, without and with
//! what lies a vector further: 728×19×19 79 to 85 µs each and 60 to 64, 128×74×74 284 to 326 and 170 to 196, all
//! of them 4.6 to 5.0 and 3.5 to 3.9 ms; with the maps at hand no difference. `probe --model xception --level
//! folded --device cpu --threads 1 --max-secs 2 --no-tune`, commits 6ab9c15 and cb3e810 in turn four times, AMD
//! EPYC Zen 4, 2026-11-27.)

#![expect(clippy::needless_range_loop, reason = "sums are read by their indices")]

use super::{
    super::Conv2d,
    Item, first_channel,
    ready::{Common, Inputs, Inside, Ready, Way},
    rows,
};
use crate::{
    cpu::{Io, Kernel, LINE, Layout, Lines, Site},
    simd::{Lanes, Vectorised},
};
use std::ops::Range;

/// Output rows of a band where there are registers for their sums and for all weights.
const TALL: usize = 4;

/// Output rows of a band elsewhere.
const LOW: usize = 2;

/// What is fetched ahead of a walk.
#[derive(Clone, Copy)]
struct Ahead {
    /// Elements from a vector of channels to the one that is fetched meanwhile: walked next, or soon where
    /// rows are short. 0: none is.
    channels: usize,
    /// Whether the lines [`Ahead::COLUMNS`] further on are fetched.
    columns: bool,
}

impl Ahead {
    /// Columns that lie between a line's fetching and its use: some hundred cycles.
    const COLUMNS: usize = 16;

    /// Columns that lie so between vectors of channels.
    const WALKED: usize = 48;

    /// Bytes of both maps from which on the second-level cache does not keep them for an operator.
    const FAR: usize = 512 << 10;

    /// Bytes of both maps above which no cache does: about what one core of several has of the last one.
    const FARTHEST: usize = 8 << 20;

    fn new(input: Layout, output: Layout) -> Self {
        let bytes = (input.span() + output.span()) * size_of::<f32>();
        let vectors = Self::WALKED.div_ceil(input.shape.w.max(1));
        Self {
            channels: if bytes < Self::FAR { 0 } else { vectors * LINE },
            columns: bytes > Self::FARTHEST,
        }
    }
}

/// Whether there is a kernel of these sizes.
pub(in crate::conv2d) fn suits(conv: &Conv2d, site: &Site<'_>) -> bool {
    let sizes = matches!(conv.kernel, (3, 3) | (5, 5))
        && matches!(conv.stride, (1, 1) | (2, 2))
        && conv.dilation == (1, 1);
    conv.is_depthwise(site.inputs[0].shape) && sizes && conv.out >= site.isa.lanes()
}

/// The kernel of these sizes, ready to run; they suit.
pub(in crate::conv2d) fn prepare(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
    match (conv.kernel.0, conv.stride.0) {
        (3, 1) => Walk::<3, 1, 3>::prepare(conv, site),
        (3, _) => Walk::<3, 2, 2>::prepare(conv, site),
        (_, 1) => Walk::<5, 1, 5>::prepare(conv, site),
        (_, _) => Walk::<5, 2, 3>::prepare(conv, site),
    }
}

/// Along rows with known sizes: `K`×`K` at stride `S`. A window is entered in `A` = ⌈`K`/`S`⌉ steps.
struct Walk<const K: usize, const S: usize, const A: usize> {
    /// A pixel outside the map.
    zeros: Lines,
    ahead: Ahead,
}

/// For each row, where its first pixel is and how far the next: no way at all among zeros. As many rows as
/// the tallest band of the largest kernel has under it.
#[derive(Clone, Copy)]
struct Edge([(*const f32, usize); rows(5, 2, TALL)]);

impl Inputs for Edge {
    #[inline(always)]
    fn at(self, row: usize, column: usize) -> *const f32 {
        let (first, pixel) = self.0[row];
        first.wrapping_add(column * pixel)
    }
}

/// Output rows of a band of `k`×`k` windows, which are entered in `a` steps, with so many registers.
const fn height(k: usize, a: usize, registers: usize) -> usize {
    if TALL * a + k * k < registers { TALL } else { LOW }
}

/// The registers of an instruction set.
struct Registers;

impl Vectorised for Registers {
    type Output = usize;
    #[inline(always)]
    fn run<L: Lanes>(self) -> usize {
        L::REGISTERS
    }
}

impl<const K: usize, const S: usize, const A: usize> Walk<K, S, A> {
    fn prepare(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
        let height = height(K, A, site.isa.run(Registers));
        let ahead = Ahead::new(site.inputs[0], site.output);
        Ready::prepare(conv, site, height, Self { zeros: Lines::zeros(conv.out), ahead })
    }

    /// Computes `R` output rows from row `y` on, and says how many that were.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn band<L: Lanes, const R: usize>(
        &self,
        of: &Common,
        io: &Io,
        y: usize,
        item: &Item,
    ) -> usize {
        let (n, map, vectors) = (item.image, of.input.shape, item.vectors.clone());
        // Above the map this wraps to a place far below it.
        let top = (y * S).wrapping_sub(of.padding.0);
        let inside = top.wrapping_add(rows(K, S, R)) <= map.h && top < map.h;
        let output = io.output.wrapping_add(of.output.offset(n, y, 0));
        // SAFETY: rows are inside the map or zeros; the output's rows are there.
        unsafe {
            if inside {
                let inputs = Inside::new(of, io, [n, top, 0]);
                self.walk::<L, _, R>(of, inputs, output, vectors);
            } else {
                let inputs = self.edge(of, io.inputs[0], [n, top], rows(K, S, R));
                self.walk::<L, _, R>(of, inputs, output, vectors);
            }
        }
        R
    }

    /// The rows under a band, `count` of them from `top` on, zeros where there is none.
    fn edge(&self, of: &Common, input: *const f32, [n, top]: [usize; 2], count: usize) -> Edge {
        let mut edge = Edge([(self.zeros.as_ptr(), 0); _]);
        for (r, row) in edge.0.iter_mut().enumerate().take(count) {
            let y = top.wrapping_add(r);
            if y < of.input.shape.h {
                *row = (input.wrapping_add(of.input.offset(n, y, 0)), of.input.pixel);
            }
        }
        edge
    }

    /// Computes `vectors` of the channels of `R` output rows.
    ///
    /// # Safety
    /// All channels are there, behind `inputs` and `output`.
    #[inline(always)]
    unsafe fn walk<L: Lanes, I: Inputs, const R: usize>(
        &self,
        of: &Common,
        inputs: I,
        output: *mut f32,
        vectors: Range<usize>,
    ) {
        let (width, map) = (of.output.shape.w, of.input.shape.w);
        let output_row = width * of.output.pixel;
        let ahead = self.ahead;
        for v in vectors {
            let at = first_channel(v, L::N, of.output.shape.c);
            let mut to = output.wrapping_add(at);
            // SAFETY: a vector of channels has a vector of weights for its bias and for each tap; the
            // caller vouches for inputs and outputs.
            unsafe {
                let weights = of.weights.as_ptr().add(v * (1 + K * K) * L::N);
                let bias = L::load(weights);
                let mut taps = [[bias; K]; K];
                for ky in 0..K {
                    for kx in 0..K {
                        taps[ky][kx] = L::load(weights.add((1 + ky * K + kx) * L::N));
                    }
                }
                let mut acc = [[bias; A]; R];
                for step in 0..width + A - 1 {
                    for j in 0..S {
                        // Left of the map this wraps to a place far right of it.
                        let column = (step * S + j).wrapping_sub(of.padding.1);
                        if column >= map {
                            continue;
                        }
                        if ahead.channels > 0 {
                            // The rows above these were read under the band before.
                            for r in K - S..rows(K, S, R) {
                                let x = inputs.at(r, column).wrapping_add(at + ahead.channels);
                                L::prefetch(x);
                            }
                        }
                        if ahead.columns {
                            for r in 0..rows(K, S, R) {
                                let x = inputs.at(r, column + Ahead::COLUMNS).wrapping_add(at);
                                L::prefetch(x);
                            }
                        }
                        for r in 0..rows(K, S, R) {
                            let x = L::load(inputs.at(r, column).wrapping_add(at));
                            for i in 0..R {
                                // Wraps where the output row's window begins further down.
                                let ky = r.wrapping_sub(i * S);
                                for a in 0..A {
                                    let kx = a * S + j;
                                    if ky < K && kx < K {
                                        acc[i][a] = acc[i][a].fma(x, taps[ky][kx]);
                                    }
                                }
                            }
                        }
                    }
                    if step + 1 >= A {
                        for i in 0..R {
                            let to = to.wrapping_add(i * output_row);
                            if ahead.channels > 0 {
                                L::prefetch(to.wrapping_add(ahead.channels));
                            }
                            if ahead.columns {
                                L::prefetch(to.wrapping_add(Ahead::COLUMNS * of.output.pixel));
                            }
                            of.bounds.clamp(acc[i][A - 1]).store(to);
                        }
                        to = to.wrapping_add(of.output.pixel);
                    }
                    for i in 0..R {
                        for a in (1..A).rev() {
                            acc[i][a] = acc[i][a - 1];
                        }
                        acc[i][0] = bias;
                    }
                }
            }
        }
    }
}

impl<const K: usize, const S: usize, const A: usize> Way for Walk<K, S, A> {
    #[inline(always)]
    unsafe fn item<L: Lanes>(&self, of: &Common, io: &Io, item: &Item) {
        let mut y = item.rows.start;
        while y < item.rows.end {
            let left = item.rows.end - y;
            // SAFETY: passed on from the caller; the rows are the item's.
            unsafe {
                y += if left >= TALL && height(K, A, L::REGISTERS) == TALL {
                    self.band::<L, TALL>(of, io, y, item)
                } else if left >= LOW {
                    self.band::<L, LOW>(of, io, y, item)
                } else {
                    self.band::<L, 1>(of, io, y, item)
                };
            }
        }
    }
}
