//! Channels a step apart on a GPU: each output quad gathers its four.

use super::definition::ChannelSlice;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing, quads,
};

pub(super) const KERNELS: &[GpuKernel<ChannelSlice>] =
    &[GpuKernel { name: "gather", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &ChannelSlice, site: &Site<'_>) -> KernelPlan {
    let constants = constants! {
        INPUT_QUADS: quads(site.inputs[0].c),
        QUADS: quads(op.len),
        CHANNELS: op.len,
        START: op.start,
        STEP: op.step.unsigned_abs(),
        BACKWARDS: op.step < 0,
    };
    let parts = [include_str!("../gpu/channel.wgsl"), include_str!("slice.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    KernelPlan::one(Dispatch::element_wise(site, &parts, constants, &bindings))
}
