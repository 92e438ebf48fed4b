//! One branch, widened to do the mult-adds of all.

use crate::{ChannelShuffle, Conv2d, Graph, Node, Op, Value, counterfactual::channels::alignment};
use profile::Shape;

/// Mult-adds of the widened branch may differ from those of all branches by so much.
const DRIFT: f64 = 0.05;

/// Halvings of the interval in which the factor on the widths is sought: far finer than a channel.
const STEPS: usize = 40;

/// The branch of `chain` (nodes that read each other in a row, the first `input`) with all widths
/// inside it times one factor, so that it makes `output` out of `input` with `mul_adds` mult-adds.
/// Inputs of its nodes are left to the caller. `None` where it is no such chain, or no factor comes
/// close.
///
/// Widths inside are those of all convolutions that are not depthwise, but the last. A split at its
/// head goes: the branch reads all channels.
pub fn widened(
    graph: &Graph,
    chain: &[usize],
    (input, output): (Shape, Shape),
    mul_adds: u64,
) -> Option<Vec<Node>> {
    let nodes = links(graph, chain)?;
    let last = nodes.iter().rposition(|node| width(graph, node).is_some())?;
    let mut best: Option<(f64, Vec<Node>)> = None;
    for aligned in [true, false] {
        let (mut low, mut high) = (1.0_f64 / 256.0, 256.0_f64);
        for _ in 0..STEPS {
            let factor = (low * high).sqrt();
            let Some(found) = scaled(graph, &nodes, last, (input, output), factor, aligned) else {
                break;
            };
            let done = cost(input, &found);
            let drift = done as f64 / mul_adds as f64 - 1.0;
            if best.as_ref().is_none_or(|(least, _)| drift.abs() < *least) {
                best = Some((drift.abs(), found));
            }
            if done < mul_adds { low = factor } else { high = factor }
        }
        if best.as_ref().is_some_and(|(drift, _)| *drift <= DRIFT) {
            break;
        }
    }
    best.filter(|(drift, _)| *drift <= DRIFT).map(|(_, nodes)| nodes)
}

/// The nodes of `chain` without a split at its head; `None` where they are no chain of operators
/// that take any number of channels.
fn links<'g>(graph: &'g Graph, chain: &[usize]) -> Option<Vec<&'g Node>> {
    let in_a_row =
        chain.windows(2).all(|pair| graph.nodes[pair[1]].inputs == [Value::of_node(pair[0])]);
    let nodes = chain.iter().map(|&i| &graph.nodes[i]);
    let nodes: Vec<&Node> = nodes
        .enumerate()
        .filter(|(i, n)| *i > 0 || !matches!(n.op, Op::ChannelSplit(_)))
        .map(|(_, n)| n)
        .collect();
    let any_width = nodes.iter().all(|node| {
        node.inputs.len() == 1
            && matches!(
                node.op,
                Op::Conv2d(_)
                    | Op::Unary(_)
                    | Op::BatchNorm(_)
                    | Op::ChannelAffine(_)
                    | Op::LayerNorm(_)
                    | Op::MapConstant(_)
                    | Op::Pool2d(_)
                    | Op::ChannelShuffle(_)
                    | Op::LocalResponseNorm(_)
            )
    });
    (in_a_row && any_width).then_some(nodes)
}

/// The convolution that sets the width of what follows; depthwise ones keep that of their input.
fn width(graph: &Graph, node: &Node) -> Option<Conv2d> {
    match &node.op {
        Op::Conv2d(conv) if conv.groups == 1 || conv.groups != graph.input_shapes(node)[0].c => {
            Some(*conv)
        }
        _ => None,
    }
}

/// The chain with widths times `factor`, shapes inferred anew; `None` where an operator cannot take
/// its input or the output has another shape.
fn scaled(
    graph: &Graph,
    nodes: &[&Node],
    last: usize,
    (input, output): (Shape, Shape),
    factor: f64,
    aligned: bool,
) -> Option<Vec<Node>> {
    let mut at = input;
    let mut found = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        let op = match (&node.op, width(graph, node)) {
            (_, Some(conv)) if i == last => Conv2d { out: output.c, ..conv }.into(),
            (_, Some(conv)) => {
                let step = if aligned { alignment(conv.out, conv.out) } else { 1 };
                let step = least_common_multiple(step, conv.groups);
                let out = (conv.out as f64 * factor / step as f64).round().max(1.0) as usize * step;
                Conv2d { out, ..conv }.into()
            }
            (Op::Conv2d(depthwise), None) => {
                let per_channel = depthwise.out / depthwise.groups;
                Conv2d { out: at.c * per_channel, groups: at.c, ..*depthwise }.into()
            }
            (Op::ChannelShuffle(shuffle), None) => shuffled(*shuffle, node.output.c, at.c).into(),
            (op, None) => op.clone(),
        };
        at = op.output(&[at]).ok()?;
        found.push(Node { op, output: at, ..(*node).clone() });
    }
    (at == output).then_some(found)
}

/// `shuffle` of other channels: in as many groups or, where those do not divide them (the inverse of a
/// shuffle has as many groups as a group has channels), with as many channels a group.
const fn shuffled(shuffle: ChannelShuffle, before: usize, now: usize) -> ChannelShuffle {
    match now.is_multiple_of(shuffle.groups) {
        true => shuffle,
        false => ChannelShuffle { groups: now / (before / shuffle.groups) },
    }
}

fn cost(input: Shape, nodes: &[Node]) -> u64 {
    let inputs = [input].into_iter().chain(nodes.iter().map(|n| n.output));
    inputs.zip(nodes).map(|(input, node)| node.op.mul_adds(&[input], node.output)).sum()
}

fn least_common_multiple(a: usize, b: usize) -> usize {
    let (mut x, mut y) = (a, b);
    while y > 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}
