//! Softmax on a GPU: a workgroup a pixel.

use super::Softmax;
use crate::gpu::{Binding, Dispatch, GpuKernel, Plan, Site, Suits, constants, nothing, quads};

pub(super) const KERNELS: &[GpuKernel<Softmax>] =
    &[GpuKernel { name: "softmax", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(_: &Softmax, site: &Site<'_>) -> Plan {
    let x = site.output;
    let constants = constants! { PIXELS: x.pixels(), QUADS: quads(x.c), CHANNELS: x.c };
    let parts = [include_str!("../gpu/reduce.wgsl"), include_str!("softmax.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    Plan::one(Dispatch::of_groups(site, &parts, constants, &bindings, x.pixels()))
}
