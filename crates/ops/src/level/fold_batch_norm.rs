//! Folds each batch norm into the convolution or linear operator before it.
//!
//! At inference y = γ·(conv(x) + b − μ)/√(σ² + ε) + β is again a convolution, with scaled weights
//! and a bias. The ShuffleNetV2 paper measures networks in this form.

use crate::{Graph, Node, Op, Recipe, Value};
use profile::Level;

/// The same network, each batch norm that follows a convolution (and is its only reader) folded
/// into it. Other batch norms, such as those of pre-activation networks, stay.
pub fn fold_batch_norm(graph: &Graph) -> Graph {
    let readers = graph.readers();
    let mut nodes: Vec<Node> = Vec::new();
    // The new value that stands for each old one.
    let mut moved = vec![Value::INPUT; graph.nodes.len() + 1];
    for (i, node) in graph.nodes.iter().enumerate() {
        let inputs: Vec<Value> = node.inputs.iter().map(|v| moved[v.index()]).collect();
        let new = match folded(node, &inputs, &nodes, &readers) {
            Some((at, merged)) => {
                nodes[at] = merged;
                Value::of_node(at)
            }
            None => {
                nodes.push(Node { inputs, ..node.clone() });
                Value::of_node(nodes.len() - 1)
            }
        };
        moved[Value::of_node(i).index()] = new;
    }
    Graph { nodes, output: moved[graph.output.index()], level: Level::Folded, ..graph.clone() }
}

/// Where `node` is a batch norm that can be folded: the convolution's place and the merged node.
fn folded(
    node: &Node,
    inputs: &[Value],
    nodes: &[Node],
    readers: &[usize],
) -> Option<(usize, Node)> {
    let Op::BatchNorm(batch_norm) = node.op else { return None };
    let at = inputs[0].node()?;
    let before = &nodes[at];
    let only_reader = readers[node.inputs[0].index()] == 1;
    if !only_reader || before.recipe != Recipe::Drawn {
        return None;
    }
    let (op, had_bias) = with_bias(&before.op)?;
    let recipe = Recipe::Folded { node: node.name.clone(), batch_norm, had_bias };
    Some((at, Node { op, recipe, ..before.clone() }))
}

/// A convolution or linear operator with a bias, and whether it had one.
fn with_bias(op: &Op) -> Option<(Op, bool)> {
    match op.clone() {
        Op::Conv2d(conv) => Some((crate::Conv2d { bias: true, ..conv }.into(), conv.bias)),
        Op::Linear(linear) => Some((crate::Linear { bias: true, ..linear }.into(), linear.bias)),
        _ => None,
    }
}
