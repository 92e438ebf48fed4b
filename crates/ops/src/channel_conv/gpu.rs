//! A convolution along channels on a GPU: the taps gathered one by one.

use super::definition::ChannelConv;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants, quads,
};

pub(super) const KERNELS: &[GpuKernel<ChannelConv>] = &[GpuKernel {
    name: "channel_conv",
    suits: |op, _| if 16 * op.kernel > MOST_ITERATIONS { Suits::No } else { Suits::Well },
    plan,
    pack: |op, _, weights| {
        let mut taps = weights[0].data().to_vec();
        taps.resize(4 * quads(op.kernel), 0.0);
        vec![taps]
    },
}];

fn plan(op: &ChannelConv, site: &Site<'_>) -> KernelPlan {
    let c = site.output.c;
    let constants = constants! { QUADS: quads(c), CHANNELS: c, TAPS: op.kernel };
    let parts = [include_str!("channel_conv.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(0)];
    let dispatch = Dispatch::element_wise(site, &parts, constants, &bindings);
    KernelPlan { weights: vec![quads(op.kernel)], dispatches: vec![dispatch] }
}
