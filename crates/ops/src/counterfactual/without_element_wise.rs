//! G4: the network without its element-wise operators.

use crate::{Graph, Node, Value};
use profile::Class;

/// The same network without activations, additions, products and batch norms that stand alone: each
/// reader reads the operator's first input instead, which has the shape of its output (the branch,
/// where a shortcut was added; the maps, where a gate scaled them).
///
/// Every other operator stays and runs, also where nobody reads it any longer (a projection that was
/// only added, the operators of a gate): the convolutions, their shapes and their weights are the
/// same, and so are mult-adds.
pub fn without_element_wise(graph: &Graph) -> Graph {
    let mut nodes: Vec<Node> = Vec::new();
    // The new value that stands for each old one.
    let mut moved = vec![Value::INPUT];
    for node in &graph.nodes {
        let inputs: Vec<Value> = node.inputs.iter().map(|v| moved[v.index()]).collect();
        if node.op.class() == Class::ElementWise {
            moved.push(inputs[0]);
        } else {
            nodes.push(Node { inputs, ..node.clone() });
            moved.push(Value::of_node(nodes.len() - 1));
        }
    }
    let name = format!("{} without element-wise operators", graph.name);
    Graph { name, nodes, output: moved[graph.output.index()], ..graph.clone() }
}
