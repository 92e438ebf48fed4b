//! The convolution of real GPUs: a workgroup stages a tile of both operands in workgroup memory.

use super::{
    super::Conv2d,
    tile::{Walk, bias},
};
use crate::{
    Tensor,
    gpu::{Binding, Dispatch, GpuKernel, Plan, Site, Suits, constants, quads},
};

/// Output pixels and output quads of a workgroup's tile (`PIXELS_TILE`, `QUADS_TILE`).
const TILE: (usize, usize) = (64, 16);

pub(super) const KERNEL: GpuKernel<Conv2d> = GpuKernel { name: "staged", suits, plan, pack };

fn suits(conv: &Conv2d, site: &Site<'_>) -> Suits {
    let walk = Walk::new(conv, site, TILE.1);
    // Nine loop iterations a step of four; rasterisers allow an invocation 65,535.
    if conv.groups > 1 || walk.depth() > 25_000 {
        return Suits::No;
    }
    let large = site.output.pixels() >= 32 && quads(conv.out) >= 8 && walk.depth() >= 4;
    Suits::well_if(large && !site.traits.software)
}

fn plan(conv: &Conv2d, site: &Site<'_>) -> Plan {
    let walk = Walk::new(conv, site, TILE.1);
    let (x, y) = (site.inputs[0], site.output);
    let row_tiles = y.pixels().div_ceil(TILE.0);
    let mut plan = Plan { weights: vec![], dispatches: vec![] };
    let pieces: Vec<_> = walk.pieces(site).collect();
    for (i, tiles) in pieces.iter().enumerate() {
        let constants = constants! {
            ROW_TILES: row_tiles,
            FIRST_TILE: tiles.start,
            TILES: tiles.len(),
            SPAN: walk.span,
            INPUT_QUADS: quads(x.c),
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
            PADDING_H: conv.padding.0,
            PADDING_W: conv.padding.1,
            DILATION_H: conv.dilation.0,
            DILATION_W: conv.dilation.1,
        };
        let parts = [include_str!("../../gpu/matrix.wgsl"), include_str!("staged.wgsl")];
        let bindings =
            [Binding::Input(0), Binding::Output, Binding::Weight(i), Binding::Weight(pieces.len())];
        let groups = row_tiles * tiles.len();
        plan.weights.push(tiles.len() * TILE.1 * walk.depth() * 4);
        plan.dispatches.push(Dispatch::of_groups(site, &parts, constants, &bindings, groups));
    }
    plan.weights.push(walk.tiles * TILE.1);
    plan
}

fn pack(conv: &Conv2d, site: &Site<'_>, weights: &[Tensor]) -> Vec<Vec<f32>> {
    let walk = Walk::new(conv, site, TILE.1);
    let pieces = walk.pieces(site).map(|tiles| walk.pack(conv, &weights[0], tiles));
    pieces.chain([bias(weights, walk.tiles * TILE.1)]).collect()
}
