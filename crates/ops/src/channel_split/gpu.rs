//! Channel split on a GPU: one copy of a run of channels.

use super::ChannelSplit;
use crate::gpu::{ChannelCopy, GpuKernel, KernelPlan, Site, Suits, nothing};

pub(super) const KERNELS: &[GpuKernel<ChannelSplit>] =
    &[GpuKernel { name: "channel_split", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &ChannelSplit, site: &Site<'_>) -> KernelPlan {
    let copy = ChannelCopy { input: 0, from: op.start, to: 0, len: op.len, both: false };
    KernelPlan::one(copy.dispatch(site, op.len))
}
