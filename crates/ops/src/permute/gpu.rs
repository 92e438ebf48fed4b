//! Axes exchanged on a GPU: each output quad gathers its four elements.

use super::definition::{Axis, Permute};
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing, quads,
};

pub(super) const KERNELS: &[GpuKernel<Permute>] =
    &[GpuKernel { name: "gather", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &Permute, site: &Site<'_>) -> KernelPlan {
    let (x, y) = (site.inputs[0], site.output);
    let mut axes = op.result();
    axes.resize(Permute::MOST, Axis { len: 1, to: 1, from: 1 });
    let constants = constants! {
        INPUT_QUADS: quads(x.c),
        INPUT_AREA: x.area(),
        QUADS: quads(y.c),
        CHANNELS: y.c,
        AREA: y.area(),
        LEN_0: axes[0].len, TO_0: axes[0].to, FROM_0: axes[0].from,
        LEN_1: axes[1].len, TO_1: axes[1].to, FROM_1: axes[1].from,
        LEN_2: axes[2].len, TO_2: axes[2].to, FROM_2: axes[2].from,
        LEN_3: axes[3].len, TO_3: axes[3].to, FROM_3: axes[3].from,
        LEN_4: axes[4].len, TO_4: axes[4].to, FROM_4: axes[4].from,
        LEN_5: axes[5].len, TO_5: axes[5].to, FROM_5: axes[5].from,
    };
    let parts = [include_str!("../gpu/channel.wgsl"), include_str!("permute.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    KernelPlan::one(Dispatch::element_wise(site, &parts, constants, &bindings))
}
