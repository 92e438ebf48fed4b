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
//! One vector of each pixel of several rows is no pattern that every processor fetches ahead by itself. Where
//! the maps are too large for the nearest caches there is a second kernel, in which lines are fetched ahead
//! ([`Ahead`]), those to be written too: most of all they pay, for a line that is written must be read first.
//! (Zen 4, Xception's 34 in their places, without and with what lies a vector further: 728×19×19 79 to 85 µs each
//! and 60 to 64, 128×74×74 284 to 326 and 170 to 196, all of them 4.6 to 5.0 and 3.5 to 3.9 ms; with the maps at
//! hand no difference. Commits 6ab9c15 and cb3e810 in turn four times, 2026-11-27.) On Zen 5 it does not
//! pay: MobileNetV1's 13 take 279 µs without and 345 with it, MobileNetV2's 17 275 and 350, Xception's 2.19 and
//! 2.40 ms (`probe --model M --level folded --device cpu --threads 1 --max-secs 0.6 --no-tune`, three runs of
//! each in turn, medians, builds on the way to 1a50e86, 2026-11-28). So a trial chooses.

#![expect(clippy::needless_range_loop, reason = "sums are read by their indices")]

use super::{
    super::Conv2d,
    Item, first_channel,
    kernel::{DepthwiseKernel, Microkernel, Params},
    rows,
};
use crate::{
    cpu::{
        AlignedBuffer, Io, Kernel, Site,
        machine::{L2, L3, LINE},
        opaque,
    },
    simd::{Lanes, Vectorised},
};

/// Output rows of a band where there are registers for their sums and for all weights.
const TALL: usize = 4;

/// Output rows of a band elsewhere.
const LOW: usize = 2;

/// What is fetched ahead of a walk.
trait Fetch: Copy + Send + Sync + 'static {
    /// Before a column of so many input rows is read; the last `new` of them were not read for the band above.
    fn of_column<L: Lanes>(self, inputs: &impl Rows, rows: usize, new: usize);

    /// Before a pixel of an output row is written.
    fn of_pixel<L: Lanes>(self, to: *const f32);
}

/// Nothing.
#[derive(Clone, Copy)]
struct Nothing;

impl Fetch for Nothing {
    #[inline(always)]
    fn of_column<L: Lanes>(self, _: &impl Rows, _: usize, _: usize) {}

    #[inline(always)]
    fn of_pixel<L: Lanes>(self, _: *const f32) {}
}

/// Other channels of the pixels that are walked, and of larger maps pixels further on.
#[derive(Clone, Copy)]
struct Ahead {
    /// Elements from a vector of channels to the one that is fetched meanwhile: walked next, or soon where
    /// rows are short.
    channels: usize,
    /// Elements of inputs and of outputs to the lines that are fetched further on in their rows; 0: none are.
    columns: (usize, usize),
}

impl Ahead {
    /// Columns that lie between a line's fetching and its use: some hundred cycles.
    const COLUMNS: usize = 16;

    /// Columns that lie so between vectors of channels.
    const WALKED: usize = 48;

    /// Of both maps.
    fn bytes(site: &Site<'_>) -> usize {
        (site.inputs[0].span() + site.output.span()) * size_of::<f32>()
    }

    fn new(site: &Site<'_>) -> Self {
        let (input, output) = (site.inputs[0], site.output);
        // No cache keeps larger maps for an operator.
        let columns = if Self::bytes(site) > L3 { Self::COLUMNS } else { 0 };
        Self {
            channels: Self::WALKED.div_ceil(input.shape.w.max(1)) * LINE,
            columns: (columns * input.pixel, columns * output.pixel),
        }
    }
}

impl Fetch for Ahead {
    #[inline(always)]
    fn of_column<L: Lanes>(self, inputs: &impl Rows, rows: usize, new: usize) {
        for r in rows - new..rows {
            L::prefetch(inputs.at(r).wrapping_add(self.channels));
        }
        if self.columns.0 > 0 {
            for r in 0..rows {
                L::prefetch(inputs.at(r).wrapping_add(self.columns.0));
            }
        }
    }

