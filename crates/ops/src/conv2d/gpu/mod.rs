//! Convolutions on a GPU.
//!
//! Three families, and Winograd's algorithm around them. *Tile*: each invocation keeps a register tile of
//! output pixels × output quads and walks taps and input quads, reading the map in place (no im2col buffer); it takes every
//! convolution. *Gemm*: a workgroup shares slices of both operands in workgroup memory, the way of
//! real GPUs; what would be read of a depthwise convolution, it may compute. *Depthwise*: a block of neighbouring
//! outputs an invocation, each loaded pixel used for all of them; *rolling* is its stand-in on rasterisers with short vectors. *Winograd* transforms 3×3
//! convolutions into pointwise ones, which the others compute.
//!
//! On software rasterisers large register tiles are fastest and workgroup memory is slow; on real
//! GPUs it is the other way round. Hence the variants.

mod depthwise;
mod gemm;
mod pair;
mod rolling;
pub(crate) mod tile;
mod transform;
mod winograd;

use super::Conv2d;
use crate::gpu::GpuKernel;
use depthwise::Depthwise;
pub(crate) use gemm::Gemm;
pub(crate) use pair::Pair;
use tile::Tile;

/// Those of a depthwise convolution and the pointwise one behind it.
pub(crate) const OF_PAIRS: &[GpuKernel<Pair>] = &[
    Gemm::<0>::OF_PAIR,
    Gemm::<1>::OF_PAIR,
    Gemm::<2>::OF_PAIR,
    Gemm::<3>::OF_PAIR,
    Gemm::<4>::OF_PAIR,
];

pub(super) const KERNELS: &[GpuKernel<Conv2d>] = &[
    Depthwise::<0>::KERNEL,
    Depthwise::<1>::KERNEL,
    Depthwise::<2>::KERNEL,
    Depthwise::<3>::KERNEL,
    Depthwise::<4>::KERNEL,
    rolling::KERNEL,
    winograd::FOUR,
    winograd::TWO,
    Gemm::<0>::KERNEL,
    Gemm::<1>::KERNEL,
    Gemm::<2>::KERNEL,
    Gemm::<3>::KERNEL,
    Gemm::<4>::KERNEL,
    Tile::<8, 4>::kernel("tile_8x4"),
    Tile::<8, 2>::kernel("tile_8x2"),
    Tile::<8, 1>::kernel("tile_8x1"),
    Tile::<4, 2>::kernel("tile_4x2"),
    Tile::<4, 1>::kernel("tile_4x1"),
    Tile::<1, 1>::kernel("tile_1x1"),
];
