//! Few channels: a tile of a row's pixels at a time, in passes that each move one digit of all elements' places.
//!
//! Channel c of pixel (i, j) of the x-th block has the digits x, j, c in row i of the wide map, the last the fastest,
//! and x and those three in some order in the deep one. A pass parts what alternates: the last digit becomes the first.
//! Or it weaves parts together, which is the reverse. Both go by whole vectors:
//!
//! ```text
//! c, i, j:  part c: c x j  →  part j: j c x  →  for each i and j, weave c: x c  →  weave i and j: x c i j
//! j, i, c:  part c: c x j  →  for each c, weave i: x j i  →  weave c: x j i c
//! i, j, c:  part c: c x j  →  part j: j c x  →  weave i, j and c, one after the other: x i j c
//! ```
//!
//! From the deep map to the wide one it is the same backwards.

use super::super::definition::{BlockOrder, Direction, PixelShuffle};
use crate::{
    cpu::{Cut, Io, Kernel, Layout, ParallelFor, Site, Strands, Way, parallel_for, weaves},
    simd::Lanes,
};
use std::ops::Range;

/// Floats of a tile: two of them fit a first-level cache.
const TILE: usize = 2048;

/// Channels of the wide map at most: more are moved in vectors of them.
const MOST_CHANNELS: usize = 4;

/// Whether digits are of a size that vectors are parted and woven by, and there are no gaps.
pub(super) fn suit(op: &PixelShuffle, site: &Site<'_>) -> bool {
    let (wide, deep) = op.wide_and_deep(site.inputs[0], site.output);
    let dense = |map: Layout| map.pixel == map.shape.c;
    matches!(op.block, 2..=4)
        && wide.shape.c <= MOST_CHANNELS
        && weaves(wide.shape.c)
        && dense(wide)
        && dense(deep)
}

/// The kernel, ready to run.
pub(super) fn prepare(op: &PixelShuffle, site: &Site<'_>) -> Box<dyn Kernel> {
    let (wide, deep) = op.wide_and_deep(site.inputs[0], site.output);
    let shape = deep.shape;
    let tiles = Cut::new(shape.w, (shape.w * shape.c).div_ceil(TILE).clamp(1, shape.w.max(1)));
    let row = tiles.all().map(|pixels| {
        let tile = Tile { op, channels: wide.shape.c, row: wide.shape.w * wide.shape.c, pixels };
        tile.passes()
    });
    let rows = shape.n * shape.h;
    let body = Tiles {
        tiles: row.collect(),
        room: tiles.largest() * shape.c,
        rows: [site.inputs[0], site.output].map(|map| map.shape.elements() / rows.max(1)),
    };
    let cut = Cut::for_workers(rows, 2 * shape.w * shape.c, site.threads);
    parallel_for(body, site.isa, cut)
}

/// One digit moved.
struct Pass {
    /// From last to first, or from first to last.
    way: Way,
    /// Values of the digit: that many parts.
    radix: usize,
    /// Elements of a part.
    len: usize,
    /// Elements from a part's start to the next's.
    step: usize,
    /// Where it reads and where it writes, as often as there are values of the digits before.
    places: Vec<(usize, usize)>,
}

/// Some pixels of a row of the deep map.
struct Tile<'a> {
    op: &'a PixelShuffle,
    /// Channels of the wide map.
    channels: usize,
    /// Elements of its rows.
    row: usize,
    pixels: Range<usize>,
}

