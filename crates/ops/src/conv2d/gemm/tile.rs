//! The register tile: a few output pixels by a few vectors of output channels.
//!
//! ```text
//! acc[m][v] ← bias[v], or the output where an earlier block left partial sums
//! for each segment s, for k in 0..len:
//!     for m in 0..M: for v in 0..V:
//!         acc[m][v] += row[s][m][k] · weight[s][k][v]
//! output[m][v] ← acc[m][v], after the last block clamp(acc[m][v] + added[m][v])
//! ```
//!
//! All accumulators stay in registers; each step of k loads V vectors of weights and broadcasts M
//! inputs for M·V fused multiply-adds. Where lanes can be multiplied by one lane, M vectors of inputs are
//! loaded for four steps instead: a broadcast costs ARM's cores a slot to load and one to compute. A tile too
//! small to hide the latency of multiply-adds keeps several sets of accumulators, which take turns over k.
//! Meanwhile the weights of the block that comes next are asked for, a cache line every few steps.

#![expect(clippy::needless_range_loop, reason = "a tile is read by its indices")]

use crate::{
    cpu::Bounds,
    simd::{Isa, Lanes, Vectorised},
};

/// The tiles of an instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TileShape {
    /// Vectors of output channels of most tiles.
    pub vectors: usize,
    /// Those of the widest: a lone last vector joins the ones before it where this allows.
    pub widest: usize,
    /// Lanes in a vector.
    pub lanes: usize,
    registers: usize,
    by_lane: bool,
}

impl TileShape {
    /// Those of `L`.
    pub const fn of<L: Lanes>() -> Self {
        let (vectors, widest) = match (L::REGISTERS, L::N) {
            (32.., _) => (3, 4),
            _ => (2, 3),
        };
        Self { vectors, widest, lanes: L::N, registers: L::REGISTERS, by_lane: L::BY_LANE }
    }

    /// Those of an instruction set.
    pub fn of_isa(isa: Isa) -> Self {
        isa.run(Shape)
    }

    /// Output pixels of the highest tile of so many vectors: as many accumulators as registers
    /// hold beside a step's weights and input. But with a lone vector every multiply-add loads an input,
    /// and where the rows' addresses do not fit into x86's 15 registers, loading those as well takes longer
    /// than computing: 12 rows are 5 to 8 % faster than 14, 10 or 11 no more so (convolutions of
    /// densenet100_k12_bc_cifar10 and densenet40_k12_cifar10, `probe --model M --level fused --device cpu --threads 1
    /// --max-secs 0.6 --no-calibration`, builds in turn five times, AMD EPYC Zen 5, 2026-11-28). By lane, a row's
    /// inputs of four steps take a register, too.
    pub const fn rows(self, vectors: usize) -> usize {
        match (self.registers, self.by_lane, vectors) {
            (32.., _, 1) => 12,
            (32.., true, 2) => 9,
            (32.., true, 3) => 7,
            (32.., true, _) => 5,
            (32.., false, 2) => 14,
            (32.., false, 3) => 8,
            (32.., false, _) => 6,
            (_, _, 1) => 8,
            (_, _, 2) => 6,
            _ => 3,
        }
    }

    /// Output channels of most panels.
    pub const fn width(self) -> usize {
        self.vectors * self.lanes
    }

    /// Strips into which so many pixels are cut, by a panel of so many vectors.
    pub const fn strips(self, pixels: usize, vectors: usize) -> usize {
        pixels.div_ceil(self.rows(vectors))
    }

    /// The same with panels no wider than so many vectors.
    pub const fn within(self, vectors: usize) -> Self {
        if vectors < self.vectors { Self { vectors, widest: vectors, ..self } } else { self }
    }

    /// Whether there is a tile of this size.
    const fn has(self, rows: usize, vectors: usize) -> bool {
        vectors <= self.widest && rows <= self.rows(vectors)
    }

    /// Sets of accumulators of a tile: as many as hide the latency of a multiply-add, and as registers hold.
    const fn sets(self, rows: usize, vectors: usize) -> usize {
        let accumulators = rows * vectors;
        if !self.by_lane {
            return match accumulators {
                0..=3 => 4,
                4..IN_FLIGHT => 2,
                _ => 1,
            };
        }
        // One register is left to the compiler, which would spill accumulators without.
        let room = self.registers.saturating_sub(rows + vectors + 1);
        match accumulators {
            0..=4 => 4,
            5..IN_FLIGHT_BY_LANE if 2 * accumulators <= room => 2,
            _ => 1,
        }
    }
}

/// Asks an instruction set for its tiles.
struct Shape;

