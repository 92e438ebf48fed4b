//! Square depthwise kernels of 3, 5 and 7 at strides 1 and 2, undilated: those of networks.
//!
//! All sizes are constants, so that a block is a straight line of instructions in which the compiler
//! sees what neighbouring windows have in common. A block whose windows stick out of the map reads
//! it through a table of pointers, in which what is outside points at zeros: the same line of
//! instructions, and no case of its own for any edge. The last block of a row overlaps the one
//! before.

#![expect(clippy::needless_range_loop, reason = "a block is read by its indices")]

use super::{
    super::Conv2d,
    BAND, BLOCK, Item, first_channel,
    kernel::{DepthwiseKernel, Inputs, Inside, Microkernel, Params},
    rows,
};
use crate::{
    cpu::{AlignedBuffer, Io, Kernel, Site},
    simd::Lanes,
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
        (3, 1) => Square::<3, 1>::prepare(conv, site),
        (3, _) => Square::<3, 2>::prepare(conv, site),
        (5, 1) => Square::<5, 1>::prepare(conv, site),
        (5, _) => Square::<5, 2>::prepare(conv, site),
        (_, 1) => Square::<7, 1>::prepare(conv, site),
        (_, _) => Square::<7, 2>::prepare(conv, site),
    }
}

/// In blocks of known sizes: `K`×`K` at stride `S`.
struct Square<const K: usize, const S: usize> {
    /// A pixel outside the map.
    zeros: AlignedBuffer,
}

/// A pointer for each; there are tables for the largest kernel.
type Table = [[*const f32; columns(7, 2)]; rows(7, 2, BAND)];

impl Inputs for &Table {
    #[inline(always)]
    fn at(self, row: usize, column: usize) -> *const f32 {
        self[row][column]
    }
}

/// Input columns under a block.
const fn columns(k: usize, s: usize) -> usize {
    (BLOCK - 1) * s + k
}

impl<const K: usize, const S: usize> Square<K, S> {
    fn prepare(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
        DepthwiseKernel::prepare(conv, site, BAND, Self { zeros: AlignedBuffer::zeros(conv.out) })
    }

    /// Computes an item of `R` output rows.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn band<L: Lanes, const R: usize>(&self, of: &Params, io: &Io, item: &Item) {
        let (n, y, map) = (item.image, item.rows.start, of.input.shape);
        let last = of.output.shape.w - BLOCK;
        // Above and left of the map these wrap to places far beyond it.
        let top = (y * S).wrapping_sub(of.padding.0);
        let rows_inside = top.wrapping_add(rows(K, S, R)) <= map.h && top < map.h;
        for x in (0..of.output.shape.w).step_by(BLOCK).map(|x| x.min(last)) {
            let left = (x * S).wrapping_sub(of.padding.1);
            let inside = left.wrapping_add(columns(K, S)) <= map.w && left < map.w;
            let output = io.output.wrapping_add(of.output.offset(n, y, x));
            let vectors = item.vectors.clone();
            // SAFETY: the taps are inside the map or point at zeros; the pixels are there.
            unsafe {
                if rows_inside && inside {
                    let taps = Inside::new(of, io, [n, top, left]);
                    self.block::<L, _, R>(of, taps, output, vectors);
                } else {
                    let table = self.table::<R>(of, io.inputs[0], [n, top, left]);
                    self.block::<L, _, R>(of, &table, output, vectors);
                }
            }
        }
    }

    /// Pointers to the inputs under a block of `R` output rows, zeros where there is no pixel.
    fn table<const R: usize>(
        &self,
        of: &Params,
        input: *const f32,
        [n, top, left]: [usize; 3],
    ) -> Table {
        let map = of.input.shape;
        let mut table = [[self.zeros.as_ptr(); _]; _];
        for (r, row) in table.iter_mut().enumerate().take(rows(K, S, R)) {
            let y = top.wrapping_add(r);
            for (c, pointer) in row.iter_mut().enumerate().take(columns(K, S)) {
                let x = left.wrapping_add(c);
                if y < map.h && x < map.w {
                    *pointer = input.wrapping_add(of.input.offset(n, y, x));
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
    unsafe fn block<L: Lanes, T: Inputs, const R: usize>(
        &self,
        of: &Params,
        taps: T,
        output: *mut f32,
        vectors: Range<usize>,
    ) {
        let output_row = of.output.shape.w * of.output.pixel;
        for v in vectors {
            let at = first_channel(v, L::N, of.output.shape.c);
            // SAFETY: a vector of channels has a vector of weights for its bias and for each tap; the
            // caller vouches for inputs and outputs.
            unsafe {
                let weights = of.weights.as_ptr().add(v * (1 + K * K) * L::N);
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
                        let to = output.add(i * output_row + b * of.output.pixel + at);
                        of.bounds.clamp(acc[i][b]).store(to);
                    }
                }
            }
        }
    }
}

impl<const K: usize, const S: usize> Microkernel for Square<K, S> {
    #[inline(always)]
    unsafe fn item<L: Lanes>(&self, of: &Params, io: &Io, item: &Item) {
        // SAFETY: passed on from the caller.
        unsafe {
            match item.rows.len() {
                BAND => self.band::<L, BAND>(of, io, item),
                _ => self.band::<L, 1>(of, io, item),
            }
        }
    }
}
