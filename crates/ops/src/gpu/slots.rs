//! Which activations share a buffer.
//!
//! A shader may not read and write one buffer, so values do not lie in one arena as on the CPU:
//! each lives in a slot, a buffer or texture of its own, and values whose live ranges do not overlap share a slot.
//! The largest are placed first, each in the first slot that is free for its whole life.

use super::{AdapterLimits, Site, vectors};
use crate::{Graph, Keep};
use std::ops::Range;

/// Bytes of activations, packed weights and kernels' scratch that a session on an adapter of such traits would
/// allocate, with the kernels that it would choose without tuning.
pub fn bytes(graph: &Graph, keep: Keep, traits: AdapterLimits) -> u64 {
    let kernels = graph.nodes.iter().map(|node| {
        let inputs = graph.input_shapes(node);
        let site = Site { inputs: &inputs, output: node.output, traits };
        node.op.gpu(&site).first().map_or(0, |c| c.plan.weight_bytes() + c.plan.scratch_bytes())
    });
    Slots::new(graph, keep).quads.iter().map(|q| *q as u64 * 16).sum::<u64>() + kernels.sum::<u64>()
}

/// The slots of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slots {
    /// The slot of each value, by [`Graph::index`].
    pub of: Vec<usize>,
    /// Quads of each slot.
    pub quads: Vec<usize>,
}

impl Slots {
    /// Places all values of `graph`.
    pub fn new(graph: &Graph, keep: Keep) -> Self {
        // A node's output is read back when the whole network has run.
        let keep = if keep == Keep::Each { Keep::Everything } else { keep };
        let live_ranges = graph.live_ranges(keep);
        let quads = graph.shapes().into_iter().map(|shape| vectors(shape).max(1));
        let quads: Vec<usize> = quads.collect();
        let mut order: Vec<usize> = (0..live_ranges.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(quads[i]));
        let mut slots = Self { of: vec![0; live_ranges.len()], quads: Vec::new() };
        let mut tenants: Vec<Vec<Range<usize>>> = Vec::new();
        for i in order {
            let life = &live_ranges[i];
            let free = |t: &Vec<Range<usize>>| {
                t.iter().all(|other| other.end <= life.start || life.end <= other.start)
            };
            let slot = tenants.iter().position(free).unwrap_or_else(|| {
                tenants.push(Vec::new());
                slots.quads.push(quads[i]);
                tenants.len() - 1
            });
            tenants[slot].push(life.clone());
            slots.of[i] = slot;
        }
        slots
    }
}
