//! Channel pad on a GPU: one copy, and zeros after it.

use super::ChannelPad;
use crate::gpu::{ChannelCopy, GpuKernel, KernelPlan, Site, Suits, nothing};

pub(super) const KERNELS: &[GpuKernel<ChannelPad>] =
    &[GpuKernel { name: "channel_pad", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &ChannelPad, site: &Site<'_>) -> KernelPlan {
    let copy = ChannelCopy { input: 0, from: 0, to: 0, len: site.inputs[0].c, both: false };
    KernelPlan::one(copy.dispatch(site, op.out))
}
