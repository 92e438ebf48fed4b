//! Channel pool on a GPU: a pixel an invocation.

use super::ChannelPool;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants, nothing,
    quads,
};

pub(super) const KERNELS: &[GpuKernel<ChannelPool>] = &[GpuKernel {
    name: "channel_pool",
    suits: |_, site| {
        if quads(site.inputs[0].c) < MOST_ITERATIONS { Suits::Well } else { Suits::No }
    },
    plan,
    pack: nothing,
}];

fn plan(op: &ChannelPool, site: &Site<'_>) -> KernelPlan {
    let x = site.inputs[0];
    let constants = constants! {
        QUADS: quads(x.c),
        CHANNELS: x.c,
        REDUCTION: *op as usize,
    };
    let parts = [include_str!("channel_pool.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    KernelPlan::one(Dispatch::of_items(site, &parts, constants, &bindings, x.pixels()))
}
