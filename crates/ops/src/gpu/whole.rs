//! What a run of a whole network takes, known without running it.

use super::{
    AdapterLimits,
    joined::joined,
    pairs::paired,
    room::{NoRoom, one_by_one},
    shared::SharedScratch,
    slots::Slots,
};
use crate::{Graph, Keep};
use std::{collections::BTreeMap, convert::Infallible};

/// Dispatches of each node in a run on an adapter of such traits, with the kernels that are chosen without
/// tuning; none of a view, nor of what the node behind computes along.
///
/// # Errors
/// As [`demand`](super::demand).
pub fn dispatches(graph: &Graph, traits: AdapterLimits) -> Result<Vec<usize>, NoRoom> {
    let mut dispatches = one_by_one(graph, traits)?;
    for (i, plan) in paired(graph, traits) {
        dispatches[i - 1] = 0;
        dispatches[i] = plan.dispatches.len();
    }
    Ok(dispatches)
}

/// Bytes of activations, packed weights and kernels' scratch that a session on an adapter of such traits would
/// allocate, with the kernels that it would choose without tuning.
pub fn bytes(graph: &Graph, keep: Keep, traits: AdapterLimits) -> u64 {
    let run = &joined(graph, keep);
    let slots = Slots::new(run, keep, traits);
    let (mut bytes, mut scratch) = (slots.bytes(), SharedScratch::default());
    let counted = slots.each_site(run, traits, |i, site| {
        if let Some(chosen) = run.nodes[i].op.gpu(site).first() {
            bytes += chosen.plan.weight_bytes();
            scratch.hold(&chosen.plan);
        }
        Ok::<(), Infallible>(())
    });
    let Ok(()) = counted;
    let pairs = if keep == Keep::Output { paired(graph, traits) } else { BTreeMap::new() };
    for plan in pairs.values() {
        bytes += plan.weight_bytes();
        scratch.hold(plan);
    }
    bytes + scratch.bytes()
}
