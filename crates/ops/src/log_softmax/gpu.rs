//! Log-softmax on a GPU: a workgroup a pixel.

use super::definition::LogSoftmax;
use crate::{
    gpu::{GpuKernel, nothing},
    softmax::{plan, suits},
};

pub(super) const KERNELS: &[GpuKernel<LogSoftmax>] = &[GpuKernel {
    name: "log_softmax",
    suits: |_, site| suits(site),
    plan: |_, site| plan(site, true),
    pack: nothing,
}];
