//! Slopes by channel on a GPU.

use super::definition::PRelu;
use crate::{
    channel_affine::{packed, plan},
    gpu::{GpuKernel, Suits},
};

pub(super) const KERNELS: &[GpuKernel<PRelu>] = &[GpuKernel {
    name: "prelu",
    suits: |_, _| Suits::Well,
    plan: |_, site| plan(site, true),
    pack: |op, site, weights| packed((0..site.output.c).map(|c| op.at(weights, c)), site),
}];
