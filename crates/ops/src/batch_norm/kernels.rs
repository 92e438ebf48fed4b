//! y = a·x + b with a and b a channel made ready beforehand.

use super::definition::BatchNorm;
use crate::{channel_affine::scale_shift, cpu::CpuKernel};

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<BatchNorm>] = &[CpuKernel {
    name: "scale_shift",
    fits: |_, _| true,
    prepare: |op, site| {
        let weights = site.weights.all();
        scale_shift((0..site.output.shape.c).map(|c| op.at(&weights, c)), site)
    },
}];
