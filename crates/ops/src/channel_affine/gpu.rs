//! A value a channel multiplied and added on a GPU: both computed when they are packed.

use super::definition::ChannelAffine;
use crate::gpu::{Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, quads};

pub(super) const KERNELS: &[GpuKernel<ChannelAffine>] = &[GpuKernel {
    name: "channel_affine",
    suits: |_, _| Suits::Well,
    plan: |_, site| plan(site, false),
    pack: |op, site, weights| packed((0..site.output.c).map(|c| op.at(weights, c)), site),
}];

/// What to dispatch for a·x + b or, where a and b are `slopes`, for a·max(x, 0) + b·min(x, 0).
pub(crate) fn plan(site: &Site<'_>, slopes: bool) -> KernelPlan {
    let quads = quads(site.output.c);
    let constants = constants! { QUADS: quads, SLOPES: slopes };
    let parts = [include_str!("by_channel.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(0)];
    let dispatch = Dispatch::element_wise(site, &parts, constants, &bindings);
    KernelPlan { weights: vec![2 * quads], dispatches: vec![dispatch] }
}

/// All a, then all b of pairs (a, b), one a channel; each padded to quads.
pub(crate) fn packed(
    scale_and_shift: impl Iterator<Item = (f64, f64)>,
    site: &Site<'_>,
) -> Vec<Vec<f32>> {
    let padded = 4 * quads(site.output.c);
    let mut packed = vec![0.0; 2 * padded];
    for (c, (scale, shift)) in scale_and_shift.enumerate() {
        packed[c] = scale as f32;
        packed[padded + c] = shift as f32;
    }
    vec![packed]
}
