//! The register-tiled convolution: `ROWS` output pixels × `COLUMNS` output quads an invocation.
//!
//! Groups need no kernel of their own. The output quads of one tile belong to one or more groups;
//! the tile walks the input quads that any of these groups reads (its *span*), and packed weights
//! are zero where an output does not read a channel. With one group every span is all channels.

use super::super::Conv2d;
use crate::{
    Sides, Tensor,
    gpu::{
        Binding, Constants, Dispatch, GpuKernel, Hardware, KernelPlan, Load, MOST_ITERATIONS, Site,
        Suits, constants, quads,
    },
};
use std::ops::Range;

/// WGSL of what [`ConvGeometry::constants`] are.
pub(crate) const CONV_GEOMETRY: &str = include_str!("conv_geometry.wgsl");

/// Registers of operands and sums with which a GPU keeps enough invocations under way, and spills none.
pub(super) fn most_registers(gpu: &Hardware) -> usize {
    96.min(gpu.registers_each as usize)
}

/// A variant: the tile's size.
pub(crate) struct Tile<const ROWS: usize, const COLUMNS: usize>;

impl<const ROWS: usize, const COLUMNS: usize> Tile<ROWS, COLUMNS> {
    /// The row of the table.
    pub const fn kernel(name: &'static str) -> GpuKernel<Conv2d> {
        GpuKernel { name, suits: Self::suits, plan: Self::plan, pack: Self::pack }
    }

    /// Whether it can take the node, and whether it should.
    pub fn suits(conv: &Conv2d, site: &Site<'_>) -> Suits {
        let walk = ConvGeometry::new(conv, site, COLUMNS);
        // A loop over several columns may be left as it is where shaders check their loops.
        let iterations = if COLUMNS > 1 { 1 + COLUMNS } else { 1 };
        if walk.depth() * iterations + conv.taps() > MOST_ITERATIONS {
            return Suits::No;
        }
        let quads_out = quads(site.output.c);
        let pixels = site.output.pixels();
        // One tile of several groups walks channels that are not its own.
        let aligned = conv.groups == 1 || quads(conv.out / conv.groups).is_multiple_of(COLUMNS);
        let full = quads_out >= COLUMNS && pixels * 2 > ROWS;
        let size = if let Some(gpu) = site.traits.hardware {
            let fits = Self::registers(1) <= most_registers(&gpu);
            fits && ((ROWS, COLUMNS) != (1, 1) || pixels <= 2)
        } else {
            // The largest that registers hold; SwiftShader, four lanes wide, spills sooner.
            let columns = if site.traits.subgroup <= 4 { 2 } else { 4 };
            let narrow = quads_out < columns || conv.groups > 1;
            let fit = COLUMNS == columns || (narrow && COLUMNS < columns);
            let rows = match pixels {
                0..=2 => 1,
                3..=4 => 4,
                _ => 8,
            };
            ROWS == rows && (ROWS < 8 || fit)
        };
        Suits::well_if(aligned && full && size)
    }

    /// One dispatch for each piece of the weights that a binding can hold.
    pub fn plan(conv: &Conv2d, site: &Site<'_>) -> KernelPlan {
        let walk = ConvGeometry::new(conv, site, COLUMNS);
        let mut plan = KernelPlan { weights: vec![], dispatches: vec![] };
        for tiles in walk.pieces(site) {
            plan.weights.push(tiles.len() * COLUMNS * walk.depth() * 4);
            let weight = plan.weights.len() - 1;
            plan.dispatches.push(Self::dispatch(conv, site, &walk, tiles, weight));
        }
        let bias = plan.weights.len();
        plan.dispatches.iter_mut().for_each(|d| d.bindings.push(Binding::Weight(bias)));
        plan.weights.push(walk.tiles * COLUMNS);
        plan
    }

