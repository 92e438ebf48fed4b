//! Square depthwise kernels of 3, 5 and 7 at strides 1 and 2, undilated: those of networks.
//!
//! All sizes are constants, so that a block is a straight line of instructions in which the compiler
//! sees what neighbouring windows have in common. A block whose windows stick out of the map reads
//! it through a table of pointers, in which what is outside points at zeros: the same line of
//! instructions, and no case of its own for any edge. The last block of a row overlaps the one
//! before.

#![expect(clippy::needless_range_loop, reason = "a block is read by its indices")]

use super::{super::Conv2d, BAND, BLOCK, Cut, Item, first_channel, pack};
use crate::{
    cpu::{Bounds, ByRows, Io, Kernel, Layout, Lines, Site},
    simd::{Isa, Lanes, Vectorised},
};
use std::ops::Range;

/// Whether there is a kernel of these sizes, and a block fits into the output.
pub(in crate::conv2d) fn suits(conv: &Conv2d, site: &Site<'_>) -> bool {
    let sizes = matches!(conv.kernel, (3, 3) | (5, 5) | (7, 7))
        && matches!(conv.stride, (1, 1) | (2, 2))
        && conv.dilation == (1, 1);
    let depthwise = conv.is_depthwise(site.inputs[0].shape);
    depthwise && sizes && site.output.shape.w >= BLOCK && conv.out >= site.isa.lanes()
}

/// The kernel of these sizes, ready to run; they suit.
pub(in crate::conv2d) fn prepare(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
    match (conv.kernel.0, conv.stride.0) {
        (3, 1) => Box::new(Square::<3, 1>::new(conv, site)),
        (3, _) => Box::new(Square::<3, 2>::new(conv, site)),
        (5, 1) => Box::new(Square::<5, 1>::new(conv, site)),
        (5, _) => Box::new(Square::<5, 2>::new(conv, site)),
        (_, 1) => Box::new(Square::<7, 1>::new(conv, site)),
        (_, _) => Box::new(Square::<7, 2>::new(conv, site)),
    }
}

/// A depthwise convolution of `K`×`K` at stride `S`, ready to run.
struct Square<const K: usize, const S: usize> {
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

/// Where channel 0 of the inputs under a block is.
trait Taps: Copy {
    /// In row `row` and column `column` of the block's windows.
    fn at(self, row: usize, column: usize) -> *const f32;
}

/// All of them are inside the map.
#[derive(Clone, Copy)]
struct Inside {
    first: *const f32,
    /// Elements from row to row and from pixel to pixel.
    row: usize,
    pixel: usize,
}

impl Taps for Inside {
    #[inline(always)]
    fn at(self, row: usize, column: usize) -> *const f32 {
        self.first.wrapping_add(row * self.row + column * self.pixel)
    }
}

/// A pointer for each; there are tables for the largest kernel.
type Table = [[*const f32; columns(7, 2)]; rows(7, 2, BAND)];

impl Taps for &Table {
    #[inline(always)]
    fn at(self, row: usize, column: usize) -> *const f32 {
        self[row][column]
    }
}

/// Input rows under `height` output rows.
const fn rows(k: usize, s: usize, height: usize) -> usize {
    (height - 1) * s + k
}

/// Input columns under a block.
const fn columns(k: usize, s: usize) -> usize {
    (BLOCK - 1) * s + k
}

impl<const K: usize, const S: usize> Square<K, S> {
    fn new(conv: &Conv2d, site: &Site<'_>) -> Self {
        Self {
            isa: site.isa,
            padding: conv.padding,
            input: site.inputs[0],
            output: site.output,
            bounds: Bounds::of(site.epilogue),
            weights: pack(conv, site),
            zeros: Lines::zeros(conv.out),
            cut: Cut::new(conv, site, BAND),
        }
    }

