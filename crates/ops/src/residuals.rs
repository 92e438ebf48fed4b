//! Residual branches whose drawn weights keep activations of one size.

use crate::{BatchNorm, Binary, Graph, Op, Value};

/// Gives the batch norm that ends a residual branch a small γ.
///
/// With γ = 1 every addition would double the variance, and a hundred units would leave f32's
/// range, or drive the sigmoids of their gates into denormals. Training starts such networks in
/// the same way, with γ = 0 (Goyal et al. 2017, arXiv 1706.02677, section 5.1). The branch is the
/// addition's first input.
pub(crate) fn calm(graph: &mut Graph) {
    const GAIN: f32 = 0.25;
    let additions = graph.nodes.iter().filter(|n| n.op == Binary::ADD.into());
    let branches: Vec<Value> = additions.map(|n| n.inputs[0]).collect();
    for mut value in branches {
        while let Some(node) = value.node().map(|i| &mut graph.nodes[i]) {
            match &mut node.op {
                Op::BatchNorm(BatchNorm { gain, .. }) => {
                    *gain = GAIN;
                    break;
                }
                // A gate or an activation after it.
                Op::Binary(Binary::MUL) | Op::Unary(_) => value = node.inputs[0],
                _ => break,
            }
        }
    }
}
