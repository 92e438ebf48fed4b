//! Log-softmax on a GPU: as softmax.

use super::definition::LogSoftmax;
use crate::{
    gpu::{GpuKernel, nothing},
    softmax::{plan, suits},
};

pub(super) const KERNELS: &[GpuKernel<LogSoftmax>] = &[GpuKernel {
    name: "log_softmax",
    suits: |op, site| suits(op.0, site),
    plan: |op, site| plan(op.0, site, true),
    pack: nothing,
}];
