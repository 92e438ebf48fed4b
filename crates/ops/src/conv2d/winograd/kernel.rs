//! The algorithm as a kernel: what suits it, its weights and tasks, tile by tile.

#![expect(clippy::needless_range_loop, reason = "a tile is read by its indices")]

use super::{
    super::gemm::{Added, ProductRows},
    rule::{applies, is_worth},
    transform::{F2x3, F4x3, Transform},
    weights::TransformedWeights,
};
use crate::{
    Conv2d, Epilogue,
    cpu::{AlignedBuffer, Bounds, Cut, Grid, Io, Kernel, Layout, Site, machine::L2, odd_lines},
    simd::{Isa, Lanes, Vectorised},
    unary::DeferredActivation,
};
use profile::Shape;
use std::{marker::PhantomData, ops::Range};

/// Floats of transformed inputs and products that a chunk of tiles may have.
const CHUNK: usize = 2 * L2 / size_of::<f32>();

/// Tiles that a chunk has at least where there are as many: a chunk reads all weights.
const TILES: usize = 64;

/// Tiles for each worker below which they share the output channels instead, where that makes as many tasks.
const SHARED_TILES: usize = 12;

/// As [`SHARED_TILES`], where workers that share tiles all make all weights.
const SHARED_TILES_OF_MADE: usize = 32;

/// F(2×2, 3×3), ready to run.
pub(in crate::conv2d) fn two(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
    Box::new(Winograd::<F2x3, 4, 2>::new(conv, site))
}

/// F(4×4, 3×3), ready to run.
pub(in crate::conv2d) fn four(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
    Box::new(Winograd::<F4x3, 6, 4>::new(conv, site))
}

/// Whether the algorithm can take the convolution, and is worth it.
pub(in crate::conv2d) fn suits(conv: &Conv2d, site: &Site<'_>) -> bool {
    let worth = is_worth(conv, site.inputs[0].shape.c, site.output.shape.pixels());
    conv.groups == 1 && applies(conv) && worth
}

/// A convolution ready to run by tiles of `OUT`×`OUT` outputs.
struct Winograd<T, const IN: usize, const OUT: usize> {
    isa: Isa,
    padding: (usize, usize),
    input: Layout,
    output: Layout,
    weights: TransformedWeights<T, IN, OUT>,
    bias: AlignedBuffer,
    /// What stands for inputs outside the map.
    zeros: AlignedBuffer,
    /// The map that is added, the last input.
    added: Option<Layout>,
    epilogue: Epilogue,
    ending: Option<DeferredActivation>,
    /// Tiles, and panels of output channels.
    grid: Grid,
    transform: PhantomData<T>,
}

impl<T: Transform<IN, OUT>, const IN: usize, const OUT: usize> Winograd<T, IN, OUT> {
    const POINTS: usize = IN * IN;

    fn new(conv: &Conv2d, site: &Site<'_>) -> Self {
        let (input, output) = (site.inputs[0], site.output);
        let mut bias = AlignedBuffer::zeros(conv.out);
        if let Some(values) = site.weights.of_outputs(0..1).get(1) {
            bias.as_mut_slice().iter_mut().zip(values.data()).for_each(|(to, from)| *to = *from);
        }
        let tiles = Self::tiles(output.shape);
        let most = (CHUNK / (Self::POINTS * (input.shape.c + conv.out))).max(TILES);
        let chunks = tiles.div_ceil(most);
        let by_tiles = chunks.next_multiple_of(site.threads).min(tiles);
        let weights =
            TransformedWeights::new(site.weights, output.shape, tiles / by_tiles, site.isa);
        let fewest = if weights.are_made() { SHARED_TILES_OF_MADE } else { SHARED_TILES };
        let by_panels = site.threads.min(weights.panels());
        let few = tiles / by_tiles < fewest && chunks * by_panels >= by_tiles;
        let (of_tiles, of_panels) = if few { (chunks, by_panels) } else { (by_tiles, 1) };
        let outer = Cut::new(weights.panels(), of_panels);
        Self {
            isa: site.isa,
            padding: conv.padding.first(),
            input,
            output,
            weights,
            bias,
            zeros: AlignedBuffer::zeros(input.shape.c),
            added: site.added(),
            epilogue: site.epilogue,
            ending: DeferredActivation::new(site),
            grid: Grid { inner: Cut::new(tiles, of_tiles), outer },
            transform: PhantomData,
        }
    }

