//! The convolution of real GPUs: a workgroup stages a tile of both operands in workgroup memory.

use super::{
    super::Conv2d,
    tile::{CONV_GEOMETRY, ConvGeometry, bias},
};
use crate::{
    Tensor,
    gpu::{Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, quads},
};

/// Output pixels and output quads of a workgroup's tile (`PIXELS_TILE`, `QUADS_TILE`).
const TILE: (usize, usize) = (64, 16);

pub(super) const KERNEL: GpuKernel<Conv2d> = GpuKernel { name: "staged", suits, plan, pack };

fn suits(conv: &Conv2d, site: &Site<'_>) -> Suits {
    let walk = ConvGeometry::new(conv, site, TILE.1);
    // Nine loop iterations a step of four; rasterisers allow an invocation 65,535.
    if conv.groups > 1 || walk.depth() > 25_000 {
        return Suits::No;
    }
    let large = site.output.pixels() >= 32 && quads(conv.out) >= 8 && walk.depth() >= 4;
    Suits::well_if(large && !site.traits.software)
}

fn plan(conv: &Conv2d, site: &Site<'_>) -> KernelPlan {
    let walk = ConvGeometry::new(conv, site, TILE.1);
    let row_tiles = site.output.pixels().div_ceil(TILE.0);
    let mut plan = KernelPlan { weights: vec![], dispatches: vec![] };
    let pieces: Vec<_> = walk.pieces(site).collect();
    for (i, tiles) in pieces.iter().enumerate() {
        let mut constants = walk.constants(conv, site, row_tiles, tiles.start);
        constants.extend(constants! { TILES: tiles.len() });
        let parts =
            [include_str!("../../gpu/matrix.wgsl"), CONV_GEOMETRY, include_str!("staged.wgsl")];
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
    let walk = ConvGeometry::new(conv, site, TILE.1);
    let pieces = walk.pieces(site).map(|tiles| walk.pack(conv, &weights[0], tiles));
    pieces.chain([bias(weights, walk.tiles * TILE.1)]).collect()
}
