//! The steps of a session: a kernel for each node, where its operands are, and pairs that run in bands.

use super::{
    bands::Bands,
    kernel::{Io, Kernel, Places, PreparedNode},
    layout::Layout,
    options::CpuOptions,
    plan::{MemoryPlan, Place},
    prefetch::Span,
    step::Step,
    team::Team,
};
use crate::{Graph, Keep, Node, SessionError, Value};
use profile::OpRecord;

/// Chooses the kernels of a session.
pub(super) trait Choose {
    /// A node's kernel, prepared, and its name.
    ///
    /// # Errors
    /// Where it is to stop.
    ///
    /// # Safety
    /// Nobody else uses the operands meanwhile. What the output holds is lost.
    unsafe fn kernel(&self, team: &mut Team, spot: &Spot<'_>) -> Result<Chosen, SessionError>;

    /// Whether two nodes run in bands.
    ///
    /// # Errors
    /// Where it is to stop.
    ///
    /// # Safety
    /// Nobody else uses the operands meanwhile. What the outputs hold is lost.
    unsafe fn in_bands(
        &self,
        team: &mut Team,
        nodes: [&Node; 2],
        bands: &Bands,
    ) -> Result<bool, SessionError>;
}

/// A kernel's name and the kernel.
pub(super) type Chosen = (String, Box<dyn Kernel>);

/// A node with its operands: how they lie, and where.
pub(super) struct Spot<'a> {
    pub node: &'a Node,
    pub inputs: &'a [Layout],
    pub output: Layout,
    pub io: Io<'a>,
}

/// Chooses kernels that do nothing.
pub(super) struct Null;

impl Choose for Null {
    unsafe fn kernel(&self, _: &mut Team, _: &Spot<'_>) -> Result<Chosen, SessionError> {
        Ok(("null".to_owned(), Box::new(Nothing { tasks: 1 })))
    }

    unsafe fn in_bands(
        &self,
        _: &mut Team,
        _: [&Node; 2],
        _: &Bands,
    ) -> Result<bool, SessionError> {
        Ok(false)
    }
}

/// The kernel of the null device, and of views.
struct Nothing {
    tasks: usize,
}

impl Kernel for Nothing {
    fn tasks(&self) -> usize {
        self.tasks
    }

    unsafe fn run(&self, _: &Io, _: usize, _: &mut [f32]) {}
}

/// What steps are made of.
pub(super) struct Assembly<'a, C> {
    pub graph: &'a Graph,
    pub options: &'a CpuOptions,
    pub plan: &'a MemoryPlan,
    /// Where the arena starts, of which the plan says what lies where; there is nothing yet in it to lose.
    pub arena: *mut f32,
    pub team: &'a mut Team,
    pub choose: &'a C,
}

impl<C: Choose> Assembly<'_, C> {
    /// All steps, in the order in which they run.
    ///
    /// # Errors
    /// Where `choose` is to stop.
    ///
    /// # Safety
    /// The arena is as large as the plan says, and nobody else uses it meanwhile.
    pub unsafe fn steps(mut self) -> Result<Vec<Step>, SessionError> {
        let mut ready = Vec::new();
        for i in 0..self.graph.nodes.len() {
            // SAFETY: passed on from the caller.
            ready.push((i, unsafe { self.ready(i)? }));
        }
        let mut steps = Vec::new();
        let mut ready = ready.into_iter().peekable();
        while let Some((i, first)) = ready.next() {
            match ready.next_if(|&(next, _)| self.graph.nodes[next].in_bands) {
                // SAFETY: passed on from the caller.
                Some((_, second)) => steps.extend(unsafe { self.pair(i, [first, second])? }),
                None => steps.push(Step::one(i, first, self.options.threads)),
            }
        }
        Ok(steps)
    }

    /// Node `i`; nothing is done for a view.
    ///
    /// # Safety
    /// As [`Self::steps`].
    unsafe fn ready(&mut self, i: usize) -> Result<PreparedNode, SessionError> {
        let node = &self.graph.nodes[i];
        let inputs: Vec<Place> = node.inputs.iter().map(|&v| self.plan.place(v)).collect();
        let output = self.plan.place(Value::of_node(i));
        let maps = self.maps(inputs.iter().chain([&output]));
        let at = |place: &Place| self.arena.wrapping_add(place.offset);
        let places =
            Places::new(inputs.iter().map(|place| at(place).cast_const()).collect(), at(&output));
        let (name, kernel) = if node.view {
            let nothing: Box<dyn Kernel> = Box::new(Nothing { tasks: 0 });
            (OpRecord::VIEW.to_owned(), nothing)
        } else {
            let layouts: Vec<Layout> = inputs.iter().map(|place| place.layout).collect();
            let (inputs, output) = (&layouts[..], output.layout);
            let spot = Spot { node, inputs, output, io: places.io() };
            // SAFETY: the operands lie in the arena, for which the caller vouches.
            unsafe { self.choose.kernel(self.team, &spot)? }
        };
        Ok(PreparedNode { name, kernel, places, maps })
    }

    /// The maps at `places`, each once.
    fn maps<'p>(&self, places: impl Iterator<Item = &'p Place>) -> Vec<Span> {
        let mut seen: Vec<Place> = Vec::new();
        for place in places {
            if !seen.contains(place) {
                seen.push(*place);
            }
        }
        let span = |place: Place| Span {
            from: self.arena.wrapping_add(place.offset).cast_const(),
            len: place.layout.span(),
        };
        seen.into_iter().map(span).collect()
    }

    /// Node `i` and the one after it: in bands, where both kernels can and it pays, else one by one.
    ///
    /// # Safety
    /// As [`Self::steps`].
    unsafe fn pair(
        &mut self,
        i: usize,
        nodes: [PreparedNode; 2],
    ) -> Result<Vec<Step>, SessionError> {
        let threads = self.options.threads;
        let apart = |nodes: [PreparedNode; 2]| {
            (i..).zip(nodes).map(|(i, node)| Step::one(i, node, threads)).collect()
        };
        let of_graph = [&self.graph.nodes[i], &self.graph.nodes[i + 1]];
        let [first, second] = of_graph.map(|node| node.inputs[0]);
        let maps = [first, second, Value::of_node(i + 1)].map(|v| self.plan.place(v).layout);
        let Some(rows) = Bands::rows(&nodes, maps) else { return Ok(apart(nodes)) };
        let bands = Bands::new(nodes, maps, rows);
        // SAFETY: as above.
        if !unsafe { self.choose.in_bands(self.team, of_graph, &bands)? } {
            return Ok(apart(bands.into_nodes()));
        }
        let bands = match self.options.keep {
            Keep::Output => bands,
            Keep::Each | Keep::Everything => bands.keeping(),
        };
        Ok(vec![Step::in_bands(i, bands, threads)])
    }
}