    /// Tiles of all images.
    const fn tiles(output: Shape) -> usize {
        output.n * output.h.div_ceil(OUT) * output.w.div_ceil(OUT)
    }

    /// Image, and the first output row and column of tile `tile`.
    const fn place(&self, tile: usize) -> [usize; 3] {
        let (h, w) = (self.output.shape.h.div_ceil(OUT), self.output.shape.w.div_ceil(OUT));
        [tile / (h * w), tile / w % h * OUT, tile % w * OUT]
    }

    /// The scratch memory of a task.
    fn room(&self) -> Room {
        let tiles = self.grid.inner.largest();
        let outputs = self.grid.outer.all().map(|panels| self.weights.channels(&panels).len());
        Room {
            pointers: tiles * size_of::<*const f32>() / size_of::<f32>(),
            inputs: odd_lines(tiles * self.input.shape.c),
            products: odd_lines(tiles * outputs.max().unwrap_or(0)),
        }
    }

    /// Transforms the inputs of a tile into `to`, a point every `pitch` floats.
    ///
    /// # Safety
    /// As [`Kernel::run`]; `to` has room for each point's channels.
    #[inline(always)]
    unsafe fn transform_inputs<L: Lanes>(
        &self,
        input: *const f32,
        tile: usize,
        to: *mut f32,
        pitch: usize,
    ) {
        let ([n, top, left], map) = (self.place(tile), self.input.shape);
        let pixels: [[*const f32; IN]; IN] = std::array::from_fn(|y| {
            std::array::from_fn(|x| {
                // Above and left of the map these wrap to places far beyond it.
                let y = (top + y).wrapping_sub(self.padding.0);
                let x = (left + x).wrapping_sub(self.padding.1);
                let inside = y < map.h && x < map.w;
                // Only where it is inside the map is the offset used.
                if inside {
                    input.wrapping_add(self.input.offset(n, y, x))
                } else {
                    self.zeros.as_ptr()
                }
            })
        });
        let last = map.c - L::N;
        for c in (0..map.c).step_by(L::N).map(|c| c.min(last)) {
            // SAFETY: a vector of channels from `c` is there in each pixel and at each point.
            unsafe {
                let mut columns = [[L::splat(0.0); IN]; IN];
                for x in 0..IN {
                    columns[x] = T::inputs(std::array::from_fn(|y| L::load(pixels[y][x].add(c))));
                }
                for y in 0..IN {
                    let row = T::inputs(std::array::from_fn(|x| columns[x][y]));
                    for x in 0..IN {
                        row[x].store(to.add((y * IN + x) * pitch + c));
                    }
                }
            }
        }
    }

