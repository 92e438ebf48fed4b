//! G1 and G2: one convolution alone, as it is and with other channels at equal mult-adds.
//!
//! Only the two channel counts and the groups change; maps, taps, stride and bias stay.

use crate::{Conv2d, Epilogue, Graph, Node, Op, Recipe, Value};
use profile::Shape;

/// What balancing must save of memory access cost to be worth a run.
const WORTH: f64 = 1.05;

/// Mult-adds may differ by so much for the sake of channels that are aligned and near their ratio:
/// whoever compares times allows for it.
const DRIFT: f64 = 0.05;

/// How far channels may be from their ideal ratio, as a factor on each count.
const LEEWAY: f64 = 1.15;

/// Node `i` alone: a network of one operator over an input of its own.
pub fn alone(graph: &Graph, i: usize) -> Graph {
    let node = &graph.nodes[i];
    single(graph, node, graph.input_shapes(node)[0], node.op.clone(), node.output)
}

/// The dense convolution at node `i` alone with channels of least memory access cost. `None` where
/// it is no dense convolution, is within 5 % of that already, reads an input of the network, whose
/// channels are given, or has another number of pixels on either side.
///
/// At equal mult-adds c₁·c₂ is given, and access is least where both maps are equally large: at equal
/// channels where they have as many pixels. Where they have not, that is not what G1 asks for.
pub fn with_balanced_channels(graph: &Graph, i: usize) -> Option<Graph> {
    let node = &graph.nodes[i];
    let Op::Conv2d(conv) = &node.op else { return None };
    if conv.groups != 1 || node.inputs[0].node().is_none() {
        return None;
    }
    let input = graph.input_shapes(node)[0];
    if input.pixels() != node.output.pixels() {
        return None;
    }
    let (c1, c2) = channels((input.c * conv.out) as f64, 1.0, alignment(input.c, conv.out));
    let rewritten = with_channels(graph, node, c1, Conv2d { out: c2, ..*conv });
    let access_per_mul_add = |graph: &Graph| {
        let cost = graph.cost();
        cost.access.elements() as f64 / cost.mul_adds as f64
    };
    let saved = access_per_mul_add(&alone(graph, i)) / access_per_mul_add(&rewritten);
    (saved > WORTH).then_some(rewritten)
}

/// The grouped convolution at node `i` alone as a dense one: both channel counts over √g. `None`
/// where it is no convolution in groups of several channels.
pub fn without_groups(graph: &Graph, i: usize) -> Option<Graph> {
    let node = &graph.nodes[i];
    let Op::Conv2d(conv) = &node.op else { return None };
    let input = graph.input_shapes(node)[0];
    if conv.groups == 1 || conv.groups == input.c {
        return None;
    }
    let product = (input.c * conv.out) as f64 / conv.groups as f64;
    let ratio = conv.out as f64 / input.c as f64;
    let (c1, c2) = channels(product, ratio, alignment(input.c, conv.out));
    Some(with_channels(graph, node, c1, Conv2d { out: c2, groups: 1, ..*conv }))
}

fn with_channels(graph: &Graph, node: &Node, c1: usize, conv: Conv2d) -> Graph {
    let input = graph.input_shapes(node)[0].with_channels(c1);
    single(graph, node, input, conv.into(), node.output.with_channels(conv.out))
}

fn single(graph: &Graph, node: &Node, input: Shape, op: Op, output: Shape) -> Graph {
    // A node that borrows its weights has no owner here.
    let recipe = match &node.recipe {
        Recipe::Shared { .. } => Recipe::Drawn,
        own => own.clone(),
    };
    let epilogue = Epilogue { add: false, ..node.epilogue };
    let inputs = vec![Value::INPUT];
    let node = Node { op, inputs, output, recipe, epilogue, ..node.clone() };
    Graph {
        name: format!("{}: {} alone", graph.name, node.name),
        inputs: vec![input],
        nodes: vec![node],
        outputs: vec![Value::of_node(0)],
        level: graph.level,
        training_params: 0,
        stored: graph.stored.clone(),
    }
}

