//! Group norm on a GPU: a workgroup a quad of an image, which computes what it needs of the quad's groups.

use super::definition::GroupNorm;
use crate::{
    channel_affine::packed,
    gpu::{
        Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants, quads,
    },
};

pub(super) const KERNELS: &[GpuKernel<GroupNorm>] = &[GpuKernel {
    name: "group_norm",
    suits,
    plan,
    pack: |op, site, weights| packed((0..site.output.c).map(|c| op.affine.at(weights, c)), site),
}];

fn suits(op: &GroupNorm, site: &Site<'_>) -> Suits {
    // Two walks over each of up to four groups, and one over a quad.
    let group = (quads(site.output.c / op.groups) + 1) * site.output.area();
    if 9 * group.div_ceil(64) > MOST_ITERATIONS { Suits::No } else { Suits::Well }
}

fn plan(op: &GroupNorm, site: &Site<'_>) -> KernelPlan {
    let x = site.output;
    let quads = quads(x.c);
    let constants = constants! {
        COUNT: x.n * quads,
        QUADS: quads,
        AREA: x.area(),
        CHANNELS: x.c,
        GROUP_CHANNELS: x.c / op.groups,
        EPSILON: op.epsilon,
    };
    let parts = [include_str!("group_norm.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(0)];
    let dispatch = Dispatch::of_reducing_groups(site, &parts, constants, &bindings, x.n * quads);
    KernelPlan { weights: vec![2 * quads], dispatches: vec![dispatch] }
}