    /// Makes outputs `channels` of a tile, the epilogue included, from the products at `from`, a
    /// point every `pitch` floats.
    ///
    /// # Safety
    /// As [`Kernel::run`]; `from` has the channels' products at each point.
    #[inline(always)]
    unsafe fn transform_outputs<L: Lanes>(
        &self,
        from: *const f32,
        pitch: usize,
        io: &Io,
        tile: usize,
        channels: Range<usize>,
    ) {
        let ([n, top, left], map) = (self.place(tile), self.output.shape);
        let (rows, columns) = (OUT.min(map.h - top), OUT.min(map.w - left));
        let corner = |layout: Layout| layout.offset(n, top, left) + channels.start;
        let added = self.added.map(|layout| Added {
            map: io.inputs[io.inputs.len() - 1].wrapping_add(corner(layout)),
            stride: layout.pixel,
        });
        // SAFETY: the tile's first output is inside the map, and the bias has all channels.
        let tile = unsafe {
            Tile {
                from,
                pitch,
                bias: self.bias.as_ptr().add(channels.start),
                output: io.output.add(corner(self.output)),
                pixel: self.output.pixel,
                width: map.w,
                added,
                rows,
                columns,
                bounds: Bounds::of(self.epilogue),
            }
        };
        // SAFETY: each part is within the channels.
        unsafe {
            let lanes = L::N.min(channels.len());
            let last = channels.len() - lanes;
            for c in (0..channels.len()).step_by(L::N) {
                tile.outputs::<L, T, IN, OUT>(c.min(last), lanes);
            }
        }
        let Some(ending) = &self.ending else { return };
        for row in top..top + rows {
            let first = (n * map.h + row) * map.w + left;
            // SAFETY: the pixels are inside the map, and no other tile has them.
            unsafe { ending.run(io, first..first + columns, channels.clone()) };
        }
    }
}

/// How a task's scratch memory is divided, in floats.
struct Room {
    /// One pointer a tile.
    pointers: usize,
    /// Transformed inputs of a point.
    inputs: usize,
    /// Products of a point.
    products: usize,
}

/// The outputs of a tile.
struct Tile {
    from: *const f32,
    pitch: usize,
    bias: *const f32,
    output: *mut f32,
    /// Elements from pixel to pixel of the output.
    pixel: usize,
    /// Pixels from row to row.
    width: usize,
    /// What is added to the first output, if anything.
    added: Option<Added>,
    /// Rows and columns inside the map.
    rows: usize,
    columns: usize,
    /// Limits of the outputs.
    bounds: Bounds,
}

impl Tile {
    /// Makes the `n` channels from `c`.
    ///
    /// # Safety
    /// They are there.
    #[inline(always)]
    unsafe fn outputs<L, T, const IN: usize, const OUT: usize>(&self, c: usize, n: usize)
    where
        L: Lanes,
        T: Transform<IN, OUT>,
    {
        // SAFETY: the caller vouches for the channels; rows and columns are inside the map.
        unsafe {
            let bias = L::load_up_to(self.bias.add(c), n);
            let mut columns = [[L::splat(0.0); OUT]; IN];
            for x in 0..IN {
                let at = self.from.add(x * self.pitch + c);
                columns[x] = T::outputs(std::array::from_fn(|y| {
                    L::load_up_to(at.add(y * IN * self.pitch), n)
                }));
            }
            for y in 0..OUT {
                let row = T::outputs(std::array::from_fn(|x| columns[x][y]));
                for x in 0..OUT {
                    if y < self.rows && x < self.columns {
                        let pixel = y * self.width + x;
                        let mut sum = row[x].add(bias);
                        if let Some(added) = self.added {
                            sum = sum.add(L::load_up_to(added.further(c, pixel).map, n));
                        }
                        let to = self.output.add(pixel * self.pixel + c);
                        self.bounds.clamp(sum).store_up_to(to, n);
                    }
                }
            }
        }
    }
}

impl<T: Transform<IN, OUT>, const IN: usize, const OUT: usize> Kernel for Winograd<T, IN, OUT> {
    fn tasks(&self) -> usize {
        self.grid.tasks()
    }

    fn scratch(&self) -> usize {
        let room = self.room();
        // One more, to start the pointers where a pointer may.
        let transforms = Self::POINTS * (room.inputs + room.products);
        1 + room.pointers + transforms + self.weights.scratch()
    }

    /// The products at all points, the transforms, along columns and then along rows, and the epilogue.
    fn executed_flops(&self) -> Option<u64> {
        let (inputs, outputs) = (self.input.shape.c, self.output.shape.c);
        let [of_weights, of_inputs, of_outputs] = T::FLOPS;
        let products = 2 * Self::POINTS * inputs * outputs;
        let to_points = inputs * of_inputs * (IN + IN);
        let to_outputs = outputs * of_outputs * (IN + OUT);
        let tiles = Self::tiles(self.output.shape) * (products + to_points + to_outputs);
        let times = if self.weights.are_made() { self.grid.inner.parts() } else { 0 };
        let weights = times * inputs * outputs * of_weights * (3 + IN);
        let epilogue = self.epilogue.flops() * self.output.shape.elements() as u64;
        Some((tiles + weights) as u64 + epilogue)
    }

