//! Concat on a GPU: one copy an input, in order.

use super::Concat;
use crate::gpu::{ChannelCopy, GpuKernel, KernelPlan, Site, Suits, nothing};

pub(super) const KERNELS: &[GpuKernel<Concat>] =
    &[GpuKernel { name: "concat", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(_: &Concat, site: &Site<'_>) -> KernelPlan {
    let mut to = 0;
    let dispatches = site.inputs.iter().enumerate().map(|(input, shape)| {
        let copy = ChannelCopy { input, from: 0, to, len: shape.c };
        to += shape.c;
        copy.dispatch(site, to)
    });
    KernelPlan { weights: Vec::new(), dispatches: dispatches.collect() }
}
