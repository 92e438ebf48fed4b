//! G2 on a network: what groups add to memory access cost, and how well grouped convolutions run.

use super::{axis::Axis, conv::Conv, price::Sides};
use crate::analysis::{Operator, rate};
use profile::Guideline;
use serde::Serialize;
use std::ops::Add;

/// G2 of a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Grouped {
    /// Access is that of grouped convolutions over that of dense ones of equal mult-adds; time is
    /// that spent in grouped convolutions, depthwise ones left out.
    #[serde(flatten)]
    pub axis: Axis,
    /// Elements that groups add to the network's memory access cost.
    pub access_added: f64,
    /// What grouped convolutions achieve together.
    pub grouped_gflops: Option<f64>,
    /// What dense convolutions of the same network achieve together.
    pub dense_gflops: Option<f64>,
}

/// The axis of groups.
pub fn axis(sides: &Sides<'_, '_>) -> Grouped {
    let convs = || sides.network.ops.iter().filter_map(|op| Some((Conv::of(&op.record)?, op)));
    let grouped = || convs().filter(|(conv, _)| conv.is_grouped());
    let access: f64 = grouped().map(|(conv, _)| conv.access()).sum();
    let dense_access: f64 = grouped().map(|(conv, _)| conv.dense_access()).sum();
    let shares = grouped().filter_map(|(_, op)| op.share);
    let found = Axis {
        access_over_bound: (dense_access > 0.0).then(|| access / dense_access),
        time_share: sides.network.has_times().then(|| shares.fold(0.0, Add::add)),
        ..Axis::default()
    };
    Grouped {
        axis: sides.axis(Guideline::G2, found),
        access_added: access - dense_access,
        grouped_gflops: gflops(grouped().map(|(_, op)| op)),
        dense_gflops: gflops(convs().filter(|(conv, _)| conv.is_dense()).map(|(_, op)| op)),
    }
}

/// FLOPs of `ops` over the sum of their times.
fn gflops<'o>(ops: impl Iterator<Item = &'o Operator>) -> Option<f64> {
    let (flops, ns) = ops
        .filter_map(|op| Some((op.record.flops as f64, op.ns()?)))
        .fold((0.0, 0.0), |(flops, ns), (f, n)| (flops + f, ns + n));
    rate(flops, ns)
}
