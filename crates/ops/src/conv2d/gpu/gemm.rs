//! Convolutions as implicit products of matrices on real GPUs: a workgroup stages slices of both
//! operands in workgroup memory. A variant is a row of numbers.

use super::{
    super::Conv2d,
    pair::Pair,
    tile::{CONV_GEOMETRY, bias, conv_bytes, conv_constants},
};
use crate::{
    Sides, Tensor,
    gpu::{
        ABOUT_AS_FAST, Binding, Dispatch, GpuKernel, Hardware, KernelPlan, Load, Scratch, Site,
        Suits, constants, quads,
    },
};
use std::ops::Range;

/// The sizes of a variant.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// Output pixels of a workgroup.
    rows: usize,
    /// Output quads of a workgroup.
    columns: usize,
    /// Input quads of a slice.
    slice: usize,
    /// Output pixels of a lane.
    own_rows: usize,
    /// Output quads of a lane.
    own_columns: usize,
    /// Teams that share each slice.
    teams: usize,
}

/// The variants, by name. A lane fetches at least a quad of either operand a slice; lanes go down, and
/// fetch, in steps of a multiple of eight pixels. A lane's part of a slice is no more than 512
/// multiply-adds, which compilers unroll, so that loads of the next slice stand before them. No more
/// workgroup memory than every WebGPU adapter has.
const VARIANTS: [(&str, Sizes); 5] = [
    ("gemm_128x64", sizes((128, 16), 4, (4, 2), 1)),
    ("gemm_64x64", sizes((64, 16), 8, (4, 2), 2)),
    ("gemm_32x32", sizes((32, 8), 8, (4, 1), 1)),
    ("gemm_32x32_by_2", sizes((32, 8), 8, (4, 1), 2)),
    ("gemm_32x32_by_4", sizes((32, 8), 8, (4, 1), 4)),
];

/// Into how many parts a walk may be cut.
const SPLITS: [usize; 6] = [1, 2, 4, 8, 16, 32];

/// How many of them are loaded before the first is added.
const PARTS_AT_ONCE: usize = 16;

const fn sizes(
    (rows, columns): (usize, usize),
    slice: usize,
    (own_rows, own_columns): (usize, usize),
    teams: usize,
) -> Sizes {
    Sizes { rows, columns, slice, own_rows, own_columns, teams }
}

impl Sizes {
    const fn lanes(&self) -> usize {
        self.rows / self.own_rows * (self.columns / self.own_columns) * self.teams
    }

    /// Pixels of a slice that a lane fetches.
    const fn pixels(&self) -> usize {
        self.rows * self.slice / self.lanes()
    }

    /// Quads of workgroup memory: a slice of both operands, later the sums of half of the teams.
    fn room(&self) -> usize {
        let slices = self.slice * (self.rows + 4 * self.columns);
        slices.max(self.teams / 2 * self.rows * self.columns)
    }

