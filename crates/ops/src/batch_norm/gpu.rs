//! Batch norm on a GPU: a scale and a shift a channel, both computed when it is packed.

use super::BatchNorm;
use crate::{
    Tensor,
    gpu::{Binding, Dispatch, GpuKernel, Plan, Site, Suits, constants, quads},
};

pub(super) const KERNELS: &[GpuKernel<BatchNorm>] =
    &[GpuKernel { name: "batch_norm", suits: |_, _| Suits::Well, plan, pack }];

fn plan(_: &BatchNorm, site: &Site<'_>) -> Plan {
    let quads = quads(site.output.c);
    let constants = constants! { QUADS: quads };
    let parts = [include_str!("batch_norm.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(0)];
    let dispatch = Dispatch::element_wise(site, &parts, constants, &bindings);
    Plan { weights: vec![2 * quads], dispatches: vec![dispatch] }
}

/// All scales, then all shifts, each padded to quads.
fn pack(op: &BatchNorm, site: &Site<'_>, weights: &[Tensor]) -> Vec<Vec<f32>> {
    let padded = 4 * quads(site.output.c);
    let mut packed = vec![0.0; 2 * padded];
    for (c, (scale, shift)) in op.scale_and_shift(weights).into_iter().enumerate() {
        packed[c] = scale as f32;
        packed[padded + c] = shift as f32;
    }
    vec![packed]
}
