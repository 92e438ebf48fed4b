//! G4: the network without its element-wise operators.

use crate::Graph;
use profile::Class;

/// The same network without activations, additions, products and batch norms that stand alone: each
/// reader reads the operator's first input instead, which has the shape of its output (the branch,
/// where a shortcut was added; the maps, where a gate scaled them).
///
/// Every other operator stays and runs, also where nobody reads it any longer (a projection that was
/// only added, the operators of a gate): the convolutions, their shapes and their weights are the
/// same, and so are mult-adds.
pub fn without_element_wise(graph: &Graph) -> Graph {
    let without = graph.rewritten(|new, _, node| match node.op.class() {
        Class::ElementWise => node.inputs[0],
        _ => new.push(node),
    });
    Graph { name: format!("{} without element-wise operators", graph.name), ..without }
}
