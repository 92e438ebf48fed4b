//! Softmax on a GPU: a workgroup a pixel.

use super::Softmax;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants, nothing,
    quads,
};

pub(super) const KERNELS: &[GpuKernel<Softmax>] = &[GpuKernel {
    name: "softmax",
    suits: |_, site| suits(site),
    plan: |_, site| plan(site, false),
    pack: nothing,
}];

/// Whether three walks over the channels, 64 quads at a time, are few enough.
pub(crate) fn suits(site: &Site<'_>) -> Suits {
    if 3 * quads(site.output.c).div_ceil(64) > MOST_ITERATIONS { Suits::No } else { Suits::Well }
}

/// What to dispatch for a softmax or its logarithm.
pub(crate) fn plan(site: &Site<'_>, logarithm: bool) -> KernelPlan {
    let x = site.output;
    let constants = constants! {
        PIXELS: x.pixels(),
        QUADS: quads(x.c),
        CHANNELS: x.c,
        LOGARITHM: logarithm,
    };
    let parts = [include_str!("../gpu/reduce.wgsl"), include_str!("softmax.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    KernelPlan::one(Dispatch::of_groups(site, &parts, constants, &bindings, x.pixels()))
}
