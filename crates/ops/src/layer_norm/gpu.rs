//! Layer norm on a GPU: a workgroup a pixel.

use super::definition::LayerNorm;
use crate::{
    channel_affine::packed,
    gpu::{
        Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants, quads,
    },
};

pub(super) const KERNELS: &[GpuKernel<LayerNorm>] = &[GpuKernel {
    name: "layer_norm",
    suits,
    plan,
    pack: |op, site, weights| packed((0..site.output.c).map(|c| op.affine.at(weights, c)), site),
}];

fn suits(_: &LayerNorm, site: &Site<'_>) -> Suits {
    // Three walks over the channels, 64 quads at a time.
    if 3 * quads(site.output.c).div_ceil(64) > MOST_ITERATIONS { Suits::No } else { Suits::Well }
}

fn plan(op: &LayerNorm, site: &Site<'_>) -> KernelPlan {
    let x = site.output;
    let quads = quads(x.c);
    let constants =
        constants! { PIXELS: x.pixels(), QUADS: quads, CHANNELS: x.c, EPSILON: op.epsilon };
    let parts = [include_str!("layer_norm.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(0)];
    let dispatch = Dispatch::of_reducing_groups(site, &parts, constants, &bindings, x.pixels());
    KernelPlan { weights: vec![2 * quads], dispatches: vec![dispatch] }
}
