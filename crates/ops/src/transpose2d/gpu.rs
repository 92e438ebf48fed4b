//! Rows and columns exchanged on a GPU: a quad an invocation.

use super::definition::Transpose2d;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing, quads,
};

pub(super) const KERNELS: &[GpuKernel<Transpose2d>] =
    &[GpuKernel { name: "copy", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(_: &Transpose2d, site: &Site<'_>) -> KernelPlan {
    let y = site.output;
    let constants = constants! { QUADS: quads(y.c), OUTPUT_H: y.h, OUTPUT_W: y.w };
    let bindings = [Binding::Input(0), Binding::Output];
    KernelPlan::one(Dispatch::element_wise(
        site,
        &[include_str!("transpose.wgsl")],
        constants,
        &bindings,
    ))
}
