//! Windows reduced over vectors of channels.
//!
//! [`mod@windows`] takes windows of any size one at a time, [`mod@tiles`] those of networks several at a time.

mod tiles;
mod windows;

use super::{Pool2d, PoolFn};
use crate::{
    cpu::{CpuKernel, Cut, Site, parallel_for},
    simd::Lanes,
};
use windows::Windows;

/// Channels of a task, where workers share the channels of a row: few enough that the maps of late layers,
/// and global pools, can be shared.
const BLOCK: usize = 64;

/// Output rows a worker from which whole rows are shared instead: then maps are read as they lie in memory.
const ROWS: usize = 4;

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

/// Channels of an item.
fn block(site: &Site<'_>) -> usize {
    let y = site.output.shape;
    if site.threads == 1 || y.n * y.h >= ROWS * site.threads { y.c.max(1) } else { BLOCK }
}

/// An item is a block of channels of one output row.
fn split(op: &Pool2d, site: &Site<'_>) -> Cut {
    let (x, y) = (site.inputs[0].shape, site.output.shape);
    let block = block(site);
    let floats = (op.window(x).0 * x.w + y.w) * y.c.min(block);
    Cut::for_workers(y.n * y.h * y.c.div_ceil(block), floats, site.threads)
}

/// How two elements become one. Implementations are `#[inline(always)]`.
trait Reduce: Copy + Send + Sync + 'static {
    fn of<L: Lanes>(self, a: L, b: L) -> L;
}

#[derive(Clone, Copy)]
struct Sum;

impl Reduce for Sum {
    #[inline(always)]
    fn of<L: Lanes>(self, a: L, b: L) -> L {
        a.add(b)
    }
}

#[derive(Clone, Copy)]
struct Largest;

impl Reduce for Largest {
    #[inline(always)]
    fn of<L: Lanes>(self, a: L, b: L) -> L {
        a.max(b)
    }
}
