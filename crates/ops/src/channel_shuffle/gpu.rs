//! Channel shuffle on a GPU: two interleaved groups quad by quad, any number element by element.

use super::ChannelShuffle;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing, quads, vectors,
};

pub(super) const KERNELS: &[GpuKernel<ChannelShuffle>] = &[
    GpuKernel {
        name: "interleave_2",
        suits: |op, _| if op.groups == 2 { Suits::Well } else { Suits::No },
        plan: interleave,
        pack: nothing,
    },
    GpuKernel { name: "gather", suits: |_, _| Suits::Well, plan: gather, pack: nothing },
];

const BINDINGS: [Binding; 2] = [Binding::Input(0), Binding::Output];

fn interleave(_: &ChannelShuffle, site: &Site<'_>) -> KernelPlan {
    let x = site.output;
    let half = quads(x.c / 2);
    let constants = constants! { QUADS: quads(x.c), HALF: half, SECOND: x.c / 2 };
    let parts = [include_str!("interleave_2.wgsl")];
    KernelPlan::one(Dispatch::of_items(site, &parts, constants, &BINDINGS, x.pixels() * half))
}

fn gather(op: &ChannelShuffle, site: &Site<'_>) -> KernelPlan {
    let x = site.output;
    let constants = constants! { QUADS: quads(x.c), CHANNELS: x.c, GROUPS: op.groups };
    let parts = [include_str!("../gpu/channel.wgsl"), include_str!("gather.wgsl")];
    KernelPlan::one(Dispatch::of_items(site, &parts, constants, &BINDINGS, vectors(x)))
}
