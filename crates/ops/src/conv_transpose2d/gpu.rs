//! Transposed convolutions on a GPU: each invocation gathers four output pixels a stride apart.

use super::definition::ConvTranspose2d;
use crate::{
    Tensor,
    conv2d::tile::{CONV_GEOMETRY, ConvGeometry, bias},
    gpu::{Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants},
};

pub(super) const KERNELS: &[GpuKernel<ConvTranspose2d>] =
    &[GpuKernel { name: "gather", suits, plan, pack }];

/// Output pixels of an invocation.
const PIXELS: usize = 4;

fn geometry(op: &ConvTranspose2d, site: &Site<'_>) -> ConvGeometry {
    ConvGeometry::new(&op.conv(), site, 1)
}

fn suits(op: &ConvTranspose2d, site: &Site<'_>) -> Suits {
    let taps = op.kernel.0 * op.kernel.1;
    if geometry(op, site).depth() + taps > MOST_ITERATIONS { Suits::No } else { Suits::Well }
}

/// One dispatch for each piece of the weights that a binding can hold.
fn plan(op: &ConvTranspose2d, site: &Site<'_>) -> KernelPlan {
    let walk = geometry(op, site);
    let y = site.output;
    let across = op.stride.1 * y.w.div_ceil(op.stride.1).div_ceil(PIXELS);
    let blocks = y.n * y.h * across;
    let pieces: Vec<_> = walk.pieces(site).collect();
    let dispatch = |(weight, tiles): (usize, &std::ops::Range<usize>)| {
        let mut constants = walk.constants(&op.conv(), site, blocks, tiles.start);
        constants.extend(constants! {
            ACROSS: across,
            GROUPS: op.groups,
            GROUP_INPUTS: site.inputs[0].c / op.groups,
            GROUP_OUTPUTS: op.out / op.groups,
        });
        let bindings = [
            Binding::Input(0),
            Binding::Output,
            Binding::Weight(weight),
            Binding::Weight(pieces.len()),
        ];
        let parts =
            [include_str!("../gpu/matrix.wgsl"), CONV_GEOMETRY, include_str!("gather.wgsl")];
        Dispatch::of_items(site, &parts, constants, &bindings, blocks * tiles.len())
    };
    let dispatches = pieces.iter().enumerate().map(dispatch).collect();
    let weights = pieces.iter().map(|tiles| tiles.len() * walk.depth() * 4);
    KernelPlan { weights: weights.chain([walk.tiles]).collect(), dispatches }
}

/// The pieces of the weights, then the bias.
fn pack(op: &ConvTranspose2d, site: &Site<'_>, weights: &[Tensor]) -> Vec<Vec<f32>> {
    let walk = geometry(op, site);
    let pieces = walk.pieces(site).map(|tiles| walk.pack(&op.conv(), &weights[0], tiles));
    pieces.chain([bias(weights, walk.tiles)]).collect()
}
