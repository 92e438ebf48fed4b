//! The register tile: a few output pixels by a few vectors of output channels.
//!
//! ```text
//! acc[m][v] ← bias[v], or the output where an earlier block left partial sums
//! for each segment s, for k in 0..len:
//!     for m in 0..M: for v in 0..V:
//!         acc[m][v] += row[s][m][k] · weight[s][k][v]
//! output[m][v] ← acc[m][v]
//! ```
//!
//! All accumulators stay in registers; each step of k loads V vectors of weights and broadcasts M
//! inputs for M·V fused multiply-adds. A tile too small to hide the latency of those keeps several
//! sets of accumulators, which take turns over k.

#![expect(clippy::needless_range_loop, reason = "a tile is read by its indices")]

use crate::simd::Lanes;

/// The largest tile of an instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TileShape {
    /// Output pixels.
    pub rows: usize,
    /// Vectors of output channels.
    pub vectors: usize,
    /// Lanes in a vector.
    pub lanes: usize,
}

impl TileShape {
    /// That of `L`: as many accumulators as its registers hold beside a step's weights and input,
    /// in the shape that needs few loads for each multiply-add.
    pub const fn of<L: Lanes>() -> Self {
        let (rows, vectors) = match (L::REGISTERS, L::N) {
            (32.., 16..) => (14, 2),
            (32.., _) => (6, 4),
            _ => (6, 2),
        };
        Self { rows, vectors, lanes: L::N }
    }

    /// Whether a tile of this size is part of it.
    const fn has(self, rows: usize, vectors: usize) -> bool {
        rows <= self.rows && vectors <= self.vectors
    }

    /// Output channels of a full panel.
    pub const fn width(self) -> usize {
        self.vectors * self.lanes
    }
}

/// One panel of weights over one block of K, for many tiles.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    /// Vectors of output channels.
    pub vectors: usize,
    /// Output channels stored: the last vector may be partial.
    pub channels: usize,
    /// The block's weights: segment by segment, k by k, `vectors` vectors.
    pub weights: *const f32,
    /// `vectors` vectors of biases; `None` where the output holds partial sums.
    pub bias: Option<*const f32>,
    /// Segments of K in the block.
    pub segments: usize,
    /// Elements before the block's first in a segment of a row.
    pub skip: usize,
    /// Elements of a segment.
    pub len: usize,
}

/// Consecutive strips of pixels, each as high as a tile.
#[derive(Clone, Copy)]
pub(super) struct Strips {
    /// How many.
    pub count: usize,
    /// Pixels in each.
    pub rows: usize,
    /// The first strip's pointers to input rows, for the block's first segment: a segment has
    /// `rows` of them.
    pub pointers: *const *const f32,
    /// Pointers from one strip to the next.
    pub stride: usize,
    /// The first pixel's first output channel of the panel.
    pub output: *mut f32,
    /// Elements from one output pixel to the next.
    pub pixel: usize,
}

/// Accumulators that hide the latency of a multiply-add on every core we know (4 or 5 cycles, two
/// a cycle).
const IN_FLIGHT: usize = 8;

/// Sets of accumulators for a tile of `accumulators`.
const fn sets(accumulators: usize) -> usize {
    match accumulators {
        0..=3 => 4,
        4..IN_FLIGHT => 2,
        _ => 1,
    }
}

/// Computes `panel` for every one of `strips`.
///
/// # Safety
/// Pointers, strides and counts are as their fields say, and valid.
#[inline(always)]
pub(super) unsafe fn compute<L: Lanes>(panel: &Panel, strips: &Strips) {
    /// One instantiation a tile size.
    macro_rules! shapes {
        ($($vectors:literal: $($rows:literal)*;)*) => {
            match (strips.rows, panel.vectors) {
                // `const` keeps the compiler from ever looking at tiles that `L` has no room for.
                $($(($rows, $vectors) if const { TileShape::of::<L>().has($rows, $vectors) } => {
                    // SAFETY: passed on from the caller.
                    unsafe {
                        each_strip::<L, $rows, $vectors, { sets($rows * $vectors) }>(panel, strips);
                    }
                })*)*
                (rows, vectors) => unreachable!("no tile of {rows} pixels by {vectors} vectors"),
            }
        };
    }
    shapes! {
        1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
        2: 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
        3: 1 2 3 4 5 6;
        4: 1 2 3 4 5 6;
    }
}

/// # Safety
/// As [`compute`], with `strips.rows == M` and `panel.vectors == V`.
#[inline(always)]
unsafe fn each_strip<L: Lanes, const M: usize, const V: usize, const SETS: usize>(
    panel: &Panel,
    strips: &Strips,
) {
    for i in 0..strips.count {
        // SAFETY: i < count, and the caller vouches for the rest.
        unsafe {
            let pointers = strips.pointers.add(i * strips.stride);
            let output = strips.output.add(i * M * strips.pixel);
            tile::<L, M, V, SETS>(panel, pointers, output, strips.pixel);
        }
    }
}