impl Vectorised for Shape {
    type Output = TileShape;
    #[inline(always)]
    fn run<L: Lanes>(self) -> TileShape {
        TileShape::of::<L>()
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
    /// What should be fetched meanwhile, if anything.
    pub fetch: Option<Fetch>,
    /// `vectors` vectors of biases; `None` where the output holds partial sums.
    pub bias: Option<*const f32>,
    /// Limits of the sums, in the last block; the map of `Pixels` is added first.
    pub bounds: Option<Bounds>,
    /// Segments of K in the block.
    pub segments: usize,
    /// Elements before the block's first in a segment of a row.
    pub skip: usize,
    /// Elements of a segment.
    pub len: usize,
}

/// Weights that come next.
#[derive(Clone, Copy)]
pub(super) struct Fetch {
    pub from: *const f32,
    /// How many floats.
    pub count: usize,
}

impl Panel {
    /// From where on a strip fetches weights ahead, [`AHEAD`] floats a step: the first strips together
    /// fetch what comes next, the others nothing that is not there.
    #[inline(always)]
    const fn ahead(&self, strip: usize) -> *const f32 {
        let part = self.segments * self.len * AHEAD;
        match self.fetch {
            Some(Fetch { from, count }) if strip * part < count => from.wrapping_add(strip * part),
            _ => self.weights,
        }
    }
}

/// Consecutive output pixels.
#[derive(Clone, Copy)]
pub(super) struct Pixels {
    /// How many.
    pub count: usize,
    /// Pointers to input rows for the block's first segment, one a pixel.
    pub pointers: *const *const f32,
    /// Pointers from one segment to the next.
    pub pitch: usize,
    /// The first pixel's first output channel of the panel.
    pub output: *mut f32,
    /// Elements from one output pixel to the next.
    pub stride: usize,
    /// What is added to the panel's first output channel of the first pixel, if anything.
    pub added: Option<Added>,
}

/// A map that is added to sums before they are written.
#[derive(Clone, Copy)]
pub(crate) struct Added {
    /// Its element for the first of them.
    pub map: *const f32,
    /// Elements from one pixel to the next.
    pub stride: usize,
}

impl Added {
    /// The same map, so many elements and pixels on.
    pub const fn further(self, elements: usize, pixels: usize) -> Self {
        Self { map: self.map.wrapping_add(elements + pixels * self.stride), ..self }
    }
}

impl Pixels {
    /// Asks for what the strip that comes next, of `M` pixels, adds: a cache line a pixel, too far
    /// apart for a processor to foresee.
    #[inline(always)]
    fn fetch_added<L: Lanes, const M: usize>(&self) {
        if let Some(added) = self.added {
            (M..2 * M).for_each(|m| L::prefetch(added.further(0, m).map));
        }
    }

    /// The `count` pixels from the `first` on.
    ///
    /// # Safety
    /// There are as many.
    #[inline(always)]
    unsafe fn part(&self, first: usize, count: usize) -> Self {
        // SAFETY: the caller vouches for the pixels.
        let (pointers, output, added) = unsafe {
            let added = self.added.map(|added| added.further(0, first));
            (self.pointers.add(first), self.output.add(first * self.stride), added)
        };
        Self { count, pointers, output, added, ..*self }
    }
}

/// Floats of weights fetched ahead for each step of k: a cache line every four, few enough at a time
/// not to keep the inputs of a strip waiting.
pub(super) const AHEAD: usize = 4;

/// Accumulators that hide the latency of a multiply-add on every x86 core we know (4 or 5 cycles, two
/// a cycle).
const IN_FLIGHT: usize = 8;

/// The same on every ARM core we know (4 cycles, four a cycle on Apple's).
const IN_FLIGHT_BY_LANE: usize = 16;

/// Computes `panel` for all `pixels`, in strips as even as can be. All products of matrices come here, so
/// that there is one copy of the tiles, which are most of the crate's code.
///
/// # Safety
/// Pointers, strides and counts are as their fields say, and valid.
pub(super) unsafe fn compute(isa: Isa, panel: &Panel, pixels: &Pixels) {
    isa.run(Compute { panel, pixels });
}

/// A call of [`compute`], whose contract its maker keeps.
struct Compute<'a> {
    panel: &'a Panel,
    pixels: &'a Pixels,
}

impl Vectorised for Compute<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: passed on from the maker.
        unsafe { strips::<L>(self.panel, self.pixels) };
    }
}