    /// What the shader is compiled with.
    fn shader(&self, splits: usize) -> [(&'static str, usize); 8] {
        [
            ("ROWS", self.rows),
            ("COLUMNS", self.columns),
            ("SLICE", self.slice),
            ("OWN_ROWS", self.own_rows),
            ("OWN_COLUMNS", self.own_columns),
            ("TEAMS", self.teams),
            ("ROOM", self.room()),
            ("SPLITS", splits),
        ]
    }
}

/// A variant: its place in [`VARIANTS`].
pub(crate) struct Gemm<const V: usize>;

impl<const V: usize> Gemm<V> {
    const SIZES: Sizes = VARIANTS[V].1;
    /// The row of the table.
    pub const KERNEL: GpuKernel<Conv2d> = GpuKernel {
        name: VARIANTS[V].0,
        suits: |conv, site| Product::new(conv, site, Self::SIZES).suits(),
        plan: |conv, site| Product::new(conv, site, Self::SIZES).plan(),
        pack: |conv, site, weights| Product::new(conv, site, Self::SIZES).pack(weights),
    };
    /// The row of the table of pairs.
    pub const OF_PAIR: GpuKernel<Pair> = GpuKernel {
        name: VARIANTS[V].0,
        suits: |pair, site| Product::of_pair(pair, site, Self::SIZES).suits(),
        plan: |pair, site| Product::of_pair(pair, site, Self::SIZES).plan(),
        pack: |pair, site, weights| {
            let (second, first) = pair.split(weights);
            let mut packed = Product::of_pair(pair, site, Self::SIZES).pack(second);
            packed.push(pair.pack(first));
            packed
        },
    };
}

/// Iterations of the inner loop and slices that rasterisers, which end an invocation after 65,535, can do.
const MOST_SLICES: usize = 10_000;

/// A node as products of matrices, one a group.
struct Product<'a> {
    conv: &'a Conv2d,
    /// Where it computes what it would read.
    pair: Option<&'a Pair>,
    site: &'a Site<'a>,
    sizes: Sizes,
    /// Input quads of a group.
    span: usize,
    /// Output quads of a group.
    outputs: usize,
    /// Tiles that cover them.
    group_tiles: usize,
    /// Slices of the walk.
    slices: usize,
}

impl<'a> Product<'a> {
    fn new(conv: &'a Conv2d, site: &'a Site<'a>, sizes: Sizes) -> Self {
        let span = quads(site.inputs[0].c / conv.groups);
        let outputs = quads(conv.out / conv.groups);
        let group_tiles = outputs.div_ceil(sizes.columns);
        let slices = (conv.taps() * span).div_ceil(sizes.slice);
        Self { conv, pair: None, site, sizes, span, outputs, group_tiles, slices }
    }

    fn of_pair(pair: &'a Pair, site: &'a Site<'a>, sizes: Sizes) -> Self {
        Self { pair: Some(pair), ..Self::new(&pair.pointwise, site, sizes) }
    }

    /// Groups must begin with whole quads.
    fn suits(&self) -> Suits {
        let whole = |channels: usize| (channels / self.conv.groups).is_multiple_of(4);
        let aligned = whole(self.site.inputs[0].c) && whole(self.conv.out);
        if (self.conv.groups > 1 && !aligned) || self.slices > MOST_SLICES {
            return Suits::No;
        }
        let Sizes { rows, columns, .. } = self.sizes;
        let full = self.outputs * 2 > columns && self.site.output.pixels() * 4 >= rows;
        let holds = |gpu: Hardware| {
            self.registers() <= gpu.registers_held as usize
                && self.fetches() <= gpu.quads_at_once as usize
        };
        let held = self.pair.is_none() || self.site.traits.hardware.is_none_or(holds);
        Suits::well_if(full && held && !self.site.traits.software)
    }

    /// Quads that a lane fetches of a slice.
    fn loads(&self) -> usize {
        self.fetches() + 4 * self.sizes.columns * self.sizes.slice / self.sizes.lanes()
    }

    /// Registers of operands and sums.
    fn registers(&self) -> usize {
        let Sizes { own_rows, own_columns, .. } = self.sizes;
        4 * (own_rows * own_columns + self.loads() + own_rows + own_columns)
    }

    /// Quads that a lane fetches of a slice of the pixels.
    fn fetches(&self) -> usize {
        let pixels = self.sizes.pixels();
        self.pair.map_or(pixels, |pair| pair.fetches(pixels, self.site.input_layout(0)))
    }

    fn row_tiles(&self) -> usize {
        self.site.output.pixels().div_ceil(self.sizes.rows)
    }

    fn tiles(&self) -> usize {
        self.conv.groups * self.group_tiles
    }

    /// Quads of a tile's weights.
    fn tile_weights(&self) -> usize {
        self.slices * self.sizes.slice * 4 * self.sizes.columns
    }

    /// The tiles in runs whose weights a binding can hold.
    fn pieces(&self) -> impl Iterator<Item = Range<usize>> {
        let most = (self.site.traits.most_quads() / self.tile_weights()).max(1);
        let tiles = self.tiles();
        (0..tiles).step_by(most).map(move |start| start..(start + most).min(tiles))
    }

