//! Does an adapter have room for a network? Some drivers refuse less than their limits say, and nobody tells
//! how much memory is free: room is made for all of a network once, and let go of.

use super::{
    Adapter, Patience,
    context::Context,
    memory::Memory,
    room::{demand, kernels},
    shared::SharedScratch,
    slots::Slots,
};
use crate::{Graph, Keep, SessionError};
use profile::Shape;
use std::fmt::Display;

impl Adapter {
    /// Refuses networks that this adapter has no room for, all of their activations at once: that is
    /// how they are verified. Opens the adapter and runs nothing.
    ///
    /// # Errors
    /// In that case, naming the network, what is too large, its size and the limit, where there is one.
    pub fn demand(&self, graphs: &[Graph]) -> Result<(), SessionError> {
        let traits = self.traits();
        let device = self.device().name;
        let refused = |graph: &Graph, what: &dyn Display| SessionError::Device {
            device: device.clone(),
            what: format!("{} on {}: {what}", graph.name, Shape::list(&graph.inputs)),
        };
        for graph in graphs {
            demand(graph, traits).map_err(|why| refused(graph, &why))?;
        }
        if graphs.is_empty() {
            return Ok(());
        }
        let context = Context::open(self, traits, &Patience::default())?;
        for graph in graphs {
            hold(&context, graph).map_err(|why| refused(graph, &why))?;
            // What was let go of is free for the next.
            context.submit([])?;
        }
        Ok(())
    }
}

/// Makes room for a network, and lets go of it; the reason where there is none.
pub(super) fn hold(context: &Context, graph: &Graph) -> Result<(), String> {
    let slots = Slots::new(graph, Keep::Everything, context.traits);
    let (mut pieces, mut scratch) = (slots.quads.clone(), SharedScratch::default());
    slots.each_site(graph, context.traits, |i, site| {
        if let Some(chosen) = kernels(graph, i, site).map_err(|e| e.to_string())?.first() {
            pieces.extend(&chosen.plan.weights);
            scratch.hold(&chosen.plan);
        }
        Ok::<(), String>(())
    })?;
    pieces.extend(scratch.quads);
    let bytes = |quads: &usize| *quads as u64 * 16;
    let all: u64 = pieces.iter().map(bytes).sum();
    let one = |quads: &usize| {
        let room = || Memory::new(context, "room", *quads);
        context.scoped("its words", room).map_err(|e| {
            format!(
                "it needs {all} bytes, and the driver refuses a piece of {}: use a smaller batch or \
                 input, or the CPU ({e})",
                bytes(quads)
            )
        })
    };
    let held: Result<Vec<Memory>, String> = pieces.iter().map(one).collect();
    held.map(drop)
}
