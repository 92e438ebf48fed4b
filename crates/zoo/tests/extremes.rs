//! Networks at the ends of their parameters: an error in one line, or costs that are exact.

use ops::{Conv2d, Graph, Interpolation, MOST_NODES, Node, Op, Pool2d, Resize};
use profile::{LARGEST_COUNT, Level, Shape};
use proptest::prelude::*;
use zoo::{
    FAMILIES, Family, Kind, Options, Parameter,
    micro::{GUIDES, Stack},
};

fn elements(s: Shape) -> u128 {
    [s.n, s.c, s.h, s.w].into_iter().map(|x| x as u128).product()
}

/// Mult-adds of an output element.
fn products(op: &Op, input: Shape) -> u128 {
    match op {
        Op::Conv2d(Conv2d { kernel: (h, w), groups, .. }) => {
            (*h as u128) * (*w as u128) * (input.c / groups) as u128
        }
        Op::Linear(_) => input.c as u128,
        _ => 0,
    }
}

/// Places under all windows of a pooling.
fn windows(pool: &Pool2d, input: Shape, output: Shape) -> u128 {
    let parts = |parts: usize, len: usize| -> u128 {
        let [parts, len] = [parts as u128, len as u128];
        (0..parts).map(|i| ((i + 1) * len).div_ceil(parts) - i * len / parts).sum()
    };
    let [rows, columns] = match pool.kernel {
        Some((h, w)) => [output.h as u128 * h as u128, output.w as u128 * w as u128],
        None => [parts(output.h, input.h), parts(output.w, input.w)],
    };
    (output.n * output.c) as u128 * rows * columns
}

/// Parameters, mult-adds, FLOPs and elements touched, from the operators' definitions.
fn reference(graph: &Graph, node: &Node) -> [u128; 4] {
    let (inputs, output) = (graph.input_shapes(node), node.output);
    let (x, out) = (inputs[0], elements(output));
    let weights: Vec<_> = node.op.weights(&inputs);
    let trained = weights.iter().filter(|w| w.trainable).map(|w| elements(w.shape)).sum();
    let mul_adds = match &node.op {
        // Each weight meets each input pixel.
        Op::ConvTranspose2d(_) => x.pixels() as u128 * elements(weights[0].shape),
        op => out * products(op, x),
    };
    let flops = match &node.op {
        Op::Conv2d(_) | Op::ConvTranspose2d(_) | Op::Linear(_) => 2 * mul_adds,
        Op::BatchNorm(_) => 2 * out,
        Op::LayerNorm(_) => 7 * out,
        Op::Binary(_) | Op::Unary(_) | Op::ChannelAffine(_) => out,
        Op::Resize(Resize { method: Interpolation::Linear, .. }) if x.area() > 1 => 8 * out,
        Op::Softmax(_) => 5 * out,
        Op::LocalResponseNorm(norm) => out * (2 * norm.size as u128 + 2),
        Op::ChannelPool(_) => elements(x),
        Op::Pool2d(pool) => windows(pool, x, output),
        _ => 0,
    };
    let read = match &node.op {
        Op::ChannelSplit(_) => out,
        // What is cut off is not read.
        Op::Pad2d(_) => out.min(elements(x)),
        _ => inputs.iter().map(|s| elements(*s)).sum(),
    };
    let read_weights = match &node.op {
        Op::Conv2d(_) | Op::ConvTranspose2d(_) | Op::Linear(_) => elements(weights[0].shape),
        Op::BatchNorm(_) | Op::LayerNorm(_) => 2 * x.c as u128,
        Op::ChannelAffine(_) => x.c as u128,
        _ => 0,
    };
    let shared = matches!(node.recipe, ops::Recipe::Shared { .. });
    [if shared { 0 } else { trained }, mul_adds, flops, read + out + read_weights]
}

/// A value of a parameter: mostly an end of its range.
fn value(kind: Kind) -> BoxedStrategy<String> {
    let wholes =
        |values: Vec<usize>| prop::sample::select(values).prop_map(|n| n.to_string()).boxed();
    match kind {
        Kind::Whole { min, max } => wholes(vec![min, max, max / 2, min.max(max.min(16))]),
        Kind::WholeOf { values } => wholes(values.to_vec()),
        Kind::Real { min, max } => {
            prop::sample::select(vec![min, max, 1.0]).prop_map(|x| x.to_string()).boxed()
        }
        Kind::Flag => any::<bool>().prop_map(|b| b.to_string()).boxed(),
        Kind::Word { values } => prop::sample::select(values).prop_map(str::to_owned).boxed(),
        Kind::Size { max } => {
            let edge = prop::sample::select(vec![1, 56, 1024, max]);
            (edge.clone(), edge).prop_map(|(h, w)| format!("{h}x{w}")).boxed()
        }
    }
}

fn specification(
    (name, parameters): (&'static str, &'static [Parameter]),
) -> impl Strategy<Value = String> {
    let one = |p: &Parameter| match p.default {
        Some(_) => prop::option::weighted(0.7, value(p.kind)).boxed(),
        None => value(p.kind).prop_map(Some).boxed(),
    };
    let values: Vec<_> = parameters.iter().map(one).collect();
    values.prop_map(move |values| {
        let given = parameters.iter().zip(values);
        let pairs: Vec<String> =
            given.filter_map(|(p, v)| Some(format!("{}={}", p.name, v?))).collect();
        format!("{name}({})", pairs.join(","))
    })
}

