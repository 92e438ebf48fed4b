//! Runs of pixels copied, and what is round them filled.

use super::definition::Pad2d;
use crate::{cpu::CpuKernel, pick};

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Pad2d>] = &[CpuKernel {
    name: "copy",
    fits: |_, _| true,
    prepare: |op, site| pick::kernel(&op.pick(site.inputs[0].shape, site.output.shape), site),
}];