    fn dispatch(
        conv: &Conv2d,
        site: &Site<'_>,
        walk: &ConvGeometry,
        tiles: Range<usize>,
        weight: usize,
    ) -> Dispatch {
        let row_tiles = site.output.pixels().div_ceil(ROWS);
        let unroll = Self::unroll(walk.span, site);
        let mut constants = walk.constants(conv, site, row_tiles, tiles.start);
        constants.extend(constants! {
            EVEN: unroll == 1 || (conv.groups == 1 && walk.span.is_multiple_of(unroll)),
            GROUPS: conv.groups,
            GROUP_INPUTS: site.inputs[0].c / conv.groups,
            GROUP_OUTPUTS: conv.out / conv.groups,
            PADDED: conv.padding != Sides::NONE,
        });
        let parts =
            [include_str!("../../gpu/matrix.wgsl"), CONV_GEOMETRY, include_str!("tile.wgsl")];
        let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(weight)];
        let sizes = [("ROWS", ROWS), ("COLUMNS", COLUMNS), ("UNROLL", unroll)];
        let items = row_tiles * tiles.len();
        let dispatch = Dispatch::of_items(site, &parts, constants, &bindings, items).sized(&sizes);
        let load = Self::load(conv, site, unroll, items.div_ceil(64));
        Dispatch { load: Some(load), ..dispatch }
    }

    /// What a dispatch of so many workgroups asks of a GPU.
    fn load(conv: &Conv2d, site: &Site<'_>, unroll: usize, workgroups: usize) -> Load {
        let span = ConvGeometry::new(conv, site, COLUMNS).span;
        let rounds = conv.taps() * span.div_ceil(unroll);
        // In a single round sums take the place of operands. Pixels that all invocations share are no lane's own.
        let sums = if rounds > 1 { ROWS * COLUMNS } else { 0 };
        let shared = conv.groups == 1 && site.output.pixels() <= ROWS;
        let pixels = if shared { 0 } else { ROWS };
        Load {
            workgroups,
            lanes: 64,
            registers: 4 * (sums + unroll * (pixels + 4 * COLUMNS)),
            shared_bytes: 0,
            rounds,
            loads: unroll * (ROWS + 4 * COLUMNS),
            shared_loads: 0,
            mul_adds: unroll * ROWS * COLUMNS * 16,
            bytes: conv_bytes(conv, site),
        }
    }

    /// Registers of operands and sums.
    const fn registers(unroll: usize) -> usize {
        4 * (ROWS * COLUMNS + unroll * (ROWS + 4 * COLUMNS))
    }

    /// Input quads of a span whose loads stand before their first use: a real GPU waits once for all
    /// of them. As many as registers hold; a rasteriser's hold no more than the tile.
    fn unroll(span: usize, site: &Site<'_>) -> usize {
        let Some(gpu) = site.traits.hardware else { return 1 };
        let fits =
            |unroll: &usize| *unroll < 2 * span && Self::registers(*unroll) <= most_registers(&gpu);
        [4, 2].into_iter().find(fits).unwrap_or(1)
    }

    /// The pieces of the weights, then the bias padded to whole tiles.
    pub fn pack(conv: &Conv2d, site: &Site<'_>, weights: &[Tensor]) -> Vec<Vec<f32>> {
        let walk = ConvGeometry::new(conv, site, COLUMNS);
        let mut packed: Vec<Vec<f32>> =
            walk.pieces(site).map(|tiles| walk.pack(conv, &weights[0], tiles)).collect();
        packed.push(bias(weights, walk.tiles * COLUMNS));
        packed
    }
}

/// Bytes of a convolution's operands and result. Of a map of every second channel, those between are
/// fetched, too.
pub(super) fn conv_bytes(conv: &Conv2d, site: &Site<'_>) -> usize {
    let (x, y, step) = (site.inputs[0], site.output, site.input_layout(0).step);
    4 * (step * x.elements() + y.elements() + conv.out * x.c / conv.groups * conv.taps())
}

/// The bias padded to `quads` quads, zero where there is none.
pub(crate) fn bias(weights: &[Tensor], quads: usize) -> Vec<f32> {
    let mut bias = weights.get(1).map(|b| b.data().to_vec()).unwrap_or_default();
    bias.resize(quads * 4, 0.0);
    bias
}

