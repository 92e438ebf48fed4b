//! Global L2 pool on a GPU: a workgroup a quad of an image.

use super::definition::GlobalL2Pool;
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants, nothing,
    quads,
};

pub(super) const KERNELS: &[GpuKernel<GlobalL2Pool>] =
    &[GpuKernel { name: "global_l2_pool", suits, plan, pack: nothing }];

fn suits(_: &GlobalL2Pool, site: &Site<'_>) -> Suits {
    if site.inputs[0].area().div_ceil(64) > MOST_ITERATIONS { Suits::No } else { Suits::Well }
}

fn plan(_: &GlobalL2Pool, site: &Site<'_>) -> KernelPlan {
    let x = site.inputs[0];
    let groups = x.n * quads(x.c);
    let constants = constants! { COUNT: groups, QUADS: quads(x.c), AREA: x.area() };
    let parts = [include_str!("global_l2_pool.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    KernelPlan::one(Dispatch::of_reducing_groups(site, &parts, constants, &bindings, groups))
}