/// The largest power of two up to 8 that divides both: what vector kernels gain from even channels,
/// the rewritten convolution shall not lose.
pub(super) fn alignment(c1: usize, c2: usize) -> usize {
    1 << (c1 | c2 | 8).trailing_zeros()
}

/// Channels c₁ and c₂, multiples of `step` if possible, with c₁·c₂ within [`DRIFT`] of `product` if
/// possible, and c₂/c₁ as near to `ratio` as that allows.
fn channels(product: f64, ratio: f64, step: usize) -> (usize, usize) {
    let ideal = (product / ratio).sqrt();
    let nearest = |x: f64| ((x / step as f64).round() as usize).max(1) * step;
    let (low, high) = (nearest(ideal / LEEWAY), nearest(ideal * LEEWAY));
    let drift = |(c1, c2): (usize, usize)| ((c1 * c2) as f64 / product).ln().abs();
    let off = |(c1, _): (usize, usize)| (c1 as f64 / ideal).ln().abs();
    let pairs = (low..=high).step_by(step).map(|c1| (c1, nearest(product / c1 as f64)));
    let close = pairs.filter(|pair| drift(*pair) <= DRIFT);
    match close.min_by(|a, b| off(*a).total_cmp(&off(*b))) {
        Some(pair) => pair,
        None if step > 1 => channels(product, ratio, step / 2),
        None => (nearest(ideal), nearest(product / nearest(ideal) as f64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GraphBuilder;

    /// A convolution that does not read the network's input.
    fn network(c1: usize, conv: Conv2d) -> Graph {
        let mut b = GraphBuilder::new("test", Shape::new(1, 3, 28, 28));
        let x = b.push("stem", Conv2d::new(c1, 1), &[Value::INPUT]).expect("a stem");
        let x = b.push("conv", conv, &[x]).expect("a convolution");
        b.finish(x)
    }

    fn channels_of(graph: &Graph) -> (usize, usize) {
        (graph.inputs[0].c, graph.nodes[0].output.c)
    }

    #[test]
    fn balanced_by_hand() {
        let balanced = |c1, conv| with_balanced_channels(&network(c1, conv), 1);
        let of = |c1, conv| channels_of(&balanced(c1, conv).unwrap());
        assert_eq!(of(32, Conv2d::new(128, 1)), (64, 64));
        assert_eq!(of(256, Conv2d::new(64, 3).padding(1)), (128, 128));
        assert_eq!(
            balanced(64, Conv2d::new(256, 3).padding(1).stride(2)),
            None,
            "a quarter of the pixels"
        );
        assert_eq!(balanced(64, Conv2d::new(64, 1)), None);
        assert_eq!(balanced(64, Conv2d::new(96, 1)), None, "within 5 %");
        assert_eq!(balanced(64, Conv2d::new(256, 1).groups(2)), None);
        assert_eq!(with_balanced_channels(&network(64, Conv2d::new(64, 1)), 0), None, "the image");
    }

    #[test]
    fn dense_by_hand() {
        let dense = |c1, conv| without_groups(&network(c1, conv), 1);
        let found = dense(256, Conv2d::new(512, 1).groups(4)).unwrap();
        assert_eq!(channels_of(&found), (128, 256));
        assert_eq!(dense(64, Conv2d::new(64, 1)), None);
        assert_eq!(dense(64, Conv2d::depthwise(64, 3)), None);
    }

    #[test]
    fn aligned_channels_stay_aligned_where_that_costs_little() {
        assert_eq!([alignment(24, 144), alignment(12, 64), alignment(58, 58)], [8, 4, 2]);
        assert_eq!(alignment(3, 8), 1);
        for (c1, c2) in [(24, 144), (32, 192), (64, 384), (96, 576), (160, 960), (16, 96)] {
            let (a, b) = channels(f64::from(c1 * c2), 1.0, 8);
            let drift = (a * b) as f64 / f64::from(c1 * c2) - 1.0;
            assert!(drift.abs() < 0.051, "{c1}→{c2}: {a}→{b}");
            assert!(a.is_multiple_of(4) && b.is_multiple_of(4), "{c1}→{c2}: {a}→{b}");
        }
        assert_eq!(channels(1.0, 1.0, 8), (1, 1));
    }
}
