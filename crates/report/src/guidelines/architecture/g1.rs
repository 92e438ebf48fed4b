//! G1 on a network: how far its dense convolutions are from their least memory access cost.

use super::{axis::Axis, conv::Conv, price::Sides};
use profile::Guideline;
use std::ops::Add;

/// Access over its bound from which a convolution's time counts as spent against the guideline.
const FAR: f64 = 1.5;

/// Access of all dense convolutions over the sum of their bounds, and the share of time in those
/// that are [`FAR`] over theirs.
pub fn axis(sides: &Sides<'_, '_>) -> Axis {
    let ops = sides.network.ops.iter();
    let dense: Vec<_> = ops
        .filter_map(|op| Some((Conv::of(&op.record).filter(Conv::is_dense)?, op.share)))
        .collect();
    let sum = |of: fn(&Conv) -> f64| dense.iter().map(|(conv, _)| of(conv)).sum::<f64>();
    let far = dense.iter().filter(|(conv, _)| conv.access() > FAR * conv.access_bound());
    let found = Axis {
        access_over_bound: (!dense.is_empty()).then(|| sum(Conv::access) / sum(Conv::access_bound)),
        time_share: sides
            .network
            .has_times()
            .then(|| far.filter_map(|(_, share)| *share).fold(0.0, Add::add)),
        ..Axis::default()
    };
    sides.axis(Guideline::G1, found)
}
