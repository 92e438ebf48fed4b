//! Takes each channel shuffle into the concatenation before it: both maps are written shuffled at
//! once.

use super::absorb::{Seen, absorbing};
use crate::{ConcatShuffle, Graph, Node, Op};

/// The same network, each channel shuffle that is the only reader of a concatenation of two maps of
/// one shape made one operator with it.
pub fn fuse_shuffle(graph: &Graph) -> Graph {
    absorbing(graph, fused)
}

fn fused(seen: &Seen<'_>) -> Option<(usize, Node)> {
    let Op::ChannelShuffle(shuffle) = seen.node.op else { return None };
    let (at, before) = seen.sole_source(0)?;
    let (Op::Concat(_), [a, b]) = (&before.op, &before.inputs[..]) else { return None };
    if seen.shape(*a) != seen.shape(*b) {
        return None;
    }
    let op = ConcatShuffle { groups: shuffle.groups }.into();
    Some((at, Node { op, ..before.clone() }))
}
