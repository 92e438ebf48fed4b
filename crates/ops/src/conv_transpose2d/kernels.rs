//! Transposed convolution on a CPU: each phase of the stride as a matrix product; depthwise, vectors of channels.

mod depthwise;
mod phases;

use super::definition::ConvTranspose2d;
use crate::cpu::CpuKernel;

/// The kernels, best first.
pub(super) const KERNELS: &[CpuKernel<ConvTranspose2d>] = &[
    CpuKernel {
        name: "depthwise",
        fits: |op, site| op.is_depthwise(site.inputs[0].shape),
        prepare: depthwise::prepare,
    },
    CpuKernel {
        name: "phases",
        fits: |op, site| !op.is_depthwise(site.inputs[0].shape),
        prepare: phases::prepare,
    },
];
