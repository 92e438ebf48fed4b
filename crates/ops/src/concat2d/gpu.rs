//! Maps side by side on a GPU: one copy an input.

use super::definition::Concat2d;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing, quads, vectors,
};

pub(super) const KERNELS: &[GpuKernel<Concat2d>] =
    &[GpuKernel { name: "copy", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &Concat2d, site: &Site<'_>) -> KernelPlan {
    let y = site.output;
    let corners = op.corners(site.inputs.iter().copied());
    let copy = |(i, (x, (top, left))): (usize, (_, (usize, usize)))| {
        let x: &profile::Shape = x;
        let constants = constants! {
            QUADS: quads(x.c),
            INPUT_H: x.h,
            INPUT_W: x.w,
            OUTPUT_H: y.h,
            OUTPUT_W: y.w,
            TOP: top,
            LEFT: left,
        };
        let bindings = [Binding::Input(i), Binding::Output];
        Dispatch::of_items(site, &[include_str!("place.wgsl")], constants, &bindings, vectors(*x))
    };
    let dispatches = site.inputs.iter().zip(corners).enumerate().map(copy).collect();
    KernelPlan { weights: Vec::new(), dispatches }
}
