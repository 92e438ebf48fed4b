//! Padding on a GPU: pixels picked by a table.

use super::definition::Pad2d;
use crate::{
    gpu::{GpuKernel, Suits},
    pick,
};

pub(super) const KERNELS: &[GpuKernel<Pad2d>] = &[GpuKernel {
    name: "copy",
    suits: |_, _| Suits::Well,
    plan: |op, site| pick::plan(&op.pick(site.inputs[0], site.output), site),
    pack: |op, site, _| vec![pick::table(&op.pick(site.inputs[0], site.output))],
}];
