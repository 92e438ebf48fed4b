//! Windows reduced over vectors of channels.
//!
//! [`mod@windows`] takes windows of any size one at a time, [`mod@tiles`] those of networks several at a time.

mod reduce;
mod strips;
mod tiles;
mod windows;

use super::{Pool2d, PoolFn};
use crate::cpu::{CpuKernel, parallel_for};
use reduce::{Largest, Sum};
use strips::split;
use windows::Windows;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Pool2d>] = &[
    CpuKernel {
        name: "tiles",
        fits: tiles::suits,
        prepare: |op, site| match op.function {
            PoolFn::Max => tiles::prepare(op, Largest, site),
            PoolFn::Average { .. } => tiles::prepare(op, Sum, site),
        },
    },
    CpuKernel {
        name: "windows",
        fits: |_, _| true,
        prepare: |op, site| match op.function {
            PoolFn::Max => parallel_for(Windows::new(op, Largest, site), site.isa, split(op, site)),
            PoolFn::Average { .. } => {
                parallel_for(Windows::new(op, Sum, site), site.isa, split(op, site))
            }
        },
    },
];