    #[inline(always)]
    fn of_pixel<L: Lanes>(self, to: *const f32) {
        L::prefetch(to.wrapping_add(self.channels));
        if self.columns.1 > 0 {
            L::prefetch(to.wrapping_add(self.columns.1));
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

/// Whether fetching ahead may pay as well: the second-level cache does not keep both maps for an operator.
pub(in crate::conv2d) fn suits_ahead(conv: &Conv2d, site: &Site<'_>) -> bool {
    suits(conv, site) && Ahead::bytes(site) >= L2
}

/// The kernel of these sizes, ready to run; they suit.
pub(in crate::conv2d) fn prepare(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
    with(conv, site, Nothing)
}

/// The same, fetching ahead.
pub(in crate::conv2d) fn ahead(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
    with(conv, site, Ahead::new(site))
}

fn with(conv: &Conv2d, site: &Site<'_>, fetch: impl Fetch) -> Box<dyn Kernel> {
    match (conv.kernel.0, conv.stride.0) {
        (3, 1) => RowStreaming::<_, 3, 1, 3>::prepare(conv, site, fetch),
        (3, _) => RowStreaming::<_, 3, 2, 2>::prepare(conv, site, fetch),
        (_, 1) => RowStreaming::<_, 5, 1, 5>::prepare(conv, site, fetch),
        (_, _) => RowStreaming::<_, 5, 2, 3>::prepare(conv, site, fetch),
    }
}

/// Along rows with known sizes: `K`×`K` at stride `S`. A window is entered in `A` = ⌈`K`/`S`⌉ steps.
struct RowStreaming<F, const K: usize, const S: usize, const A: usize> {
    /// A vector of a pixel outside the map.
    zeros: AlignedBuffer,
    fetch: F,
}

/// Rows that are walked side by side.
trait Rows {
    /// The place in row `r`.
    fn at(&self, r: usize) -> *const f32;

    /// Goes on to the next pixel, by a distance [`opaque`] to the compiler.
    fn step(&mut self);
}

/// Rows at one distance from each other.
struct Even<'a> {
    first: *const f32,
    /// Elements from row to row.
    row: usize,
    /// Elements from pixel to pixel.
    pixel: &'a usize,
}

impl Rows for Even<'_> {
    #[inline(always)]
    fn at(&self, r: usize) -> *const f32 {
        self.first.wrapping_add(r * self.row)
    }

    #[inline(always)]
    fn step(&mut self) {
        self.first = self.first.wrapping_add(opaque(self.pixel));
    }
}

/// As many rows as the tallest band of the largest kernel has under it.
const MOST: usize = rows(5, 2, TALL);

/// Rows some of which are outside the map, where one vector of zeros stands for all.
#[derive(Clone, Copy)]
struct Edge<'a> {
    /// Where each row starts, and which bits of `offset` count for it: all or none.
    rows: [(*const f32, usize); MOST],
    /// Elements from there.
    offset: usize,
    /// Elements from pixel to pixel.
    pixel: &'a usize,
}

impl Rows for Edge<'_> {
    #[inline(always)]
    fn at(&self, r: usize) -> *const f32 {
        let (start, mask) = self.rows[r];
        start.wrapping_add(self.offset & mask)
    }

    #[inline(always)]
    fn step(&mut self) {
        self.offset += opaque(self.pixel);
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

impl<F: Fetch, const K: usize, const S: usize, const A: usize> RowStreaming<F, K, S, A> {
    fn prepare(conv: &Conv2d, site: &Site<'_>, fetch: F) -> Box<dyn Kernel> {
        let height = height(K, A, site.isa.run(Registers));
        DepthwiseKernel::prepare(
            conv,
            site,
            height,
            Self { zeros: AlignedBuffer::zeros(site.isa.lanes()), fetch },
        )
    }

    /// Computes `R` output rows from row `y` on, and says how many that were.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn band<L: Lanes, const R: usize>(
        &self,
        of: &Params,
        io: &Io,
        y: usize,
        item: &Item,
    ) -> usize {
        let (n, map, vectors) = (item.image, of.input.shape, item.vectors.clone());
        // Above the map this wraps to a place far below it.
        let top = (y * S).wrapping_sub(of.padding.0);
        let inside = top.wrapping_add(rows(K, S, R)) <= map.h && top < map.h;
        let output = io.output.wrapping_add(of.output.offset(n, y, 0));
        let edge = self.edge(of, io.inputs[0], [n, top]);
        for v in vectors {
            let at = first_channel(v, L::N, of.output.shape.c);
            let output = output.wrapping_add(at);
            // SAFETY: rows are inside the map or zeros; the output's rows are there.
            unsafe {
                if inside {
                    let first = io.inputs[0].wrapping_add(of.input.offset(n, top, 0) + at);
                    let (row, pixel) = (map.w * of.input.pixel, &of.input.pixel);
                    self.walk::<L, R>(of, Even { first, row, pixel }, output, v);
                } else {
                    self.walk::<L, R>(of, Edge { offset: at, ..edge }, output, v);
                }
            }
        }
        R
    }

    /// The rows under a band from `top` on, zeros where there is none.
    #[inline(always)]
    fn edge<'a>(&self, of: &'a Params, input: *const f32, [n, top]: [usize; 2]) -> Edge<'a> {
        let mut rows = [(self.zeros.as_ptr(), 0); MOST];
        for (r, row) in rows.iter_mut().enumerate() {
            let y = top.wrapping_add(r);
            if y < of.input.shape.h {
                *row = (input.wrapping_add(of.input.offset(n, y, 0)), usize::MAX);
            }
        }
        Edge { rows, offset: 0, pixel: &of.input.pixel }
    }

    /// Computes vector `v` of the channels of `R` output rows.
    ///
    /// # Safety
    /// The channels are there, in the rows that `inputs` walks and behind `output`.
    #[inline(always)]
    unsafe fn walk<L: Lanes, const R: usize>(
        &self,
        of: &Params,
        mut inputs: impl Rows,
        output: *mut f32,
        v: usize,
    ) {
        let (width, map, fetch) = (of.output.shape.w, of.input.shape.w, self.fetch);
        let row = width * of.output.pixel;
        let mut outputs = Even { first: output, row, pixel: &of.output.pixel };
        // SAFETY: a vector of channels has a vector of weights for its bias and for each tap; the caller
        // vouches for inputs and outputs.
        unsafe {
            let weights = of.weights.as_ptr().add(v * (1 + K * K) * L::N);
            let bias = L::load(weights);
            let mut taps = [[bias; K]; K];
            for ky in 0..K {
                for kx in 0..K {
                    taps[ky][kx] = L::load(weights.add((1 + ky * K + kx) * L::N));
                }
            }
            let mut sums = Sums::<L, K, S, A, R> { taps, acc: [[bias; A]; R] };
            for step in 0..width + A - 1 {
                // Left of the map this wraps to a place far right of it.
                let column = (step * S).wrapping_sub(of.padding.1);
                if column < map {
                    fetch.of_column::<L>(&inputs, rows(K, S, R), rows(K, S, R) - (K - S));
                    sums.add(&inputs, 0);
                    inputs.step();
                }
                if S > 1 && column.wrapping_add(1) < map {
                    fetch.of_column::<L>(&inputs, rows(K, S, R), rows(K, S, R) - (K - S));
                    sums.add(&inputs, 1);
                    inputs.step();
                }
                let done = sums.shift(bias);
                if step + 1 >= A {
                    for i in 0..R {
                        let to = outputs.at(i);
                        fetch.of_pixel::<L>(to);
                        of.bounds.clamp(done[i]).store(to.cast_mut());
                    }
                    outputs.step();
                }
            }
        }
    }
}

