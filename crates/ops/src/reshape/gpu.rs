//! Other axes on a GPU: each output quad gathers its four elements.

use super::definition::Reshape;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing, quads,
};

pub(super) const KERNELS: &[GpuKernel<Reshape>] =
    &[GpuKernel { name: "gather", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(_: &Reshape, site: &Site<'_>) -> KernelPlan {
    let (x, y) = (site.inputs[0], site.output);
    let constants = constants! {
        INPUT_QUADS: quads(x.c),
        INPUT_H: x.h,
        INPUT_W: x.w,
        QUADS: quads(y.c),
        CHANNELS: y.c,
        OUTPUT_H: y.h,
        OUTPUT_W: y.w,
    };
    let parts = [include_str!("../gpu/channel.wgsl"), include_str!("reshape.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    KernelPlan::one(Dispatch::element_wise(site, &parts, constants, &bindings))
}
