//! Concat on a GPU: one copy an input that does not lie in the output already, in order; two inputs in one.

use super::Concat;
use crate::gpu::{ChannelCopy, Dispatch, GpuKernel, KernelPlan, Site, Suits, nothing};

pub(super) const KERNELS: &[GpuKernel<Concat>] =
    &[GpuKernel { name: "concat", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(_: &Concat, site: &Site<'_>) -> KernelPlan {
    let dispatches = match site.inputs {
        [_, _] if !(0..2).any(|i| site.is_in_place(i)) => vec![copy(site, 1, true)],
        inputs => {
            let apart = (0..inputs.len()).filter(|&i| !site.is_in_place(i));
            apart.map(|i| copy(site, i, false)).collect()
        }
    };
    KernelPlan { weights: Vec::new(), dispatches }
}

fn copy(site: &Site<'_>, input: usize, both: bool) -> Dispatch {
    let to = site.inputs[..input].iter().map(|s| s.c).sum();
    let len = site.inputs[input].c;
    ChannelCopy { input, from: 0, to, len, both }.dispatch(site, to + len)
}
