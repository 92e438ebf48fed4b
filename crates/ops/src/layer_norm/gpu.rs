//! Layer norm on a GPU: a team of lanes a pixel.

use super::definition::LayerNorm;
use crate::{
    channel_affine::packed,
    gpu::{
        Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, REDUCING_LANES, Site, Suits,
        constants, quads,
    },
};

pub(super) const KERNELS: &[GpuKernel<LayerNorm>] = &[GpuKernel {
    name: "layer_norm",
    suits,
    plan,
    pack: |op, site, weights| packed((0..site.output.c).map(|c| op.affine.at(weights, c)), site),
}];

fn suits(_: &LayerNorm, site: &Site<'_>) -> Suits {
    // Three walks over the channels, a quad a lane at a time.
    let walks = 3 * quads(site.output.c).div_ceil(team(site));
    if walks > MOST_ITERATIONS { Suits::No } else { Suits::Well }
}

/// Quads that a lane has of a pixel: in teams of more lanes, meeting takes longer than walking.
const EACH: usize = 3;

/// Lanes of a pixel's team.
fn team(site: &Site<'_>) -> usize {
    let most = (quads(site.output.c) / EACH).clamp(1, REDUCING_LANES);
    1 << most.ilog2()
}

fn plan(op: &LayerNorm, site: &Site<'_>) -> KernelPlan {
    let x = site.output;
    let quads = quads(x.c);
    let constants =
        constants! { PIXELS: x.pixels(), QUADS: quads, CHANNELS: x.c, EPSILON: op.epsilon };
    let parts = [include_str!("layer_norm.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(0)];
    let teams = (x.pixels(), team(site));
    let dispatch = Dispatch::of_reducing_teams(site, &parts, constants, &bindings, teams);
    KernelPlan { weights: vec![2 * quads], dispatches: vec![dispatch] }
}
