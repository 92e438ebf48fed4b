//! The unary functions on a GPU: one shader, the function an `override` constant.

use super::{FUNCTIONS, Unary, choice};
use crate::gpu::{Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, nothing};

pub(super) const KERNELS: &[GpuKernel<Unary>] =
    &[GpuKernel { name: "unary", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &Unary, site: &Site<'_>) -> KernelPlan {
    let parts = [FUNCTIONS, include_str!("unary.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    KernelPlan::one(Dispatch::element_wise(site, &parts, choice(op.0), &bindings))
}
