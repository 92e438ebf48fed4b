//! Which activations share a buffer.
//!
//! A shader may not read and write one buffer, so values do not lie in one arena as on the CPU:
//! each lives in a slot, a buffer or texture of its own, and values whose live ranges do not overlap share a slot.
//! The largest are placed first, each in the first slot that is free for its whole life. Values that lie in
//! another share its slot, which is taken as long as any of them lives.

#[cfg(feature = "gpu")]
use super::quads::gathered;
use super::{
    AdapterLimits, Layout, Layouts, Site, quads, vectors,
    views::{Alias, Views},
};
#[cfg(feature = "gpu")]
use crate::Tensor;
use crate::{Graph, Keep, Value};
use profile::Shape;
use std::ops::Range;

/// The slots of a graph.
pub(super) struct Slots {
    /// The place of each value, by [`Graph::index`].
    of: Vec<Place>,
    /// Quads of each slot.
    pub quads: Vec<usize>,
    views: Views,
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its slot.
    pub slot: usize,
    shape: Shape,
    /// Quads of a pixel in the slot.
    pitch: usize,
    alias: Alias,
}

impl Place {
    /// Quads of the slot that have all of it.
    #[cfg(feature = "gpu")]
    pub const fn quads(&self) -> usize {
        self.shape.pixels() * self.pitch
    }

    /// Which channel of the slot's pixels channel `c` is.
    #[cfg(any(test, feature = "gpu"))]
    pub const fn channel(&self, c: usize) -> usize {
        self.alias.at(c)
    }

    /// The value, out of what its slot has.
    #[cfg(feature = "gpu")]
    pub fn of(&self, slot: &[f32]) -> Tensor {
        gathered(self.shape, self.pitch, |c| self.channel(c), slot)
    }

    fn layout(&self) -> Layout {
        let Alias { first, step, round, .. } = self.alias;
        Layout { own: quads(self.shape.c), pitch: self.pitch, first, step, round }
    }
}

impl Slots {
    /// Places all values of `graph`, as it runs, on an adapter of such traits.
    pub fn new(graph: &Graph, keep: Keep, traits: AdapterLimits) -> Self {
        // A node's output is read back when the whole network has run.
        let keep = if keep == Keep::Each { Keep::Everything } else { keep };
        let (shapes, views) = (graph.shapes(), Views::new(graph, !traits.textures));
        let aliases: Vec<Alias> = (0..shapes.len()).map(|value| views.alias(value)).collect();
        let rooms = rooms(&shapes, &aliases, graph.live_ranges(keep));
        let mut order: Vec<usize> = (0..shapes.len()).filter(|&i| aliases[i].of == i).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(rooms[i].quads));
        let mut slot_of = vec![0; shapes.len()];
        let mut slots: Vec<usize> = Vec::new();
        let mut tenants: Vec<Vec<Range<usize>>> = Vec::new();
        for i in order {
            let Room { quads, life } = &rooms[i];
            let free = |t: &Vec<Range<usize>>| {
                t.iter().all(|other| other.end <= life.start || life.end <= other.start)
            };
            let slot = tenants.iter().position(free).unwrap_or_else(|| {
                tenants.push(Vec::new());
                slots.push(*quads);
                tenants.len() - 1
            });
            tenants[slot].push(life.clone());
            slot_of[i] = slot;
        }
        let place = |(shape, alias): (&Shape, &Alias)| Place {
            slot: slot_of[alias.of],
            shape: *shape,
            pitch: quads(shapes[alias.of].c),
            alias: *alias,
        };
        let of = shapes.iter().zip(&aliases).map(place).collect();
        Self { of, quads: slots, views }
    }

    /// Bytes of all slots.
    pub fn bytes(&self) -> u64 {
        self.quads.iter().map(|quads| *quads as u64 * 16).sum()
    }

    /// Where a value lies.
    pub fn place(&self, graph: &Graph, value: Value) -> Place {
        self.of[graph.index(value)]
    }

    /// Whether other nodes do the work of node `i`.
    pub fn is_done(&self, i: usize) -> bool {
        self.views.done[i]
    }

    /// What node `i` reads: its inputs, and what it writes beside its output.
    #[cfg(any(test, feature = "gpu"))]
    pub fn reads<'a>(&'a self, graph: &'a Graph, i: usize) -> impl Iterator<Item = Value> + 'a {
        self.views.reads(graph, i)
    }

    /// How the maps of node `i` lie.
    pub fn layouts(&self, graph: &Graph, i: usize) -> Layouts {
        let inputs = &graph.nodes[i].inputs;
        let layout = |v: Value| self.place(graph, v).layout();
        Layouts {
            inputs: inputs.iter().map(|&v| layout(v)).collect(),
            output: layout(Value::of_node(i)),
            in_place: inputs.iter().map(|&v| self.views.is_in_place(graph, i, v)).collect(),
            beside: self.views.beside[i].map(layout),
        }
    }

    /// Calls `f` with each node that has something to do on an adapter of such traits; ends with its first error.
    pub fn each_site<E>(
        &self,
        graph: &Graph,
        traits: AdapterLimits,
        mut f: impl FnMut(usize, &Site<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for i in (0..graph.nodes.len()).filter(|&i| !self.is_done(i)) {
            let node = &graph.nodes[i];
            let (inputs, layouts) = (graph.input_shapes(node), self.layouts(graph, i));
            f(i, &Site::new(&inputs, node.output, traits).lying(&layouts))?;
        }
        Ok(())
    }
}

/// Room for a value and all that lies in it.
struct Room {
    quads: usize,
    /// The steps during which any of it is needed.
    life: Range<usize>,
}

/// The rooms of all values; those of values that lie in another are of no use.
fn rooms(shapes: &[Shape], aliases: &[Alias], lives: Vec<Range<usize>>) -> Vec<Room> {
    let room = |(shape, life): (&Shape, &Range<usize>)| Room {
        quads: vectors(*shape).max(1),
        life: life.clone(),
    };
    let mut rooms: Vec<Room> = shapes.iter().zip(&lives).map(room).collect();
    for ((shape, alias), life) in shapes.iter().zip(aliases).zip(lives) {
        let Room { quads, life: all } = &mut rooms[alias.of];
        *all = all.start.min(life.start)..all.end.max(life.end);
        let Alias { first, step, .. } = *alias;
        let layout = Layout { first, step, ..Layout::whole(*shape) };
        if layout.straddles() {
            // What is read of the last pixel may be parts of the quad behind it, in lanes that nobody uses.
            *quads = vectors(shapes[alias.of]) + 1;
        }
    }
    rooms
}
