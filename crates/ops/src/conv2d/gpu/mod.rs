//! Convolutions on a GPU.
//!
//! Three shaders. *Tile*: each invocation keeps a register tile of output pixels × output quads and
//! walks taps and input quads, reading the map in place (no im2col buffer); it takes every
//! convolution. *Staged*: a workgroup shares a tile of both operands in workgroup memory, the way
//! of real GPUs. *Depthwise*: several neighbouring outputs an invocation, each loaded row used for
//! all of them.
//!
//! On software rasterisers large register tiles and weights in a texture are fastest, and workgroup
//! memory is slow; on real GPUs it is the other way round. Hence the variants.

mod depthwise;
mod staged;
pub(crate) mod tile;

use super::Conv2d;
use crate::gpu::GpuKernel;

pub(super) const KERNELS: &[GpuKernel<Conv2d>] = &[
    depthwise::kernel::<2>("depthwise_4x2"),
    depthwise::kernel::<1>("depthwise_4x1"),
    staged::KERNEL,
    tile::Tile::<8, 4, true>::kernel("tile_8x4_texture"),
    tile::Tile::<8, 2, true>::kernel("tile_8x2_texture"),
    tile::Tile::<8, 1, true>::kernel("tile_8x1_texture"),
    tile::Tile::<8, 4, false>::kernel("tile_8x4"),
    tile::Tile::<8, 2, false>::kernel("tile_8x2"),
    tile::Tile::<4, 2, false>::kernel("tile_4x2"),
    tile::Tile::<4, 1, false>::kernel("tile_4x1"),
    tile::Tile::<1, 1, false>::kernel("tile_1x1"),
];