    /// Parts of the walk, each a workgroup's: the fewest that the model finds about as fast as any.
    fn splits(&self) -> usize {
        let gpu = self.site.traits.hardware.unwrap_or(Hardware::UNKNOWN);
        let legal = |splits: &usize| {
            let each = self.slices.div_ceil(*splits);
            (splits - 1) * each < self.slices && self.sums(*splits) <= self.site.traits.most_quads()
        };
        let ns = |splits: usize| {
            let groups = self.row_tiles() * self.tiles() * splits;
            let loads = [Some(self.load(groups, splits)), self.adding_up(splits)];
            let each = |load: Load| load.on(&gpu).map_or(f64::INFINITY, |figures| figures.ns);
            loads.into_iter().flatten().map(each).sum::<f64>()
        };
        let legal: Vec<(usize, f64)> =
            SPLITS.into_iter().filter(legal).map(|s| (s, ns(s))).collect();
        let least = legal.iter().map(|(_, ns)| *ns).fold(f64::INFINITY, f64::min);
        legal.iter().find(|(_, ns)| *ns <= ABOUT_AS_FAST * least).map_or(1, |(splits, _)| *splits)
    }

    /// Quads of the sums of all parts.
    fn sums(&self, splits: usize) -> usize {
        splits * self.site.output.pixels() * quads(self.site.output.c)
    }

    /// What a dispatch of so many workgroups asks of a GPU.
    fn load(&self, workgroups: usize, splits: usize) -> Load {
        let Sizes { slice, own_rows, own_columns, teams, .. } = self.sizes;
        let computed = self.pair.map_or(0, |pair| pair.depthwise.taps() * self.sizes.pixels());
        let own = slice / teams;
        Load {
            workgroups,
            lanes: self.sizes.lanes(),
            registers: self.registers(),
            shared_bytes: 16 * self.sizes.room(),
            rounds: self.slices.div_ceil(splits) + 1,
            loads: self.loads(),
            shared_loads: own * (own_rows + 4 * own_columns),
            mul_adds: own * own_rows * own_columns * 16 + 4 * computed,
            bytes: conv_bytes(self.conv, self.site) + 16 * self.pair.map_or(0, Pair::weights),
        }
    }

    /// What adding up the parts asks of a GPU; they come from its cache.
    fn adding_up(&self, splits: usize) -> Option<Load> {
        let load = Load {
            workgroups: self.sums(1).div_ceil(64),
            lanes: 64,
            registers: 4 * splits.min(PARTS_AT_ONCE),
            shared_bytes: 0,
            rounds: splits.div_ceil(PARTS_AT_ONCE),
            loads: splits.min(PARTS_AT_ONCE),
            shared_loads: 0,
            mul_adds: 0,
            bytes: 16 * self.sums(splits + 1),
        };
        (splits > 1).then_some(load)
    }

    /// One dispatch for each piece of the weights, and one that adds up the parts where there are several.
    fn plan(&self) -> KernelPlan {
        let splits = self.splits();
        let sums = Scratch { id: 0, quads: self.sums(splits) };
        let written = if splits > 1 { Binding::ScratchOut(sums) } else { Binding::Output };
        let pieces: Vec<_> = self.pieces().collect();
        let piece = |(i, tiles): (usize, &Range<usize>)| {
            let mut bindings =
                vec![Binding::Input(0), written, Binding::Weight(i), Binding::Weight(pieces.len())];
            bindings.extend(self.pair.map(|_| Binding::Weight(pieces.len() + 1)));
            self.dispatch(tiles, splits, &bindings)
        };
        let mut dispatches: Vec<Dispatch> = pieces.iter().enumerate().map(piece).collect();
        if splits > 1 {
            let bindings = [Binding::ScratchIn(sums), Binding::Output];
            let parts = [include_str!("add_parts.wgsl")];
            let constants = constants! { PARTS: splits };
            let items = self.sums(1);
            let adding = Dispatch::of_items(self.site, &parts, constants, &bindings, items)
                .sized(&[("EACH", splits.min(PARTS_AT_ONCE))]);
            dispatches.push(Dispatch { load: self.adding_up(splits), ..adding });
        }
        let weights = pieces.iter().map(|tiles| tiles.len() * self.tile_weights());
        let others = [quads(self.site.output.c)].into_iter().chain(self.pair.map(Pair::weights));
        KernelPlan { weights: weights.chain(others).collect(), dispatches }
    }

