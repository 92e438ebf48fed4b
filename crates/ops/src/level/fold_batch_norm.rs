//! Folds each batch norm, or value a channel, into the convolution or linear operator before it.
//!
//! At inference y = γ·(conv(x) + b − μ)/√(σ² + ε) + β is again a convolution, with scaled weights
//! and a bias. The ShuffleNetV2 paper measures networks in this form.

use super::absorb::{Seen, absorbing};
use crate::{Graph, Node, Op, Recipe};
use profile::Level;

/// The same network, each batch norm or value a channel that follows a convolution (and is its only reader)
/// folded into it. Other batch norms, such as those of pre-activation networks and those with another's weights,
/// stay.
pub fn fold_batch_norm(graph: &Graph) -> Graph {
    Graph { level: Level::Folded, ..absorbing(graph, folded) }
}

/// Where the node can be folded: the convolution's place and the merged node.
fn folded(seen: &Seen<'_>) -> Option<(usize, Node)> {
    matches!(seen.node.op, Op::BatchNorm(_) | Op::ChannelAffine(_)).then_some(())?;
    let (at, before) = seen.sole_source(0)?;
    // Folding draws by this node's own name: one with another's weights would get others.
    if before.recipe != Recipe::Drawn || seen.node.recipe != Recipe::Drawn {
        return None;
    }
    let (op, had_bias) = with_bias(&before.op)?;
    let folded = seen.node.op.clone();
    let recipe = Recipe::Folded { node: seen.node.name.clone(), folded, had_bias };
    Some((at, Node { op, recipe, ..before.clone() }))
}

/// A convolution or linear operator with a bias, and whether it had one.
fn with_bias(op: &Op) -> Option<(Op, bool)> {
    match op.clone() {
        Op::Conv2d(conv) => Some((crate::Conv2d { bias: true, ..conv }.into(), conv.bias)),
        Op::ConvTranspose2d(conv) => {
            Some((crate::ConvTranspose2d { bias: true, ..conv }.into(), conv.bias))
        }
        Op::Linear(linear) => Some((crate::Linear { bias: true, ..linear }.into(), linear.bias)),
        _ => None,
    }
}