/// Steps of k between looks at the loop's end.
const UNROLL: usize = 4;

/// # Safety
/// As [`compute`], for one strip.
#[inline(always)]
unsafe fn tile<L: Lanes, const M: usize, const V: usize, const SETS: usize>(
    panel: &Panel,
    pointers: *const *const f32,
    output: *mut f32,
    pixel: usize,
) {
    let mut acc = [[[L::splat(0.0); V]; M]; SETS];
    // SAFETY: the caller vouches for bias and output.
    acc[0] = unsafe { start::<L, M, V>(panel, output, pixel) };
    let mut weights = panel.weights;
    for segment in 0..panel.segments {
        // SAFETY: each segment has M pointers, each to `skip + len` elements, and `len · V` vectors
        // of weights.
        unsafe {
            let rows: [*const f32; M] =
                std::array::from_fn(|m| (*pointers.add(segment * M + m)).add(panel.skip));
            let mut k = 0;
            while k + UNROLL <= panel.len {
                // Written out: the compiler keeps accumulators in registers only where it can see
                // each index.
                step(&mut acc[0], &rows, k, weights);
                step(&mut acc[1 % SETS], &rows, k + 1, weights.add(V * L::N));
                step(&mut acc[2 % SETS], &rows, k + 2, weights.add(2 * V * L::N));
                step(&mut acc[3 % SETS], &rows, k + 3, weights.add(3 * V * L::N));
                weights = weights.add(UNROLL * V * L::N);
                k += UNROLL;
            }
            while k < panel.len {
                step(&mut acc[0], &rows, k, weights);
                weights = weights.add(V * L::N);
                k += 1;
            }
        }
    }
    for set in 1..SETS {
        for m in 0..M {
            for v in 0..V {
                acc[0][m][v] = acc[0][m][v].add(acc[set][m][v]);
            }
        }
    }
    // SAFETY: the caller vouches for the output.
    unsafe { store::<L, M, V>(panel, &acc[0], output, pixel) };
}

/// One step of k: every row's element times every vector of weights.
///
/// # Safety
/// Each of `rows` holds an element `k`, `weights` holds V vectors.
#[inline(always)]
unsafe fn step<L: Lanes, const M: usize, const V: usize>(
    acc: &mut [[L; V]; M],
    rows: &[*const f32; M],
    k: usize,
    weights: *const f32,
) {
    // SAFETY: the caller vouches for both.
    unsafe {
        let weights: [L; V] = std::array::from_fn(|v| L::load(weights.add(v * L::N)));
        for m in 0..M {
            let x = L::broadcast(rows[m].add(k));
            for v in 0..V {
                acc[m][v] = acc[m][v].fma(x, weights[v]);
            }
        }
    }
}

/// What the accumulators start from.
///
/// # Safety
/// As [`compute`], for one strip.
#[inline(always)]
unsafe fn start<L: Lanes, const M: usize, const V: usize>(
    panel: &Panel,
    output: *const f32,
    pixel: usize,
) -> [[L; V]; M] {
    // SAFETY: the caller vouches for bias and output.
    unsafe {
        match panel.bias {
            Some(bias) => [std::array::from_fn(|v| L::load(bias.add(v * L::N))); M],
            None if panel.channels == V * L::N => std::array::from_fn(|m| {
                std::array::from_fn(|v| L::load(output.add(m * pixel + v * L::N)))
            }),
            // Only the last vector of a panel is partial.
            None => std::array::from_fn(|m| {
                std::array::from_fn(|v| {
                    let lanes = (panel.channels - v * L::N).min(L::N);
                    L::load_up_to(output.add(m * pixel + v * L::N), lanes)
                })
            }),
        }
    }
}

/// Writes the accumulators.
///
/// # Safety
/// As [`compute`], for one strip.
#[inline(always)]
unsafe fn store<L: Lanes, const M: usize, const V: usize>(
    panel: &Panel,
    acc: &[[L; V]; M],
    output: *mut f32,
    pixel: usize,
) {
    let whole = panel.channels == V * L::N;
    for m in 0..M {
        for v in 0..V {
            // SAFETY: the caller vouches for the output, and only the panel's last vector is
            // partial.
            unsafe {
                let at = output.add(m * pixel + v * L::N);
                if whole || v + 1 < V {
                    acc[m][v].store(at);
                } else {
                    acc[m][v].store_up_to(at, panel.channels - v * L::N);
                }
            }
        }
    }
}
