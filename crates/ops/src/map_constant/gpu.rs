//! A constant map on a GPU: the shader of binary functions, its second operand a weight.

use super::definition::{MapConstant, MapFn};
use crate::{
    Tensor,
    binary::plan_of,
    gpu::{Binding, GpuKernel, KernelPlan, Site, Suits, quads},
};

pub(super) const KERNELS: &[GpuKernel<MapConstant>] =
    &[GpuKernel { name: "beside_map", suits: |_, _| Suits::Well, plan, pack }];

fn plan(op: &MapConstant, site: &Site<'_>) -> KernelPlan {
    let function = match op.function {
        MapFn::Add => 0,
        MapFn::Mul => 1,
        MapFn::Slope => 8,
    };
    let map = op.constant(site.output);
    let dispatch = plan_of(function, site, map, Binding::Weight(0));
    KernelPlan { weights: vec![map.area() * quads(map.c)], dispatches: vec![dispatch] }
}

/// The constant, each pixel padded to quads.
fn pack(op: &MapConstant, site: &Site<'_>, weights: &[Tensor]) -> Vec<Vec<f32>> {
    let map = op.constant(site.output);
    let padded = 4 * quads(map.c);
    let mut packed = vec![0.0; map.area() * padded];
    for (to, from) in packed.chunks_mut(padded).zip(weights[0].data().chunks(map.c)) {
        to[..map.c].copy_from_slice(from);
    }
    vec![packed]
}
