//! Inception modules as tables: branches that read one map, side by side, and are concatenated.

use crate::net::{Net, Result};
use ops::{Conv2d, Pool2d, Value};

/// One step along a branch.
#[derive(Clone, Copy)]
pub(crate) enum Step<'a> {
    /// A convolution, its batch norm and a ReLU.
    Conv(Conv2d),
    /// A pooling.
    Pool(Pool2d),
    /// A module within the branch.
    Fork(&'a [&'a [Step<'a>]]),
}

/// A convolution to `out` channels with an `h`×`w` kernel that keeps the map's size.
pub(crate) const fn same(out: usize, h: usize, w: usize) -> Step<'static> {
    Step::Conv(Conv2d::new(out, 1).kernel(h, w).padding_hw(h / 2, w / 2))
}

/// A 1×1 convolution to `out` channels.
pub(crate) const fn reduce(out: usize) -> Step<'static> {
    same(out, 1, 1)
}

/// A 3×3 convolution at stride 2, unpadded.
pub(crate) const fn down(out: usize) -> Step<'static> {
    Step::Conv(Conv2d::new(out, 3).stride(2))
}

/// Max pooling at stride 2, unpadded.
pub(crate) const MAX_DOWN: Step<'static> = Step::Pool(Pool2d::max(3, 2));

/// The module whose `branches` read `x`.
pub(crate) fn inception(net: &mut Net, x: Value, branches: &[&[Step<'_>]]) -> Result {
    let mut ends = Vec::new();
    for (i, steps) in (1..).zip(branches) {
        ends.push(net.scope(format!("branch{i}"), |net| sequence(net, x, steps))?);
    }
    net.concat("concat", &ends)
}

/// The steps one after the other.
pub(crate) fn sequence(net: &mut Net, mut x: Value, steps: &[Step<'_>]) -> Result {
    for (i, step) in (1..).zip(steps) {
        x = match *step {
            Step::Conv(conv) => net.conv_bn_relu(&format!("conv{i}"), x, conv)?,
            Step::Pool(pool) => net.pool(&format!("pool{i}"), x, pool)?,
            Step::Fork(branches) => {
                net.scope(format!("fork{i}"), |net| inception(net, x, branches))?
            }
        };
    }
    Ok(x)
}