/// [`compute`] with lanes.
///
/// # Safety
/// As there.
#[inline(always)]
unsafe fn strips<L: Lanes>(panel: &Panel, pixels: &Pixels) {
    let strips = TileShape::of::<L>().strips(pixels.count, panel.vectors);
    let (low, higher) = (pixels.count / strips, pixels.count % strips);
    let first = higher * (low + 1);
    // SAFETY: the two parts make up all pixels.
    let parts = unsafe { [pixels.part(0, first), pixels.part(first, pixels.count - first)] };
    for (pixels, rows, strip) in [(&parts[0], low + 1, 0), (&parts[1], low, higher)] {
        if pixels.count > 0 {
            // SAFETY: passed on from the caller.
            unsafe { in_strips::<L>(panel, pixels, rows, strip) };
        }
    }
}

/// Computes `panel` for `pixels` in strips of `rows`, which divide them; the first is strip number
/// `strip` of the panel.
///
/// # Safety
/// As [`compute`].
#[inline(always)]
unsafe fn in_strips<L: Lanes>(panel: &Panel, pixels: &Pixels, rows: usize, strip: usize) {
    /// One instantiation a tile size.
    macro_rules! sizes {
        ($($vectors:literal: $($rows:literal)*;)*) => {
            match (rows, panel.vectors) {
                // `const` keeps the compiler from ever looking at tiles that `L` has no room for.
                $($(($rows, $vectors) if const { TileShape::of::<L>().has($rows, $vectors) } => {
                    for i in (0..pixels.count).step_by($rows) {
                        // SAFETY: the strip's pixels are there, and the caller vouches for the
                        // rest.
                        unsafe {
                            let ahead = panel.ahead(strip + i / $rows);
                            let pixels = pixels.part(i, $rows);
                            if const { TileShape::of::<L>().sets($rows, $vectors) == 4 } {
                                tile::<L, $rows, $vectors, 4>(panel, &pixels, ahead);
                            } else if const { TileShape::of::<L>().sets($rows, $vectors) == 2 } {
                                tile::<L, $rows, $vectors, 2>(panel, &pixels, ahead);
                            } else {
                                tile::<L, $rows, $vectors, 1>(panel, &pixels, ahead);
                            }
                        }
                    }
                })*)*
                (rows, vectors) => unreachable!("no tile of {rows} pixels by {vectors} vectors"),
            }
        };
    }
    sizes! {
        1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
        2: 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
        3: 1 2 3 4 5 6 7 8;
        4: 1 2 3 4 5 6;
    }
}

/// Steps of k between looks at the loop's end. By lane, a vector's lanes are as many.
pub(super) const UNROLL: usize = 4;

