//! The binary functions on a GPU: one shader; function and broadcast are `override` constants.

use super::definition::{Binary, Second};
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing, quads,
};

pub(super) const KERNELS: &[GpuKernel<Binary>] =
    &[GpuKernel { name: "binary", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &Binary, site: &Site<'_>) -> KernelPlan {
    let (a, b) = (site.inputs[0], site.inputs[1]);
    let (broadcast, run) = match Binary::second(a, b) {
        Some(Second::Element) | None => (0, 1),
        Some(Second::Run(pixels)) => (1, pixels),
        Some(Second::Pixel) => (2, 1),
        Some(Second::Column) => (3, 1),
    };
    let constants = constants! {
        OPERATION: op.0 as usize,
        BROADCAST: broadcast,
        QUADS: quads(a.c),
        RUN: run,
        WIDTH: a.w,
        AREA: a.area(),
    };
    let parts = [include_str!("binary.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output, Binding::Input(1)];
    KernelPlan::one(Dispatch::element_wise(site, &parts, constants, &bindings))
}
