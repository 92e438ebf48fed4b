//! Local response normalisation on a GPU: a quad an invocation, one pass over its window.

use super::LocalResponseNorm;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants, nothing,
    quads, vectors,
};

pub(super) const KERNELS: &[GpuKernel<LocalResponseNorm>] = &[GpuKernel {
    name: "local_response_norm",
    suits: |op, site| {
        if op.size.min(site.output.c) < MOST_ITERATIONS { Suits::Well } else { Suits::No }
    },
    plan,
    pack: nothing,
}];

fn plan(op: &LocalResponseNorm, site: &Site<'_>) -> KernelPlan {
    let x = site.output;
    let constants = constants! {
        QUADS: quads(x.c),
        CHANNELS: x.c,
        BEFORE: op.size / 2,
        AFTER: op.size.div_ceil(2) - 1,
        SCALE: op.alpha / op.size as f32,
        BETA: op.beta,
        K: op.k,
    };
    let parts = [include_str!("../gpu/channel.wgsl"), include_str!("local_response_norm.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    KernelPlan::one(Dispatch::of_items(site, &parts, constants, &bindings, vectors(x)))
}