/// # Safety
/// As [`compute`], for M pixels and V vectors.
#[inline(always)]
unsafe fn tile<L: Lanes, const M: usize, const V: usize, const SETS: usize>(
    panel: &Panel,
    pixels: &Pixels,
    mut ahead: *const f32,
) {
    let (output, stride) = (pixels.output, pixels.stride);
    pixels.fetch_added::<L, M>();
    let mut acc = [[[L::splat(0.0); V]; M]; SETS];
    // SAFETY: the caller vouches for bias and output.
    acc[0] = unsafe { start::<L, M, V>(panel, output, stride) };
    let mut weights = panel.weights;
    for segment in 0..panel.segments {
        // SAFETY: each segment has M pointers, each to `skip + len` elements, and `len · V` vectors
        // of weights. Lanes that go by lane are `UNROLL` a vector.
        unsafe {
            let pointers = pixels.pointers.add(segment * pixels.pitch);
            let rows: [*const f32; M] = std::array::from_fn(|m| (*pointers.add(m)).add(panel.skip));
            let mut k = 0;
            while k + UNROLL <= panel.len {
                L::prefetch(ahead.wrapping_add(k * AHEAD));
                // Written out: the compiler keeps accumulators in registers only where it can see
                // each index.
                if L::BY_LANE && !L::UNROLLED {
                    let x: [L; M] = std::array::from_fn(|m| L::load(rows[m].add(k)));
                    for j in 0..UNROLL {
                        step_by_lane(&mut acc[j % SETS], &x, j, weights.add(j * V * L::N));
                    }
                } else if L::BY_LANE {
                    let x: [L; M] = std::array::from_fn(|m| L::load(rows[m].add(k)));
                    step_by_lane(&mut acc[0], &x, 0, weights);
                    step_by_lane(&mut acc[1 % SETS], &x, 1, weights.add(V * L::N));
                    step_by_lane(&mut acc[2 % SETS], &x, 2, weights.add(2 * V * L::N));
                    step_by_lane(&mut acc[3 % SETS], &x, 3, weights.add(3 * V * L::N));
                } else {
                    step(&mut acc[0], &rows, k, weights);
                    step(&mut acc[1 % SETS], &rows, k + 1, weights.add(V * L::N));
                    step(&mut acc[2 % SETS], &rows, k + 2, weights.add(2 * V * L::N));
                    step(&mut acc[3 % SETS], &rows, k + 3, weights.add(3 * V * L::N));
                }
                weights = weights.add(UNROLL * V * L::N);
                k += UNROLL;
            }
            while k < panel.len {
                step(&mut acc[0], &rows, k, weights);
                weights = weights.add(V * L::N);
                k += 1;
            }
            ahead = ahead.wrapping_add(panel.len * AHEAD);
        }
    }
    for set in 1..SETS {
        for m in 0..M {
            for v in 0..V {
                acc[0][m][v] = acc[0][m][v].add(acc[set][m][v]);
            }
        }
    }
    // SAFETY: the caller vouches for what is added and for the output.
    unsafe {
        if let Some(bounds) = panel.bounds {
            finish::<L, M, V>(panel, &mut acc[0], pixels.added, bounds);
        }
        store::<L, M, V>(panel, &acc[0], output, stride);
    }
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

/// [`step`] with lane `k` of every row's vector.
///
/// # Safety
/// `weights` holds V vectors.
#[inline(always)]
unsafe fn step_by_lane<L: Lanes, const M: usize, const V: usize>(
    acc: &mut [[L; V]; M],
    x: &[L; M],
    k: usize,
    weights: *const f32,
) {
    // SAFETY: the caller vouches for the weights.
    unsafe {
        let weights: [L; V] = std::array::from_fn(|v| L::load(weights.add(v * L::N)));
        for m in 0..M {
            for v in 0..V {
                acc[m][v] = acc[m][v].fma_lane(weights[v], x[m], k);
            }
        }
    }
}

/// What the accumulators start from.
///
/// # Safety
/// As [`compute`], for M pixels and V vectors.
#[inline(always)]
unsafe fn start<L: Lanes, const M: usize, const V: usize>(
    panel: &Panel,
    output: *const f32,
    stride: usize,
) -> [[L; V]; M] {
    // SAFETY: the caller vouches for bias and output.
    unsafe {
        match panel.bias {
            Some(bias) => [std::array::from_fn(|v| L::load(bias.add(v * L::N))); M],
            None => load(panel, output, stride),
        }
    }
}

/// What a map holds under the tile.
///
/// # Safety
/// It holds M pixels, `stride` elements from one to the next, each with the panel's channels.
#[inline(always)]
unsafe fn load<L: Lanes, const M: usize, const V: usize>(
    panel: &Panel,
    map: *const f32,
    stride: usize,
) -> [[L; V]; M] {
    let whole = panel.channels == V * L::N;
    let mut loaded = [[L::splat(0.0); V]; M];
    for m in 0..M {
        for v in 0..V {
            // SAFETY: the caller vouches for the map, and only the panel's last vector is partial.
            loaded[m][v] = unsafe {
                let at = map.add(m * stride + v * L::N);
                if whole || v + 1 < V {
                    L::load(at)
                } else {
                    L::load_up_to(at, panel.channels - v * L::N)
                }
            };
        }
    }
    loaded
}

/// Adds what is to be added, and clamps.
///
/// # Safety
/// As [`compute`], for M pixels and V vectors.
#[inline(always)]
unsafe fn finish<L: Lanes, const M: usize, const V: usize>(
    panel: &Panel,
    acc: &mut [[L; V]; M],
    added: Option<Added>,
    bounds: Bounds,
) {
    if let Some(Added { map, stride }) = added {
        // SAFETY: the caller vouches for the map.
        let map: [[L; V]; M] = unsafe { load(panel, map, stride) };
        for m in 0..M {
            for v in 0..V {
                acc[m][v] = acc[m][v].add(map[m][v]);
            }
        }
    }
    for m in 0..M {
        for v in 0..V {
            acc[m][v] = bounds.clamp(acc[m][v]);
        }
    }
}

/// Writes the accumulators.
///
/// # Safety
/// As [`compute`], for M pixels and V vectors.
#[inline(always)]
unsafe fn store<L: Lanes, const M: usize, const V: usize>(
    panel: &Panel,
    acc: &[[L; V]; M],
    output: *mut f32,
    stride: usize,
) {
    let whole = panel.channels == V * L::N;
    for m in 0..M {
        for v in 0..V {
            // SAFETY: the caller vouches for the output, and only the panel's last vector is
            // partial.
            unsafe {
                let at = output.add(m * stride + v * L::N);
                if whole || v + 1 < V {
                    acc[m][v].store(at);
                } else {
                    acc[m][v].store_up_to(at, panel.channels - v * L::N);
                }
            }
        }
    }
}