/// Every name that can be asked for, the guidelines' as often as all families together.
fn anything() -> impl Strategy<Value = String> {
    let families = FAMILIES.iter().map(|f| (f.name, f.parameters)).collect::<Vec<_>>();
    let guides = GUIDES.iter().map(|g| (g.name, g.parameters)).collect::<Vec<_>>();
    prop_oneof![prop::sample::select(families), prop::sample::select(guides)]
        .prop_flat_map(specification)
}

/// Checks the network's costs, at every level, against the operators' definitions; where it is refused, the words.
fn demand_exact_or_refused(spec: &str, options: Options) {
    let graph = match zoo::build(spec, options) {
        Ok(graph) => graph,
        Err(error) => {
            let message = error.to_string();
            assert!(!message.is_empty() && !message.contains('\n'), "{message}");
            return;
        }
    };
    let mut sum = [u128::from(graph.training_params), 0, 0, 0];
    for node in &graph.nodes {
        let expected = reference(&graph, node);
        let cost = graph.node_cost(node);
        let own = [cost.params, cost.mul_adds, cost.flops, cost.access.elements()];
        assert_eq!(own.map(u128::from), expected, "{spec} {}", node.name);
        sum.iter_mut().zip(expected).for_each(|(sum, own)| *sum += own);
    }
    let cost = graph.cost();
    let all = [cost.params, cost.mul_adds, cost.flops, cost.access.elements()];
    assert_eq!(all.map(u128::from), sum, "{spec}");
    assert_eq!(u128::from(cost.access.bytes()), 4 * sum[3]);
    let largest = sum[..3].iter().copied().max().unwrap_or(0).max(4 * sum[3]);
    assert!(largest <= u128::from(LARGEST_COUNT), "{spec}");
    assert!(graph.nodes.len() <= MOST_NODES);
    for level in [Level::Folded, Level::Fused] {
        let lowered = graph.at(level).cost();
        assert_eq!(lowered.mul_adds, cost.mul_adds);
        assert!(lowered.beyond().is_none(), "{spec} {level}");
    }
}

/// Heights and widths of an input; `None` for the network's own.
const SIZES: [Option<(usize, usize)>; 7] = [
    None,
    Some((1, 1)),
    Some((32, 32)),
    Some((33, 65)),
    Some((224, 224)),
    Some((4096, 4096)),
    Some((65_536, 65_536)),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn costs_are_exact_or_refused(
        spec in anything(),
        input in prop::sample::select(&SIZES[..]),
        batch in prop::sample::select(&[1_usize, 3, 65_536][..]),
    ) {
        demand_exact_or_refused(&spec, Options { input, batch });
    }
}

/// The ends of a parameter's range, as the command line writes them.
fn ends(kind: Kind) -> Vec<String> {
    match kind {
        Kind::Whole { min, max } => vec![min.to_string(), max.to_string()],
        Kind::WholeOf { values } => values.iter().map(ToString::to_string).collect(),
        Kind::Real { min, max } => vec![min.to_string(), max.to_string()],
        Kind::Flag => vec!["false".to_owned(), "true".to_owned()],
        Kind::Word { values } => values.iter().map(ToString::to_string).collect(),
        Kind::Size { max } => vec!["1x1".to_owned(), format!("{max}x{max}")],
    }
}

#[test]
fn every_family_has_ends() {
    let one =
        |family: &Family, p: &Parameter, end: &str| format!("{}({}={end})", family.name, p.name);
    for family in FAMILIES {
        for p in family.parameters {
            for spec in ends(p.kind).iter().map(|end| one(family, p, end)) {
                for input in &SIZES[..4] {
                    demand_exact_or_refused(&spec, Options { input: *input, batch: 1 });
                }
            }
        }
    }
}

#[test]
fn what_is_too_large_names_the_node_or_the_limit() {
    for (spec, what) in [
        (
            "g1(c1=65536,c2=65536,blocks=1024,size=1024x1024)",
            "node `block0.conv2` (conv2d) brings the network to 1.8e16 FLOPs",
        ),
        ("g3(channels=1,fragments=65536,series,blocks=65536)", "would have more than 65536 nodes"),
        ("g4(outer=1,inner=1,blocks=65536,size=1x1)", "would have more than 65536 nodes"),
        (
            "g2(channels=65536,groups=1,size=65536x65536)",
            "node `block0.conv` (conv2d) would need a tensor",
        ),
    ] {
        let message = zoo::build(spec, Options::default())
            .map(|graph| graph.name)
            .expect_err(spec)
            .to_string();
        assert!(message.contains(what), "{spec}: {message}");
    }
}

#[test]
fn a_stack_knows_its_nodes() {
    for spec in [
        "g1(c1=2,c2=3)",
        "g2(channels=4,groups=2,blocks=7)",
        "g3(channels=2,fragments=5,series)",
        "g3(channels=2,fragments=5,parallel)",
        "g3(channels=2,fragments=1,parallel)",
        "g4(outer=2,inner=2)",
        "g4(outer=2,inner=2,relu=false)",
        "g4(outer=2,inner=2,shortcut=false)",
        "g4(outer=2,inner=2,relu=false,shortcut=false,depthwise=true)",
    ] {
        let stack = Stack::named(spec).expect(spec).expect(spec);
        let graph = stack.build().expect(spec);
        assert_eq!(graph.nodes.len(), stack.nodes(), "{spec}");
    }
}