impl Tile<'_> {
    /// From the input to the output, the first reading the one, the last writing the other.
    fn passes(&self) -> Vec<Pass> {
        let mut passes = self.to_depth();
        if self.op.direction == Direction::ToSpace {
            passes.reverse();
            for pass in &mut passes {
                pass.way = match pass.way {
                    Way::Part => Way::Weave,
                    Way::Weave => Way::Part,
                };
                pass.places.iter_mut().for_each(|(from, to)| std::mem::swap(from, to));
            }
        }
        passes
    }

    /// From the wide map to the deep one.
    fn to_depth(&self) -> Vec<Pass> {
        let (b, c, x) = (self.op.block, self.channels, self.pixels.len());
        let deep = self.pixels.start * b * b * c;
        let wide = |i: usize| i * self.row + self.pixels.start * b * c;
        let mut passes = Vec::new();
        // Where channel 0 of row i begins after that, and how far rows and channels are apart.
        let (rows, row) = if c == 1 { (wide(0), self.row) } else { (0, c * x * b) };
        if c > 1 {
            let places = (0..b).map(|i| (wide(i), i * row)).collect();
            passes.push(Pass { way: Way::Part, radix: c, len: x * b, step: x * b, places });
        }
        let part_columns = || {
            let channels = (0..b).flat_map(|i| (0..c).map(move |ch| (i, ch)));
            let place = |(i, ch)| (rows + i * row + ch * x * b, (i * b * c + ch) * x);
            let places = channels.map(place).collect();
            Pass { way: Way::Part, radix: b, len: x, step: c * x, places }
        };
        match self.op.order {
            // Without channels to tell them apart, the two are one.
            BlockOrder::Crd | BlockOrder::Dcr if c == 1 => {
                passes.push(part_columns());
                passes.extend(self.weave_pixels(deep));
            }
            BlockOrder::Crd => {
                let places = (0..b * b).map(|ij| (ij * c * x, ij * c * x)).collect();
                passes.push(part_columns());
                passes.push(Pass { way: Way::Weave, radix: c, len: x, step: x, places });
                passes.extend(self.weave_pixels(deep));
            }
            BlockOrder::Dcr => {
                let columns = (0..b).flat_map(|j| (0..c).map(move |ch| (j, ch)));
                let of_row = columns.map(|(j, ch)| ((j * c + ch) * x, (ch * b + j) * x * b));
                let of_column = (0..c).map(|ch| (ch * b * b * x, ch * b * b * x));
                let weave =
                    |radix, len, step, places| Pass { way: Way::Weave, radix, len, step, places };
                passes.push(part_columns());
                passes.push(weave(b, x, b * c * x, of_row.collect()));
                passes.push(weave(b, b * x, b * x, of_column.collect()));
                passes.push(weave(c, b * b * x, b * b * x, vec![(0, deep)]));
            }
            BlockOrder::Focus => {
                let end = |ch: usize| if c == 1 { deep } else { ch * x * b * b };
                let places = (0..c).map(|ch| (rows + ch * x * b, end(ch))).collect();
                passes.push(Pass { way: Way::Weave, radix: b, len: x * b, step: row, places });
                if c > 1 {
                    let (len, places) = (x * b * b, vec![(0, deep)]);
                    passes.push(Pass { way: Way::Weave, radix: c, len, step: len, places });
                }
            }
        }
        passes
    }

    /// The parts of pixels (i, j) of all blocks woven together: at once, where vectors are.
    fn weave_pixels(&self, deep: usize) -> Vec<Pass> {
        let (b, len) = (self.op.block, self.channels * self.pixels.len());
        if b.is_power_of_two() {
            let places = vec![(0, deep)];
            return vec![Pass { way: Way::Weave, radix: b * b, len, step: len, places }];
        }
        let rows = (0..b).map(|j| (j * len, j * b * len)).collect();
        let step = b * len;
        vec![
            Pass { way: Way::Weave, radix: b, len, step, places: rows },
            Pass { way: Way::Weave, radix: b, len: step, step, places: vec![(0, deep)] },
        ]
    }
}

/// All tiles of a row, row by row of the deep map.
struct Tiles {
    tiles: Vec<Vec<Pass>>,
    /// Floats of the largest tile.
    room: usize,
    /// Elements of the input and of the output to a row of the deep map.
    rows: [usize; 2],
}

impl ParallelFor for Tiles {
    fn scratch(&self) -> usize {
        2 * self.room
    }

    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, scratch: *mut f32) {
        let [of_input, of_output] = self.rows;
        for item in items {
            for passes in &self.tiles {
                // SAFETY: the caller vouches for the operands, whose rows hold what the first pass reads and the last
                // one writes, and for the scratch memory, whose two halves hold what is between.
                unsafe {
                    let mut from = io.inputs[0].add(item * of_input);
                    for (i, pass) in passes.iter().enumerate() {
                        let last = i + 1 == passes.len();
                        let to = match last {
                            true => io.output.add(item * of_output),
                            false => scratch.add(i % 2 * self.room),
                        };
                        pass.run::<L>(from, to);
                        from = to;
                    }
                }
            }
        }
    }
}

impl Pass {
    /// Moves the digit.
    ///
    /// # Safety
    /// `from` and `to` hold the parts and the wholes at its places.
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, from: *const f32, to: *mut f32) {
        let strands = Strands { parts: self.radix, len: self.len, step: self.step };
        // SAFETY: passed on from the caller.
        unsafe { strands.run::<L>(self.way, from, to, &self.places) };
    }
}
