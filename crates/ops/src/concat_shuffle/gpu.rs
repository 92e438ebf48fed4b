//! Concatenation and shuffle on a GPU: each output quad gathers its four channels.

use super::ConcatShuffle;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing, quads, vectors,
};

pub(super) const KERNELS: &[GpuKernel<ConcatShuffle>] =
    &[GpuKernel { name: "gather", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &ConcatShuffle, site: &Site<'_>) -> KernelPlan {
    let (x, y) = (site.inputs[0], site.output);
    let constants = constants! {
        QUADS: quads(y.c), HALF: x.c, HALF_QUADS: quads(x.c), GROUPS: op.groups,
    };
    let bindings = [Binding::Input(0), Binding::Output, Binding::Input(1)];
    let parts = [include_str!("gather_both.wgsl")];
    KernelPlan::one(Dispatch::of_items(site, &parts, constants, &bindings, vectors(y)))
}
