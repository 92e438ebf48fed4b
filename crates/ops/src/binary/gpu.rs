//! The binary functions on a GPU: one shader; function and broadcast are `override` constants.

use super::Binary;
use crate::gpu::{Binding, Dispatch, GpuKernel, Plan, Site, Suits, constants, nothing, quads};

pub(super) const KERNELS: &[GpuKernel<Binary>] =
    &[GpuKernel { name: "binary", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &Binary, site: &Site<'_>) -> Plan {
    let (a, b) = (site.inputs[0], site.inputs[1]);
    let broadcast: usize = match b {
        b if b == a => 0,
        b if b == a.with_size(1, 1) => 1,
        _ => 2,
    };
    let constants = constants! {
        FUNCTION: op.0 as usize,
        BROADCAST: broadcast,
        QUADS: quads(a.c),
        AREA: a.area(),
    };
    let parts = [include_str!("binary.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output, Binding::Input(1)];
    Plan::one(Dispatch::element_wise(site, &parts, constants, &bindings))
}
