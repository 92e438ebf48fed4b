//! Where a network forks into branches that meet again.

use crate::{Binary, Graph, Op, Value};
use profile::Class;
use std::collections::BTreeSet;

/// Everything between a value and the addition or concatenation at which all that comes of it meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// What the region begins with.
    pub fork: Value,
    /// Nodes in a row between there and the branches, read by nobody else.
    pub stem: Vec<usize>,
    /// The node at which they meet.
    pub join: usize,
    /// Nodes of each branch, in the order in which they run. No node is in two of them: what shares
    /// nodes is one branch.
    pub branches: Vec<Vec<usize>>,
}

impl Region {
    /// All its nodes but the join.
    pub fn nodes(&self) -> impl Iterator<Item = usize> {
        self.stem.iter().chain(self.branches.iter().flatten()).copied()
    }

    /// The region with the convolution before it and what stands between them, if all that was made
    /// for the branches alone.
    pub fn with_stem(&self, graph: &Graph) -> Option<Self> {
        let inside: Vec<usize> = self.nodes().collect();
        let mut region = Self { stem: Vec::new(), ..self.clone() };
        loop {
            let i = region.fork.node()?;
            let own = |j: usize| j == self.join || inside.contains(&j) || region.stem.contains(&j);
            let mut nodes = graph.nodes.iter().enumerate();
            let shared = nodes.any(|(j, n)| n.inputs.contains(&region.fork) && !own(j));
            let node = &graph.nodes[i];
            let &[input] = node.inputs.as_slice() else { return None };
            if shared || graph.outputs.contains(&region.fork) {
                return None;
            }
            region.stem.insert(0, i);
            region.fork = input;
            if node.op.class() == Class::Conv {
                return Some(region);
            }
        }
    }
}

/// The regions of `graph` with two or more branches that convolve or pool, inner ones first.
/// Regions from whose inside something else reads are left out.
pub fn regions(graph: &Graph) -> Vec<Region> {
    let forks = dominators(graph);
    let joins = graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| matches!(node.op, Op::Concat(_)) || node.op == Binary::ADD.into());
    joins
        .filter_map(|(join, _)| region(graph, forks[join]?, join))
        .filter(|region| region.branches.iter().filter(|b| is_fragment(graph, b)).count() > 1)
        .collect()
}

/// A branch counts where it has a convolution or a pooling window, as the paper counts the
/// fragments of a block. (A global average belongs to a gate.)
fn is_fragment(graph: &Graph, branch: &[usize]) -> bool {
    branch.iter().any(|&i| match &graph.nodes[i].op {
        Op::Pool2d(_) => graph.nodes[i].output.area() > 1,
        op => op.class() == Class::Conv,
    })
}

/// For each node, the last value that every path from the network's inputs to its output passes; `None` where
/// paths from several inputs have no value in common.
fn dominators(graph: &Graph) -> Vec<Option<Value>> {
    let mut last: Vec<Option<Value>> = Vec::new();
    for node in &graph.nodes {
        let inputs = node.inputs.iter().copied().map(Some);
        last.push(inputs.reduce(|a, b| meet(&last, a?, b?)).flatten());
    }
    last
}

/// Where the paths back from two values meet.
fn meet(last: &[Option<Value>], mut a: Value, mut b: Value) -> Option<Value> {
    // A value's dominator always stands before it, so the later of the two steps back.
    while a != b {
        let later = if a > b { &mut a } else { &mut b };
        *later = last[later.node()?]?;
    }
    Some(a)
}

fn region(graph: &Graph, fork: Value, join: usize) -> Option<Region> {
    let mut branches: Vec<BTreeSet<usize>> = Vec::new();
    for &end in &graph.nodes[join].inputs {
        let mut branch = between(graph, fork, end);
        // What shares nodes is one branch.
        branches.retain(|other| {
            let apart = other.is_disjoint(&branch);
            if !apart {
                branch.extend(other);
            }
            apart
        });
        branches.push(branch);
    }
    let inside: BTreeSet<usize> = branches.iter().flatten().copied().collect();
    let is_inside = |v: &Value| v.node().is_some_and(|i| inside.contains(&i));
    let readers = graph.nodes.iter().enumerate().filter(|(_, n)| n.inputs.iter().any(is_inside));
    let closed = readers.map(|(i, _)| i).all(|i| i == join || inside.contains(&i));
    let branches = branches.into_iter().map(|b| b.into_iter().collect()).collect();
    let stem = Vec::new();
    (closed && !graph.outputs.iter().any(is_inside)).then_some(Region {
        fork,
        stem,
        join,
        branches,
    })
}

/// Nodes on the paths from `fork` to `end`, `end` included.
fn between(graph: &Graph, fork: Value, end: Value) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![end];
    while let Some(value) = open.pop() {
        if value != fork
            && let Some(i) = value.node()
            && found.insert(i)
        {
            open.extend(&graph.nodes[i].inputs);
        }
    }
    found
}
