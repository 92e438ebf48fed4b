//! Graphs made anew node by node, for passes that drop, merge or replace nodes: values are numbered anew.

use crate::{Graph, Node, Value};

/// A graph that takes another's place.
pub(crate) struct Rewriting {
    /// The nodes so far.
    pub nodes: Vec<Node>,
    /// The new value that stands for the output of each old node so far.
    moved: Vec<Value>,
}

impl Rewriting {
    /// The new value that stands for an old one.
    pub fn value(&self, old: Value) -> Value {
        old.node().map_or(old, |i| self.moved[i])
    }

    /// Appends a node, and returns its output.
    pub fn push(&mut self, node: Node) -> Value {
        self.nodes.push(node);
        Value::of_node(self.nodes.len() - 1)
    }
}

impl Graph {
    /// The graph that `rewrite` makes of this one. It is given each node's index and the node, whose inputs
    /// are numbered anew, and returns the value that stands for the node's output.
    pub(crate) fn rewritten(
        &self,
        mut rewrite: impl FnMut(&mut Rewriting, usize, Node) -> Value,
    ) -> Self {
        let mut new = Rewriting { nodes: Vec::new(), moved: Vec::new() };
        for (i, old) in self.nodes.iter().enumerate() {
            let inputs = old.inputs.iter().map(|&v| new.value(v)).collect();
            let value = rewrite(&mut new, i, Node { inputs, ..old.clone() });
            new.moved.push(value);
        }
        let outputs = self.outputs.iter().map(|&v| new.value(v)).collect();
        Self { nodes: new.nodes, outputs, ..self.clone() }
    }
}