/// The sums of the windows that a walk is in, `A` of each of `R` output rows, and what they weigh.
struct Sums<L, const K: usize, const S: usize, const A: usize, const R: usize> {
    taps: [[L; K]; K],
    acc: [[L; A]; R],
}

impl<L: Lanes, const K: usize, const S: usize, const A: usize, const R: usize> Sums<L, K, S, A, R> {
    /// Adds the rows' pixels, which are number `j` of a step.
    ///
    /// # Safety
    /// They can be read.
    #[inline(always)]
    unsafe fn add(&mut self, inputs: &impl Rows, j: usize) {
        for r in 0..rows(K, S, R) {
            // SAFETY: passed on from the caller.
            let x = unsafe { L::load(inputs.at(r)) };
            for i in 0..R {
                // Wraps where the output row's window begins further down.
                let ky = r.wrapping_sub(i * S);
                for a in 0..A {
                    let kx = a * S + j;
                    if ky < K && kx < K {
                        self.acc[i][a] = self.acc[i][a].fma(x, self.taps[ky][kx]);
                    }
                }
            }
        }
    }

    /// Ends a step: the sums whose windows end here; new windows begin with `bias`.
    #[inline(always)]
    fn shift(&mut self, bias: L) -> [L; R] {
        let mut done = [bias; R];
        for i in 0..R {
            done[i] = self.acc[i][A - 1];
            for a in (1..A).rev() {
                self.acc[i][a] = self.acc[i][a - 1];
            }
            self.acc[i][0] = bias;
        }
        done
    }
}

impl<F: Fetch, const K: usize, const S: usize, const A: usize> Microkernel
    for RowStreaming<F, K, S, A>
{
    #[inline(always)]
    unsafe fn item<L: Lanes>(&self, of: &Params, io: &Io, item: &Item) {
        let mut y = item.rows.start;
        while y < item.rows.end {
            let left = item.rows.end - y;
            let tall = height(K, A, L::REGISTERS) == TALL;
            // SAFETY: passed on from the caller; the rows are the item's.
            unsafe {
                y += match left {
                    TALL.. if tall => self.band::<L, TALL>(of, io, y, item),
                    3 if tall => self.band::<L, 3>(of, io, y, item),
                    LOW.. => self.band::<L, LOW>(of, io, y, item),
                    _ => self.band::<L, 1>(of, io, y, item),
                };
            }
        }
    }
}
