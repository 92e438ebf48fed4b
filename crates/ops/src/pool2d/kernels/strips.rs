//! How windows are shared among workers: in strips, blocks of channels of one output row.

use super::super::Pool2d;
use crate::cpu::{Cut, Site};

/// Channels of a task, where workers share the channels of a row: few enough that the maps of late layers,
/// and global pools, can be shared.
const BLOCK: usize = 64;

/// Output rows a worker from which whole rows are shared instead: then maps are read as they lie in memory.
const ROWS: usize = 4;

/// Channels of an item.
pub(super) fn block(site: &Site<'_>) -> usize {
    let y = site.output.shape;
    if site.threads == 1 || y.n * y.h >= ROWS * site.threads { y.c.max(1) } else { BLOCK }
}

/// An item is a block of channels of one output row.
pub(super) fn split(op: &Pool2d, site: &Site<'_>) -> Cut {
    let (x, y) = (site.inputs[0].shape, site.output.shape);
    let block = block(site);
    let floats = (op.window(x).0 * x.w + y.w) * y.c.min(block);
    Cut::for_workers(y.n * y.h * y.c.div_ceil(block), floats, site.threads)
}
