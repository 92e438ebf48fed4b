//! The binary functions on a GPU: one shader; function and broadcast are `override` constants.

use super::definition::Binary;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing, quads,
};
use profile::Shape;

pub(super) const KERNELS: &[GpuKernel<Binary>] =
    &[GpuKernel { name: "binary", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &Binary, site: &Site<'_>) -> KernelPlan {
    KernelPlan::one(plan_of(op.0 as usize, site, site.inputs[1], Binding::Input(1)))
}

/// What to dispatch for the function of this number, of the first input and of what `second` is bound to.
pub(crate) fn plan_of(function: usize, site: &Site<'_>, b: Shape, second: Binding) -> Dispatch {
    let y = site.output;
    let constants = constants! {
        OPERATION: function,
        HEIGHT: y.h,
        WIDTH: y.w,
        QUADS: quads(y.c),
        AXES_OF_A: axes(site.inputs[0], y),
        AXES_OF_B: axes(b, y),
    };
    let parts = [include_str!("binary.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output, second];
    Dispatch::element_wise(site, &parts, constants, &bindings)
}

/// The axes of `y` that an operand has, as the shader wants them.
fn axes(x: Shape, y: Shape) -> usize {
    let pairs = [(x.n, y.n), (x.h, y.h), (x.w, y.w), (x.c, y.c)];
    (0..).zip(pairs).map(|(bit, (own, all))| usize::from(own == all) << bit).sum()
}
