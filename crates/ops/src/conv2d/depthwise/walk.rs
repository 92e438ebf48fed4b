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
//! registers along the row: a third of [`square`](super::square)'s loads. Columns outside the map are left
//! out; rows outside are read from zeros.

#![expect(clippy::needless_range_loop, reason = "sums are read by their indices")]

use super::{super::Conv2d, Cut, Item, first_channel, pack};
use crate::{
    cpu::{Bounds, ByRows, Io, Kernel, Layout, Lines, Site},
    simd::{Isa, Lanes, Vectorised},
};
use std::ops::Range;

/// Output rows of a band where there are registers for their sums and for all weights.
const TALL: usize = 4;

/// Output rows of a band elsewhere.
const LOW: usize = 2;

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
        (3, 1) => Box::new(Walk::<3, 1, 3>::new(conv, site)),
        (3, _) => Box::new(Walk::<3, 2, 2>::new(conv, site)),
        (_, 1) => Box::new(Walk::<5, 1, 5>::new(conv, site)),
        (_, _) => Box::new(Walk::<5, 2, 3>::new(conv, site)),
    }
}

/// A depthwise convolution of `K`×`K` at stride `S`, ready to run. A window is entered in `A` = ⌈`K`/`S`⌉
/// steps.
struct Walk<const K: usize, const S: usize, const A: usize> {
    isa: Isa,
    padding: (usize, usize),
    input: Layout,
    output: Layout,
    bounds: Bounds,
    /// For each vector of channels: biases, then one vector a tap.
    weights: Lines,
    /// A pixel outside the map.
    zeros: Lines,
    cut: Cut,
}

/// Where channel 0 of the inputs under a band is.
trait Rows: Copy {
    /// In row `row` under the band and column `column` of the map.
    fn at(self, row: usize, column: usize) -> *const f32;
}

/// All rows are inside the map.
#[derive(Clone, Copy)]
struct Inside {
    first: *const f32,
    /// Elements from row to row and from pixel to pixel.
    row: usize,
    pixel: usize,
}

impl Rows for Inside {
    #[inline(always)]
    fn at(self, row: usize, column: usize) -> *const f32 {
        self.first.wrapping_add(row * self.row + column * self.pixel)
    }
}

/// For each row, where its first pixel is and how far the next: no way at all among zeros. As many rows as
/// the tallest band of the largest kernel has under it.
#[derive(Clone, Copy)]
struct Edge([(*const f32, usize); rows(5, 2, TALL)]);

impl Rows for Edge {
    #[inline(always)]
    fn at(self, row: usize, column: usize) -> *const f32 {
        let (first, pixel) = self.0[row];
        first.wrapping_add(column * pixel)
    }
}

