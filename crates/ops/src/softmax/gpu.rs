//! Softmax on a GPU: a workgroup a pixel, or a quad of channels of a run of pixels.

use super::definition::{Along, Softmax};
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants, nothing,
    quads,
};

pub(super) const KERNELS: &[GpuKernel<Softmax>] = &[GpuKernel {
    name: "softmax",
    suits: |op, site| suits(op.0, site),
    plan: |op, site| plan(op.0, site, false),
    pack: nothing,
}];

/// Whether three walks over the elements of a sum, 64 at a time, are few enough.
pub(crate) fn suits(along: Along, site: &Site<'_>) -> Suits {
    let len = match along {
        Along::Channels => quads(site.output.c),
        other => other.runs(site.output).len,
    };
    if 3 * len.div_ceil(64) > MOST_ITERATIONS { Suits::No } else { Suits::Well }
}

/// What to dispatch for a softmax or its logarithm.
pub(crate) fn plan(along: Along, site: &Site<'_>, logarithm: bool) -> KernelPlan {
    let x = site.output;
    let bindings = [Binding::Input(0), Binding::Output];
    if along == Along::Channels {
        let constants = constants! {
            PIXELS: x.pixels(),
            QUADS: quads(x.c),
            CHANNELS: x.c,
            LOGARITHM: logarithm,
        };
        let parts = [include_str!("softmax.wgsl")];
        return KernelPlan::one(Dispatch::of_reducing_groups(
            site,
            &parts,
            constants,
            &bindings,
            x.pixels(),
        ));
    }
    let runs = along.runs(x);
    let groups = runs.count * quads(x.c);
    let constants = constants! {
        COUNT: groups,
        QUADS: quads(x.c),
        LEN: runs.len,
        STEP: runs.step,
        BESIDE: runs.beside,
        APART: runs.apart,
        LOGARITHM: logarithm,
    };
    let parts = [include_str!("along_pixels.wgsl")];
    KernelPlan::one(Dispatch::of_reducing_groups(site, &parts, constants, &bindings, groups))
}
