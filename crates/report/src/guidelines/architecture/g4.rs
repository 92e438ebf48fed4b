//! G4 on a network: what operators that compute next to nothing take.

use super::{axis::Axis, price::Sides};
use crate::analysis::Analysis;
use profile::{Class, Guideline};
use serde::Serialize;
use std::ops::Add;

/// G4 of a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ElementWise {
    /// Access is that of the network over that without its element-wise operators; time is that of
    /// element-wise and data operators.
    #[serde(flatten)]
    pub axis: Axis,
    /// Share of the FLOPs in element-wise and data operators.
    pub flop_share: f64,
}

/// The axis of element-wise operators.
pub fn axis(sides: &Sides<'_, '_>) -> ElementWise {
    let a = sides.network;
    let classes = a.classes();
    let light = || classes.iter().filter(|c| matches!(c.class, Class::ElementWise | Class::Data));
    let access = |a: &Analysis| a.access_elements() as f64;
    let found = Axis {
        access_over_bound: sides.whole(Guideline::G4).map(|bare| access(a) / access(bare)),
        time_share: a.has_times().then(|| light().filter_map(|c| c.share).fold(0.0, Add::add)),
        ..Axis::default()
    };
    ElementWise {
        axis: sides.axis(Guideline::G4, found),
        flop_share: light().map(|c| c.flops).sum::<u64>() as f64 / a.flops().max(1) as f64,
    }
}
