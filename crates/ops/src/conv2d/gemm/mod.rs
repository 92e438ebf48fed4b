//! Convolution as a matrix product without a matrix of patches.
//!
//! ```text
//! for each panel of output channels:                      (weights packed panel by panel)
//!     for each block of K:                                (its weights stay in the L2 cache)
//!         for each strip of output pixels:                (their inputs stay in the L2 cache)
//!             tile(strip, panel, block)                   (accumulators stay in registers)
//! ```
//!
//! Inputs are reached through pointers, so that any kernel, stride, padding, dilation, group and
//! pixel stride is the same loop.

mod generated;
mod kernel;
mod pack;
mod product;
mod rows;
mod split;
mod tile;

pub(super) use generated::{Generate, Generated, WeightBlock};
pub(crate) use kernel::Gemm;
pub(crate) use product::{Product, ProductRows};
pub(crate) use tile::Added;
