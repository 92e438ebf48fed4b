//! Batch norm on a GPU: a scale and a shift a channel, both computed when it is packed.

use super::definition::BatchNorm;
use crate::{
    channel_affine::{packed, plan},
    gpu::{GpuKernel, Suits},
};

pub(super) const KERNELS: &[GpuKernel<BatchNorm>] = &[GpuKernel {
    name: "batch_norm",
    suits: |_, _| Suits::Well,
    plan: |_, site| plan(site, false),
    pack: |op, site, weights| packed((0..site.output.c).map(|c| op.at(weights, c)), site),
}];
