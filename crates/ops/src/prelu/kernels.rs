//! Slopes by channel, made ready beforehand.

use super::definition::PRelu;
use crate::{channel_affine::two_slopes, cpu::CpuKernel};

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<PRelu>] = &[CpuKernel {
    name: "two_slopes",
    fits: |_, _| true,
    prepare: |op, site| {
        let weights = site.weights.all();
        two_slopes((0..site.output.shape.c).map(|c| op.at(&weights, c)), site)
    },
}];
