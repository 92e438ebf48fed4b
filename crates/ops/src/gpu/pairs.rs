//! Depthwise convolutions that whole runs compute where the pointwise ones behind them read, in one dispatch.
//!
//! That saves a dispatch, and the map between the two is neither written nor read. It costs what each tile of output
//! channels computes anew. The model of a dispatch says which is less; no trial does. In runs that time operators, and
//! where the map between them is kept, each has dispatches of its own.

use super::{
    AdapterLimits, Candidate, Hardware, KernelPlan, Layouts, Site, Suits, candidates,
    joined::joined,
    room::{fitting, kernels},
    slots::Slots,
};
use crate::{
    Graph, Keep, Op,
    conv2d::gpu::{OF_PAIRS, Pair},
};
#[cfg(any(test, feature = "gpu"))]
use crate::{Tensor, Value};
use profile::Shape;
use std::collections::BTreeMap;

/// By its place among the nodes, each pointwise convolution that a whole run on an adapter of such traits computes
/// along with the depthwise one before it, and the plan of both.
pub fn paired(graph: &Graph, traits: AdapterLimits) -> BTreeMap<usize, KernelPlan> {
    let run = &joined(graph, Keep::Output);
    let slots = Slots::new(run, Keep::Output, traits);
    let planned = |nodes: Paired<'_>| {
        let plan = nodes.choose(&nodes.site(traits), None)?.plan;
        Some((nodes.second, plan))
    };
    Paired::all(run, &slots).filter_map(planned).collect()
}

/// Two nodes that one dispatch may do.
pub(super) struct Paired<'a> {
    graph: &'a Graph,
    slots: &'a Slots,
    /// The place of the pointwise convolution; the depthwise one stands before it.
    pub second: usize,
    pair: Pair,
    /// Shapes of what both read together, and how all their maps lie.
    inputs: Vec<Shape>,
    layouts: Layouts,
}

impl<'a> Paired<'a> {
    /// All of a graph whose maps lie so.
    pub fn all(graph: &'a Graph, slots: &'a Slots) -> impl Iterator<Item = Self> {
        (1..graph.nodes.len()).filter_map(|second| Self::new(graph, slots, second))
    }

    /// Node `second` with the one before it.
    fn new(graph: &'a Graph, slots: &'a Slots, second: usize) -> Option<Self> {
        let [before, node] = [second - 1, second].map(|i| &graph.nodes[i]);
        let (Op::Conv2d(first), Op::Conv2d(last), true) = (&before.op, &node.op, node.in_bands)
        else {
            return None;
        };
        let read = before.inputs[0];
        let pair = Pair::new(first, graph.shape(read), before.epilogue, last)?;
        let mut inputs = graph.input_shapes(node);
        inputs[0] = graph.shape(read);
        let mut layouts = slots.layouts(graph, second);
        layouts.inputs[0] = slots.layouts(graph, second - 1).inputs[0];
        Some(Self { graph, slots, second, pair, inputs, layouts })
    }

    /// What both read together, and what is written beside the output.
    #[cfg(any(test, feature = "gpu"))]
    pub fn reads(&self) -> impl Iterator<Item = Value> + '_ {
        let others = self.slots.reads(self.graph, self.second).skip(1);
        self.slots.reads(self.graph, self.second - 1).chain(others)
    }

    /// Weights of the second, then of the first.
    #[cfg(any(test, feature = "gpu"))]
    pub fn weights(&self, seed: u64) -> Vec<Tensor> {
        let of = |i: usize| self.graph.weights(&self.graph.nodes[i], seed);
        [of(self.second), of(self.second - 1)].concat()
    }

    /// Both as a kernel sees them.
    pub fn site(&self, traits: AdapterLimits) -> Site<'_> {
        let output = self.graph.nodes[self.second].output;
        Site::new(&self.inputs, output, traits).lying(&self.layouts)
    }

    /// The kernels for both, best first.
    pub fn kernels<'s>(&'s self, site: &'s Site<'s>) -> Vec<Candidate<'s>> {
        let end = self.graph.nodes[self.second].epilogue;
        fitting(candidates(&self.pair, OF_PAIRS, site), end, site)
    }

    /// The kernel for both: that of this name, or the fastest by the model where it is faster than a kernel each.
    pub fn choose<'s>(&'s self, site: &'s Site<'s>, name: Option<&str>) -> Option<Candidate<'s>> {
        let mut kernels = self.kernels(site).into_iter();
        if let Some(name) = name {
            return kernels.find(|kernel| kernel.name == name);
        }
        let gpu = site.traits.hardware?;
        let best = kernels.next().filter(|kernel| kernel.suits == Suits::Well)?;
        (best.plan.modelled_ns(&gpu) < self.apart_ns(site.traits, &gpu)).then_some(best)
    }

    /// What a kernel each takes by the model.
    fn apart_ns(&self, traits: AdapterLimits, gpu: &Hardware) -> f64 {
        let ns = |i: usize| {
            let node = &self.graph.nodes[i];
            let (inputs, layouts) =
                (self.graph.input_shapes(node), self.slots.layouts(self.graph, i));
            let site = Site::new(&inputs, node.output, traits).lying(&layouts);
            let fits = kernels(self.graph, i, &site);
            fits.map_or(f64::INFINITY, |kernels| kernels[0].plan.modelled_ns(gpu))
        };
        ns(self.second - 1) + ns(self.second)
    }
}