    fn dispatch(&self, tiles: &Range<usize>, splits: usize, bindings: &[Binding]) -> Dispatch {
        let rows = self.row_tiles();
        let reads = self.pair.map_or(self.conv, |pair| &pair.depthwise);
        let mut constants = conv_constants(reads, self.site, self.span, rows, tiles.start);
        constants.extend(constants! {
            TILES: tiles.len(),
            GROUP_TILES: self.group_tiles,
            GROUP_QUADS: self.outputs,
            PADDED: reads.padding != Sides::NONE,
            ALL_SLICES: self.slices,
            SLICES: self.slices.div_ceil(splits),
        });
        constants.extend(self.pair.map(Pair::constants).unwrap_or_default());
        let fetch = match self.pair {
            None => include_str!("fetch_map.wgsl"),
            Some(_) => include_str!("fetch_depthwise.wgsl"),
        };
        let parts = [CONV_GEOMETRY, include_str!("gemm.wgsl"), fetch];
        let groups = rows * tiles.len() * splits;
        let mut dispatch = Dispatch::of_groups(self.site, &parts, constants, bindings, groups)
            .sized(&self.sizes.shader(splits));
        dispatch.parts.extend(self.pair.map(|pair| pair.fetching().into()));
        Dispatch { load: Some(self.load(groups, splits)), ..dispatch }
    }

    /// The pieces of the weights, then the bias.
    fn pack(&self, weights: &[Tensor]) -> Vec<Vec<f32>> {
        let pieces = self.pieces().map(|tiles| {
            let mut packed = vec![0.0; tiles.len() * self.tile_weights() * 4];
            let blocks = packed.chunks_exact_mut(self.tile_weights() * 4);
            tiles.zip(blocks).for_each(|(tile, block)| self.pack_tile(&weights[0], tile, block));
            packed
        });
        pieces.chain([bias(weights, quads(self.site.output.c))]).collect()
    }

    /// The weights of a tile: for each quad of the walk and channel of it, what it adds to each output
    /// channel of the tile.
    fn pack_tile(&self, weight: &Tensor, tile: usize, block: &mut [f32]) {
        let (inputs, taps) = (weight.shape().c, self.conv.taps());
        let outputs = self.conv.out / self.conv.groups;
        let width = 4 * self.sizes.columns;
        let first = tile % self.group_tiles * width;
        for out in first..(first + width).min(outputs) {
            let whole = tile / self.group_tiles * outputs + out;
            for tap in 0..taps {
                let row = &weight.data()[(whole * taps + tap) * inputs..][..inputs];
                for (i, w) in row.iter().enumerate() {
                    block[(tap * self.span * 4 + i) * width + out - first] = *w;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::VARIANTS;

    /// 256 invocations and 16 KiB of workgroup memory; and what the shader takes for granted.
    #[test]
    fn every_variant_runs_on_every_webgpu_adapter() {
        for (name, sizes) in VARIANTS {
            let lanes = sizes.lanes();
            assert!(lanes <= 256 && sizes.room() * 16 <= 16 << 10, "{name}");
            for whole in [sizes.rows, 4 * sizes.columns] {
                assert!((whole * sizes.slice).is_multiple_of(lanes), "{name}");
            }
            assert!(sizes.slice.is_multiple_of(sizes.teams), "{name}");
            for step in [sizes.rows / sizes.own_rows, lanes / sizes.slice] {
                assert!(step.is_multiple_of(8), "{name}: {step}");
            }
        }
    }
}