/// Input rows under `height` output rows.
const fn rows(k: usize, s: usize, height: usize) -> usize {
    (height - 1) * s + k
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
    fn new(conv: &Conv2d, site: &Site<'_>) -> Self {
        Self {
            isa: site.isa,
            padding: conv.padding,
            input: site.inputs[0],
            output: site.output,
            bounds: Bounds::of(site.epilogue),
            weights: pack(conv, site),
            zeros: Lines::zeros(conv.out),
            cut: Cut::new(conv, site, height(K, A, site.isa.run(Registers))),
        }
    }

    /// Computes an item.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn item<L: Lanes>(&self, io: &Io, item: &Item) {
        let Item { image, ref rows, ref vectors } = *item;
        let mut y = rows.start;
        while y < rows.end {
            let left = rows.end - y;
            // SAFETY: passed on from the caller; the rows are the item's.
            unsafe {
                y += if left >= TALL && height(K, A, L::REGISTERS) == TALL {
                    self.band::<L, TALL>(io, image, y, vectors.clone())
                } else if left >= LOW {
                    self.band::<L, LOW>(io, image, y, vectors.clone())
                } else {
                    self.band::<L, 1>(io, image, y, vectors.clone())
                };
            }
        }
    }

    /// Computes `R` output rows from row `y` on, and says how many that were.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn band<L: Lanes, const R: usize>(
        &self,
        io: &Io,
        image: usize,
        y: usize,
        vectors: Range<usize>,
    ) -> usize {
        let map = self.input.shape;
        // Above the map this wraps to a place far below it.
        let top = (y * S).wrapping_sub(self.padding.0);
        let inside = top.wrapping_add(rows(K, S, R)) <= map.h && top < map.h;
        let output = io.output.wrapping_add(self.output.offset(image, y, 0));
        // SAFETY: rows are inside the map or zeros; the output's rows are there.
        unsafe {
            if inside {
                let inputs = Inside {
                    first: io.inputs[0].wrapping_add(self.input.offset(image, top, 0)),
                    row: map.w * self.input.pixel,
                    pixel: self.input.pixel,
                };
                self.walk::<L, _, R>(inputs, output, vectors);
            } else {
                let inputs = self.edge(io.inputs[0], image, top, rows(K, S, R));
                self.walk::<L, _, R>(inputs, output, vectors);
            }
        }
        R
    }

    /// The rows under a band, `count` of them from `top` on, zeros where there is none.
    fn edge(&self, input: *const f32, image: usize, top: usize, count: usize) -> Edge {
        let mut edge = Edge([(self.zeros.as_ptr(), 0); _]);
        for (r, row) in edge.0.iter_mut().enumerate().take(count) {
            let y = top.wrapping_add(r);
            if y < self.input.shape.h {
                *row = (input.wrapping_add(self.input.offset(image, y, 0)), self.input.pixel);
            }
        }
        edge
    }

    /// Computes `vectors` of the channels of `R` output rows.
    ///
    /// # Safety
    /// All channels are there, behind `inputs` and `output`.
    #[inline(always)]
    unsafe fn walk<L: Lanes, I: Rows, const R: usize>(
        &self,
        inputs: I,
        output: *mut f32,
        vectors: Range<usize>,
    ) {
        let (width, map) = (self.output.shape.w, self.input.shape.w);
        let output_row = width * self.output.pixel;
        for v in vectors {
            let at = first_channel(v, L::N, self.output.shape.c);
            let mut to = output.wrapping_add(at);
            // SAFETY: a vector of channels has a vector of weights for its bias and for each tap; the
            // caller vouches for inputs and outputs.
            unsafe {
                let weights = self.weights.as_ptr().add(v * (1 + K * K) * L::N);
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
                        let column = (step * S + j).wrapping_sub(self.padding.1);
                        if column >= map {
                            continue;
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
                            let y = self.bounds.clamp(acc[i][A - 1]);
                            y.store(to.wrapping_add(i * output_row));
                        }
                        to = to.wrapping_add(self.output.pixel);
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

impl<const K: usize, const S: usize, const A: usize> Kernel for Walk<K, S, A> {
    fn tasks(&self) -> usize {
        self.cut.tasks
    }

    fn bytes(&self) -> usize {
        self.weights.len() * size_of::<f32>()
    }

    unsafe fn run(&self, io: &Io, task: usize, _: &mut [f32]) {
        let items = self.cut.items(task, self.output.shape.h);
        self.isa.run(Items { of: self, items, io });
    }

    fn by_rows(&self) -> Option<&dyn ByRows> {
        Some(self)
    }
}

impl<const K: usize, const S: usize, const A: usize> ByRows for Walk<K, S, A> {
    unsafe fn run_rows(&self, io: &Io, image: usize, rows: Range<usize>, _: &mut [f32]) {
        self.isa.run(Items { of: self, items: self.cut.rows(image, rows), io });
    }
}

/// What a call of [`Kernel::run`] does, whose contract its maker keeps.
struct Items<'a, I, const K: usize, const S: usize, const A: usize> {
    of: &'a Walk<K, S, A>,
    items: I,
    io: &'a Io<'a>,
}

impl<I: Iterator<Item = Item>, const K: usize, const S: usize, const A: usize> Vectorised
    for Items<'_, I, K, S, A>
{
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { of, items, io } = self;
        for item in items {
            // SAFETY: passed on from the caller.
            unsafe { of.item::<L>(io, &item) };
        }
    }
}
