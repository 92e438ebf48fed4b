//! Flatten on a GPU: each quad of features gathers its four elements.

use super::Flatten;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing, quads, vectors,
};

pub(super) const KERNELS: &[GpuKernel<Flatten>] =
    &[GpuKernel { name: "flatten", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(_: &Flatten, site: &Site<'_>) -> KernelPlan {
    let constants = constants! {
        QUADS: quads(site.output.c),
        FEATURES: site.output.c,
        AREA: site.inputs[0].area(),
        PITCH: quads(site.inputs[0].c) * 4,
    };
    let parts = [include_str!("../gpu/channel.wgsl"), include_str!("flatten.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    KernelPlan::one(Dispatch::of_items(site, &parts, constants, &bindings, vectors(site.output)))
}