    /// Computes an item of `R` output rows.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn band<L: Lanes, const R: usize>(&self, io: &Io, item: &Item) {
        let (n, y, map) = (item.image, item.rows.start, self.input.shape);
        let last = self.output.shape.w - BLOCK;
        // Above and left of the map these wrap to places far beyond it.
        let top = (y * S).wrapping_sub(self.padding.0);
        let rows_inside = top.wrapping_add(rows(K, S, R)) <= map.h && top < map.h;
        for x in (0..self.output.shape.w).step_by(BLOCK).map(|x| x.min(last)) {
            let left = (x * S).wrapping_sub(self.padding.1);
            let inside = left.wrapping_add(columns(K, S)) <= map.w && left < map.w;
            let output = io.output.wrapping_add(self.output.offset(n, y, x));
            let vectors = item.vectors.clone();
            // SAFETY: the taps are inside the map or point at zeros; the pixels are there.
            unsafe {
                if rows_inside && inside {
                    let taps = Inside {
                        first: io.inputs[0].wrapping_add(self.input.offset(n, top, left)),
                        row: map.w * self.input.pixel,
                        pixel: self.input.pixel,
                    };
                    self.block::<L, _, R>(taps, output, vectors);
                } else {
                    let table = self.table::<R>(io.inputs[0], n, top, left);
                    self.block::<L, _, R>(&table, output, vectors);
                }
            }
        }
    }

    /// Pointers to the inputs under a block of `R` output rows, zeros where there is no pixel.
    fn table<const R: usize>(&self, input: *const f32, n: usize, top: usize, left: usize) -> Table {
        let map = self.input.shape;
        let mut table = [[self.zeros.as_ptr(); _]; _];
        for (r, row) in table.iter_mut().enumerate().take(rows(K, S, R)) {
            let y = top.wrapping_add(r);
            for (c, pointer) in row.iter_mut().enumerate().take(columns(K, S)) {
                let x = left.wrapping_add(c);
                if y < map.h && x < map.w {
                    *pointer = input.wrapping_add(self.input.offset(n, y, x));
                }
            }
        }
        table
    }

    /// Computes `vectors` of the channels of a block of `R` output rows.
    ///
    /// # Safety
    /// All channels are there, behind `taps` and `output`.
    #[inline(always)]
    unsafe fn block<L: Lanes, T: Taps, const R: usize>(
        &self,
        taps: T,
        output: *mut f32,
        vectors: Range<usize>,
    ) {
        let output_row = self.output.shape.w * self.output.pixel;
        for v in vectors {
            let at = first_channel(v, L::N, self.output.shape.c);
            // SAFETY: a vector of channels has a vector of weights for its bias and for each tap; the
            // caller vouches for inputs and outputs.
            unsafe {
                let weights = self.weights.as_ptr().add(v * (1 + K * K) * L::N);
                let mut acc = [[L::load(weights); BLOCK]; R];
                for r in 0..rows(K, S, R) {
                    for i in 0..R {
                        // Wraps where the output row's window begins further down.
                        let ky = r.wrapping_sub(i * S);
                        if ky >= K {
                            continue;
                        }
                        for kx in 0..K {
                            let weight = L::load(weights.add((1 + ky * K + kx) * L::N));
                            for b in 0..BLOCK {
                                let x = L::load(taps.at(r, b * S + kx).wrapping_add(at));
                                acc[i][b] = acc[i][b].fma(x, weight);
                            }
                        }
                    }
                }
                for i in 0..R {
                    for b in 0..BLOCK {
                        let to = output.add(i * output_row + b * self.output.pixel + at);
                        self.bounds.clamp(acc[i][b]).store(to);
                    }
                }
            }
        }
    }
}

impl<const K: usize, const S: usize> Kernel for Square<K, S> {
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

impl<const K: usize, const S: usize> ByRows for Square<K, S> {
    unsafe fn run_rows(&self, io: &Io, image: usize, rows: Range<usize>, _: &mut [f32]) {
        self.isa.run(Items { of: self, items: self.cut.rows(image, rows), io });
    }
}

/// What a call of [`Kernel::run`] does, whose contract its maker keeps.
struct Items<'a, I, const K: usize, const S: usize> {
    of: &'a Square<K, S>,
    items: I,
    io: &'a Io<'a>,
}

impl<I: Iterator<Item = Item>, const K: usize, const S: usize> Vectorised for Items<'_, I, K, S> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { of, items, io } = self;
        for item in items {
            // SAFETY: passed on from the caller.
            unsafe {
                match item.rows.len() {
                    BAND => of.band::<L, BAND>(io, &item),
                    _ => of.band::<L, 1>(io, &item),
                }
            }
        }
    }
}