    fn tolerance(&self) -> f64 {
        T::TOLERANCE
    }

    fn bytes(&self) -> usize {
        self.weights.bytes() + self.bias.len() * size_of::<f32>()
    }

    unsafe fn run(&self, io: &Io, task: usize, scratch: &mut [f32]) {
        let (tiles, panels) = self.grid.task(task);
        let (room, channels) = (self.room(), self.weights.channels(&panels));
        let skip = scratch.as_ptr().align_offset(align_of::<*const f32>());
        let (pointers, rest) = scratch[skip..].split_at_mut(room.pointers);
        let (inputs, rest) = rest.split_at_mut(Self::POINTS * room.inputs);
        let pointers: *mut *const f32 = pointers.as_mut_ptr().cast();
        let (products, rest) = rest.split_at_mut(Self::POINTS * room.products);
        let (inputs, products) = (inputs.as_mut_ptr(), products.as_mut_ptr());
        for i in 0..tiles.len() {
            // SAFETY: there is room for a pointer a tile.
            unsafe { *pointers.add(i) = inputs.wrapping_add(i * self.input.shape.c) };
        }
        let part = Part { of: self, io, tiles, channels, room };
        self.isa.run(Inputs { part: &part, to: inputs });
        let rows = ProductRows {
            count: part.tiles.len(),
            pointers,
            matrix_inputs: part.room.inputs,
            output: products.wrapping_sub(part.channels.start),
            matrix_outputs: part.room.products,
            stride: part.channels.len(),
            added: None,
            bounds: None,
        };
        // SAFETY: the tiles' inputs were made, and there is room for the panels' channels.
        unsafe { self.weights.run(panels, rows, rest) };
        self.isa.run(Outputs { part: &part, from: products });
    }
}

/// A task of [`Kernel::run`], whose contract its maker keeps.
struct Part<'a, T, const IN: usize, const OUT: usize> {
    of: &'a Winograd<T, IN, OUT>,
    io: &'a Io<'a>,
    tiles: Range<usize>,
    /// Output channels.
    channels: Range<usize>,
    room: Room,
}

/// The transformation of a task's inputs.
struct Inputs<'a, T, const IN: usize, const OUT: usize> {
    part: &'a Part<'a, T, IN, OUT>,
    to: *mut f32,
}

impl<T: Transform<IN, OUT>, const IN: usize, const OUT: usize> Vectorised
    for Inputs<'_, T, IN, OUT>
{
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Part { of, io, tiles, room, .. } = self.part;
        for (i, tile) in tiles.clone().enumerate() {
            let to = self.to.wrapping_add(i * of.input.shape.c);
            // SAFETY: `Kernel::run` vouches for `io`; the room has as many tiles as the largest
            // task.
            unsafe { of.transform_inputs::<L>(io.inputs[0], tile, to, room.inputs) };
        }
    }
}

/// The transformation of a task's products into outputs.
struct Outputs<'a, T, const IN: usize, const OUT: usize> {
    part: &'a Part<'a, T, IN, OUT>,
    from: *const f32,
}

impl<T: Transform<IN, OUT>, const IN: usize, const OUT: usize> Vectorised
    for Outputs<'_, T, IN, OUT>
{
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Part { of, io, tiles, channels, room } = self.part;
        for (i, tile) in tiles.clone().enumerate() {
            let from = self.from.wrapping_add(i * channels.len());
            // SAFETY: as for the inputs; the products were made.
            unsafe {
                of.transform_outputs::<L>(from, room.products, io, tile, channels.clone());
            }
        }
    }
}