/// The constants of [`CONV_GEOMETRY`] for column tiles from the `first` on, which read `span` input quads.
pub(super) fn conv_constants(
    conv: &Conv2d,
    site: &Site<'_>,
    span: usize,
    row_tiles: usize,
    first: usize,
) -> Constants {
    let (x, y) = (site.inputs[0], site.output);
    constants! {
        ROW_TILES: row_tiles,
        FIRST_TILE: first,
        SPAN: span,
        OUTPUT_QUADS: quads(y.c),
        INPUT_H: x.h,
        INPUT_W: x.w,
        OUTPUT_H: y.h,
        OUTPUT_W: y.w,
        PIXELS: y.pixels(),
        KERNEL_H: conv.kernel.0,
        KERNEL_W: conv.kernel.1,
        STRIDE_H: conv.stride.0,
        STRIDE_W: conv.stride.1,
        PADDING_H: conv.padding.first().0,
        PADDING_W: conv.padding.first().1,
        DILATION_H: conv.dilation.0,
        DILATION_W: conv.dilation.1,
    }
}

/// How tiles of `columns` output quads walk the input.
pub(crate) struct ConvGeometry {
    columns: usize,
    taps: usize,
    /// Tiles that cover the output channels.
    pub tiles: usize,
    /// Input quads that the longest walk visits at a tap.
    pub span: usize,
}

impl ConvGeometry {
    /// The walk of a node.
    pub fn new(conv: &Conv2d, site: &Site<'_>, columns: usize) -> Self {
        let tiles = quads(conv.out).div_ceil(columns);
        let span = (0..tiles).map(|t| span(conv, site.inputs[0].c, t, columns).len()).max();
        Self { columns, taps: conv.taps(), tiles, span: span.unwrap_or(0) }
    }

    /// Matrices of 4 × 4 weights that an output quad is made with.
    pub const fn depth(&self) -> usize {
        self.taps * self.span
    }

    /// The constants of [`CONV_GEOMETRY`] for column tiles from the `first` on.
    pub fn constants(
        &self,
        conv: &Conv2d,
        site: &Site<'_>,
        row_tiles: usize,
        first: usize,
    ) -> Constants {
        conv_constants(conv, site, self.span, row_tiles, first)
    }

    /// The tiles in runs whose weights a binding can hold.
    pub fn pieces(&self, site: &Site<'_>) -> impl Iterator<Item = Range<usize>> {
        let most = site.traits.most_quads() / (self.columns * self.depth() * 4).max(1);
        let (tiles, step) = (self.tiles, most.max(1));
        (0..tiles).step_by(step).map(move |start| start..(start + step).min(tiles))
    }

    /// The weights of some tiles: for each output quad, tap and input quad of the span, four input
    /// channels of four output channels each.
    pub fn pack(&self, conv: &Conv2d, weight: &Tensor, tiles: Range<usize>) -> Vec<f32> {
        let inputs = weight.shape().c;
        let outputs = conv.out / conv.groups;
        let mut packed = vec![0.0; tiles.len() * self.columns * self.depth() * 16];
        for (tile, block) in tiles.zip(packed.chunks_exact_mut(self.columns * self.depth() * 16)) {
            let first = span(conv, inputs * conv.groups, tile, self.columns).start * 4;
            let o = tile * self.columns * 4;
            for out in o..(o + self.columns * 4).min(conv.out) {
                let rows = &mut block[(out - o) / 4 * self.depth() * 16..];
                // The group's first channel as the span numbers them.
                let group = out / outputs * inputs - first;
                for tap in 0..self.taps {
                    let row = &weight.data()[(out * self.taps + tap) * inputs..][..inputs];
                    for (i, w) in row.iter().enumerate() {
                        rows[(tap * self.span * 4 + group + i) * 4 + out % 4] = *w;
                    }
                }
            }
        }
        packed
    }
}

/// The input quads, of `channels` channels, that the outputs of a tile read.
fn span(conv: &Conv2d, channels: usize, tile: usize, columns: usize) -> Range<usize> {
    let (inputs, outputs) = (channels / conv.groups, conv.out / conv.groups);
    let first = tile * columns * 4;
    let last = (first + columns * 4 - 1).min(conv.out - 1);
    (first / outputs * inputs / 4)..((last / outputs + 1) * inputs).div_ceil(4)
}
