//! Laws of lowering: what folding and fusing keep, and what they must leave alone.

#![allow(clippy::unwrap_used, reason = "a network that cannot run should end the test")]

mod common;
#[path = "../src/dice.rs"]
mod dice;

use common::unit;
use dice::{Dice, random};
use ops::{
    BatchNorm, Binary, ChannelAffine, ChannelShuffle, ChannelSplit, Concat, Conv2d,
    ConvTranspose2d, Graph, GraphBuilder, Keep, Linear, Node, Pool2d, Session, Source, Stored,
    Tensor, Unary, UnaryFn, Value, Weight,
    cpu::{CpuOptions, CpuSession},
    level::Pass,
    verify::verify,
};
use profile::{Level, Shape};

const INPUT: Shape = Shape::new(1, 6, 8, 8);
const RELU: Unary = Unary(UnaryFn::Relu);

/// The network that `build` makes over [`INPUT`].
fn network(build: impl FnOnce(&mut GraphBuilder) -> Value) -> Graph {
    let mut b = GraphBuilder::new("test", INPUT);
    let output = build(&mut b);
    b.finish(output)
}

/// Kinds of the folded network's operators, after all that folding must keep was checked.
fn folded_kinds(raw: &Graph) -> Vec<&'static str> {
    let folded = raw.at(Level::Folded);
    assert_eq!(raw.cost().params, folded.cost().params);
    assert_eq!(raw.cost().mul_adds, folded.cost().mul_adds);
    assert_eq!(raw.shape(raw.outputs[0]), folded.shape(folded.outputs[0]));
    assert_eq!(folded.at(Level::Folded), folded, "folding twice is folding once");
    same_outputs(raw, &folded);
    folded.nodes.iter().map(|n| n.op.kind()).collect()
}

fn same_outputs(raw: &Graph, folded: &Graph) {
    let inputs = raw.drawn_inputs(0);
    let [a, b] = [raw, folded].map(|graph| {
        let mut session = CpuSession::prepare(graph, CpuOptions::default()).unwrap();
        session.set_inputs(&inputs).unwrap();
        session.run().unwrap();
        session.fetch(graph.output_nodes().next().unwrap()).unwrap()
    });
    assert_close(&a, &b);
}

fn assert_close(a: &Tensor, b: &Tensor) {
    let scale = a.max_abs();
    assert!(scale > 0.0);
    for (x, y) in a.data().iter().zip(b.data()) {
        assert!((x - y).abs() <= 1e-5 * scale, "{x} and {y}, scale {scale}");
    }
}

#[test]
fn a_whole_unit_loses_its_batch_norms_and_nothing_else() {
    let raw = unit(Shape::new(1, 3, 16, 16)).unwrap();
    let kinds = folded_kinds(&raw);
    assert!(!kinds.contains(&"batch_norm"), "{kinds:?}");
    assert_eq!(kinds.len(), raw.nodes.len() - 3);
}

#[test]
fn a_linear_operator_takes_its_batch_norm_too() {
    let raw = network(|b| {
        let x = b.push("pool", Pool2d::global_average(), &[Value::INPUT]).unwrap();
        let x = b.push("fc", Linear::new(5), &[x]).unwrap();
        b.push("bn", BatchNorm::default(), &[x]).unwrap()
    });
    assert_eq!(folded_kinds(&raw), ["global_avg_pool2d", "linear"]);
}

#[test]
fn a_value_a_channel_is_folded_with_its_parameters() {
    for conv in [Conv2d::new(6, 3), Conv2d::new(6, 3).bias()] {
        for affine in [ChannelAffine::SCALE, ChannelAffine::SHIFT, ChannelAffine::BOTH] {
            let raw = network(|b| {
                let x = b.push("conv", conv, &[Value::INPUT]).unwrap();
                b.push("affine", affine, &[x]).unwrap()
            });
            assert_eq!(folded_kinds(&raw), ["conv2d"]);
        }
    }
}

#[test]
fn a_transposed_convolution_takes_its_batch_norm_and_its_activation() {
    for op in [ConvTranspose2d::new(9, 3).stride(2), ConvTranspose2d::new(6, 2).stride(2).groups(6)]
    {
        let raw = network(|b| {
            let x = b.push("up", op, &[Value::INPUT]).unwrap();
            let x = b.push("bn", BatchNorm::default(), &[x]).unwrap();
            b.push("relu", RELU, &[x]).unwrap()
        });
        assert_eq!(folded_kinds(&raw), ["conv_transpose2d", "relu"]);
        let fused = raw.at(Level::Fused);
        assert_eq!(fused.nodes.len(), 1);
        same_outputs(&raw, &fused);
    }
}

#[test]
fn functions_of_any_slope_stay_and_others_are_taken_in() {
    let raw = network(|b| {
        let x = b.push("conv1", Conv2d::new(6, 3), &[Value::INPUT]).unwrap();
        let x = b.push("gelu", Unary(UnaryFn::Gelu), &[x]).unwrap();
        let x = b.push("conv2", Conv2d::new(6, 1), &[x]).unwrap();
        b.push("exp", Unary(UnaryFn::Exp), &[x]).unwrap()
    });
    assert_eq!(fused(&raw, &[]), ["conv2d+gelu", "conv2d", "exp"]);
}

#[test]
fn a_batch_norm_with_another_s_weights_stays() {
    let raw = network(|b| {
        let x = b.push("conv0", Conv2d::new(6, 1), &[Value::INPUT]).unwrap();
        let x = b.push("bn", BatchNorm::default(), &[x]).unwrap();
        let x = b.push("conv1", Conv2d::new(6, 1), &[x]).unwrap();
        b.push_shared("again", BatchNorm::default(), &[x], "bn").unwrap()
    });
    assert_eq!(folded_kinds(&raw), ["conv2d", "conv2d", "batch_norm"]);
}

#[test]
fn a_batch_norm_whose_convolution_has_another_reader_stays() {
    let raw = network(|b| {
        let conv = b.push("conv", Conv2d::new(6, 1), &[Value::INPUT]).unwrap();
        let norm = b.push("bn", BatchNorm::default(), &[conv]).unwrap();
        b.push("add", Binary::ADD, &[conv, norm]).unwrap()
    });
    assert_eq!(folded_kinds(&raw), ["conv2d", "batch_norm", "add"]);
}

#[test]
fn a_convolution_that_is_the_output_stays_as_it_is() {
    let raw = network(|b| {
        let conv = b.push("conv", Conv2d::new(6, 1), &[Value::INPUT]).unwrap();
        b.push("bn", BatchNorm::default(), &[conv]).unwrap();
        conv
    });
    assert_eq!(folded_kinds(&raw), ["conv2d", "batch_norm"]);
}

#[test]
fn the_batch_norm_before_an_activation_stays() {
    let raw = network(|b| {
        let x = b.push("bn1", BatchNorm::default(), &[Value::INPUT]).unwrap();
        let x = b.push("relu1", RELU, &[x]).unwrap();
        let x = b.push("conv1", Conv2d::new(4, 3), &[x]).unwrap();
        let x = b.push("bn2", BatchNorm::default(), &[x]).unwrap();
        let x = b.push("relu2", RELU, &[x]).unwrap();
        let x = b.push("bn3", BatchNorm::default(), &[x]).unwrap();
        b.push("conv2", Conv2d::new(4, 1), &[x]).unwrap()
    });
    let expected = ["batch_norm", "relu", "conv2d", "relu", "batch_norm", "conv2d"];
    assert_eq!(folded_kinds(&raw), expected);
}

#[test]
fn of_two_batch_norms_in_a_row_the_first_is_folded() {
    let raw = network(|b| {
        let x = b.push("conv", Conv2d::new(4, 1).bias(), &[Value::INPUT]).unwrap();
        let x = b.push("bn1", BatchNorm { scale: false, ..BatchNorm::default() }, &[x]).unwrap();
        b.push("bn2", BatchNorm::default(), &[x]).unwrap()
    });
    let folded = raw.at(Level::Folded);
    assert_eq!(folded.nodes.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(), ["conv", "bn2"]);
    same_outputs(&raw, &folded);
}

/// Each operator of the fused network with what was taken into it, after all that fusing must keep
/// was checked.
fn fused(raw: &Graph, without: &[&str]) -> Vec<String> {
    let without: Vec<Pass> = without.iter().map(|name| name.parse().unwrap()).collect();
    let (folded, fused) = (raw.at(Level::Folded), raw.fused_without(&without));
    let (before, after) = (folded.cost(), fused.cost());
    assert_eq!((before.params, before.mul_adds), (after.params, after.mul_adds));
    assert_eq!(before.flops, after.flops, "what is taken in computes as before");
    assert!(after.access.elements() <= before.access.elements());
    assert_eq!(raw.shape(raw.outputs[0]), fused.shape(fused.outputs[0]));
    same_outputs(raw, &fused);
    let options = CpuOptions { keep: Keep::Everything, ..CpuOptions::default() };
    let mut session = CpuSession::prepare(&fused, options).unwrap();
    let verified = verify(&mut session, &raw.drawn_inputs(0), 0).unwrap();
    assert!(verified.passed(), "{verified:?}");
    let name = |node: &Node| {
        let parts = [vec![node.op.kind()], node.epilogue.names()].concat().join("+");
        if node.view { format!("{parts} in place") } else { parts }
    };
    fused.nodes.iter().map(name).collect()
}

/// A kernel and a γ that are these numbers everywhere, and a batch norm that does nothing else.
#[derive(Debug)]
struct Numbers {
    kernel: f32,
    gamma: f32,
}

impl Source for Numbers {
    fn rows(&self, _: &str, weight: &Weight, rows: std::ops::Range<usize>) -> Option<Tensor> {
        let number = match weight.name {
            "weight" => self.kernel,
            "gamma" => self.gamma,
            "variance" => 1.0,
            _ => 0.0,
        };
        Some(Tensor::from_fn(Shape { n: rows.len(), ..weight.shape }, |_| number))
    }
}

/// Subnormal numbers would slow kernels down: what is one when all is folded is 0, and nothing else.
#[test]
fn weights_that_folding_makes_normal_are_kept() {
    for (kernel, gamma, raw, folded) in
        [(1e-40, 1e10, 0.0, 1e-30), (1e-20, 1e-20, 1e-20, 0.0), (1e-40, 1.0, 0.0, 0.0)]
    {
        let plain = network(|b| {
            let x = b.push("conv", Conv2d::new(6, 1), &[Value::INPUT]).unwrap();
            b.push("bn", BatchNorm { epsilon: 1e-12, ..BatchNorm::default() }, &[x]).unwrap()
        });
        let graph = Graph { stored: Some(Stored::new(Numbers { kernel, gamma })), ..plain };
        for (graph, expected) in [(&graph, raw), (&graph.at(Level::Folded), folded)] {
            let got = graph.weights(&graph.nodes[0], 0)[0].data()[0];
            assert!((got - expected).abs() <= 1e-4 * expected, "{got} at {}", graph.level);
        }
    }
}

/// A residual unit: a convolution with batch norm, the input added, an activation.
fn residual(b: &mut GraphBuilder, last: UnaryFn) -> Value {
    let x = b.push("conv", Conv2d::new(6, 1), &[Value::INPUT]).unwrap();
    let x = b.push("bn", BatchNorm::default(), &[x]).unwrap();
    let x = b.push("add", Binary::ADD, &[x, Value::INPUT]).unwrap();
    b.push("last", Unary(last), &[x]).unwrap()
}

#[test]
fn activations_end_the_operators_before_them() {
    let raw = network(|b| {
        let x = b.push("bn1", BatchNorm::default(), &[Value::INPUT]).unwrap();
        let x = b.push("relu1", RELU, &[x]).unwrap();
        let x = b.push("conv", Conv2d::new(8, 1), &[x]).unwrap();
        let x = b.push("bn2", BatchNorm::default(), &[x]).unwrap();
        let x = b.push("silu", Unary(UnaryFn::Silu), &[x]).unwrap();
        let x = b.push("dw", Conv2d::depthwise(8, 3), &[x]).unwrap();
        let x = b.push("relu2", RELU, &[x]).unwrap();
        let x = b.push("pool", Pool2d::global_average(), &[x]).unwrap();
        let x = b.push("fc", Linear::new(5), &[x]).unwrap();
        b.push("gate", Unary(UnaryFn::HardSigmoid), &[x]).unwrap()
    });
    let expected = [
        "batch_norm+relu",
        "conv2d+silu",
        "conv2d+relu",
        "global_avg_pool2d",
        "linear+hard_sigmoid",
    ];
    assert_eq!(fused(&raw, &[]), expected);
}

#[test]
fn an_activation_that_is_not_the_only_reader_stays() {
    let raw = network(|b| {
        let conv = b.push("conv", Conv2d::new(6, 1), &[Value::INPUT]).unwrap();
        let relu = b.push("relu", RELU, &[conv]).unwrap();
        b.push("mul", Binary::MUL, &[conv, relu]).unwrap()
    });
    assert_eq!(fused(&raw, &[]), ["conv2d", "relu", "mul"]);
}

#[test]
fn of_two_activations_in_a_row_the_first_is_taken() {
    let raw = network(|b| {
        let x = b.push("conv", Conv2d::new(6, 1), &[Value::INPUT]).unwrap();
        let x = b.push("relu", RELU, &[x]).unwrap();
        b.push("tanh", Unary(UnaryFn::Tanh), &[x]).unwrap()
    });
    assert_eq!(fused(&raw, &[]), ["conv2d+relu", "tanh"]);
}

#[test]
fn an_activation_behind_a_pool_stays_and_so_does_one_that_bends_behind_an_addition() {
    let raw = network(|b| {
        let x = b.push("pool", Pool2d::max(2, 2), &[Value::INPUT]).unwrap();
        let x = b.push("relu", RELU, &[x]).unwrap();
        let x = b.push("add", Binary::ADD, &[x, x]).unwrap();
        b.push("tanh", Unary(UnaryFn::Tanh), &[x]).unwrap()
    });
    assert_eq!(fused(&raw, &[]), ["max_pool2d", "relu", "add", "tanh"]);
}

#[test]
fn a_residual_unit_is_one_convolution() {
    let raw = network(|b| residual(b, UnaryFn::Relu));
    assert_eq!(fused(&raw, &[]), ["conv2d+add+relu"]);
    let node = &raw.at(Level::Fused).nodes[0];
    assert_eq!(node.attrs()["epilogue"], serde_json::json!(["add", "relu"]));
    let cost = raw.at(Level::Fused).node_cost(node);
    let map = INPUT.elements() as u64;
    assert_eq!((cost.access.read, cost.access.written), (2 * map, map));
    assert_eq!(cost.flops, 2 * cost.mul_adds + 2 * map);
}

#[test]
fn each_pass_can_be_left_out() {
    let raw = network(|b| residual(b, UnaryFn::Relu));
    assert_eq!(fused(&raw, &["fuse_add"]), ["conv2d", "add+relu"]);
    assert_eq!(fused(&raw, &["fuse_activation"]), ["conv2d+add", "relu"]);
    assert_eq!(fused(&raw, &["fuse_activation", "fuse_add"]), ["conv2d", "add", "relu"]);
    assert!("fuse_all".parse::<Pass>().unwrap_err().to_string().contains("fuse_add"));
}

#[test]
fn of_two_branches_the_later_one_adds_the_earlier() {
    let raw = network(|b| {
        let x = b.push("left", Conv2d::new(7, 1), &[Value::INPUT]).unwrap();
        let y = b.push("right", Conv2d::new(7, 1), &[Value::INPUT]).unwrap();
        b.push("add", Binary::ADD, &[x, y]).unwrap()
    });
    assert_eq!(fused(&raw, &[]), ["conv2d", "conv2d+add"]);
}

#[test]
fn an_addition_stays_where_no_convolution_can_take_it() {
    // An activation before it, another reader, a broadcast, a depthwise convolution.
    let activated = network(|b| {
        let x = b.push("conv", Conv2d::new(6, 1), &[Value::INPUT]).unwrap();
        let x = b.push("relu", RELU, &[x]).unwrap();
        b.push("add", Binary::ADD, &[x, Value::INPUT]).unwrap()
    });
    assert_eq!(fused(&activated, &[]), ["conv2d+relu", "add"]);
    let read_twice = network(|b| {
        let x = b.push("conv", Conv2d::new(6, 1), &[Value::INPUT]).unwrap();
        let y = b.push("add", Binary::ADD, &[x, Value::INPUT]).unwrap();
        b.push("mul", Binary::MUL, &[x, y]).unwrap()
    });
    assert_eq!(fused(&read_twice, &[]), ["conv2d", "add", "mul"]);
    let broadcast = network(|b| {
        let pooled = b.push("pool", Pool2d::global_average(), &[Value::INPUT]).unwrap();
        let x = b.push("conv", Conv2d::new(6, 1), &[Value::INPUT]).unwrap();
        b.push("add", Binary::ADD, &[x, pooled]).unwrap()
    });
    assert_eq!(fused(&broadcast, &[]), ["global_avg_pool2d", "conv2d", "add"]);
    let depthwise = network(|b| {
        let x = b.push("dw", Conv2d::depthwise(6, 3), &[Value::INPUT]).unwrap();
        b.push("add", Binary::ADD, &[x, Value::INPUT]).unwrap()
    });
    assert_eq!(fused(&depthwise, &[]), ["conv2d", "add"]);
}

/// The halves of the input's channels.
fn halves(b: &mut GraphBuilder) -> [Value; 2] {
    [0, 3].map(|start| {
        let split = ChannelSplit { start, len: 3 };
        b.push(format!("split{start}"), split, &[Value::INPUT]).unwrap()
    })
}

#[test]
fn a_shufflenet_unit_moves_data_once() {
    let raw = network(|b| {
        let [left, right] = halves(b);
        let x = b.push("conv", Conv2d::new(3, 1), &[right]).unwrap();
        let x = b.push("concat", Concat, &[left, x]).unwrap();
        let x = b.push("shuffle", ChannelShuffle { groups: 2 }, &[x]).unwrap();
        b.push("next", Conv2d::depthwise(6, 3), &[x]).unwrap()
    });
    let split = "channel_split in place";
    assert_eq!(fused(&raw, &[]), [split, split, "conv2d", "concat_shuffle", "conv2d"]);
    let apart = [split, split, "conv2d", "concat", "channel_shuffle", "conv2d"];
    assert_eq!(fused(&raw, &["fuse_shuffle"]), apart);
    let graph = raw.at(Level::Fused);
    let session = CpuSession::prepare(&graph, CpuOptions::default()).unwrap();
    assert_eq!(session.kernels()[..2], ["view", "view"]);
    assert_eq!(graph.node_cost(&graph.nodes[0]).access.elements(), 0);
}

#[test]
fn a_shuffle_stays_where_its_concatenation_is_read_elsewhere_or_is_lopsided() {
    let read_twice = network(|b| {
        let x = b.push("concat", Concat, &[Value::INPUT, Value::INPUT]).unwrap();
        let y = b.push("shuffle", ChannelShuffle { groups: 2 }, &[x]).unwrap();
        b.push("mul", Binary::MUL, &[x, y]).unwrap()
    });
    assert_eq!(fused(&read_twice, &[]), ["concat", "channel_shuffle", "mul"]);
    let lopsided = network(|b| {
        let x = b.push("conv", Conv2d::new(2, 1), &[Value::INPUT]).unwrap();
        let y = b.push("conv2", Conv2d::new(4, 1), &[Value::INPUT]).unwrap();
        let x = b.push("concat", Concat, &[x, y]).unwrap();
        b.push("shuffle", ChannelShuffle { groups: 2 }, &[x]).unwrap()
    });
    assert_eq!(fused(&lopsided, &[]), ["conv2d", "conv2d", "concat in place", "channel_shuffle"]);
}

#[test]
fn what_makes_a_concatenation_writes_into_it_even_through_another() {
    let raw = network(|b| {
        let x = b.push("conv1", Conv2d::new(4, 1), &[Value::INPUT]).unwrap();
        let y = b.push("conv2", Conv2d::new(5, 3).padding(1), &[x]).unwrap();
        let dense = b.push("dense1", Concat, &[x, y]).unwrap();
        let z = b.push("conv3", Conv2d::new(3, 1), &[dense]).unwrap();
        let dense = b.push("dense2", Concat, &[dense, z]).unwrap();
        b.push("pool", Pool2d::max(2, 2), &[dense]).unwrap()
    });
    let concat = "concat in place";
    let expected = ["conv2d", "conv2d", concat, "conv2d", concat, "max_pool2d"];
    assert_eq!(fused(&raw, &[]), expected);
}

#[test]
fn a_concatenation_lies_round_the_one_whose_parts_it_begins_with() {
    // A dense block; what begins otherwise, or begins like one that lies in another, is copied.
    let raw = network(|b| {
        let mut maps = vec![b.push("conv0", Conv2d::new(4, 1), &[Value::INPUT]).unwrap()];
        for i in 1..=3 {
            let all = if i == 1 { maps[0] } else { b.push(format!("{i}"), Concat, &maps).unwrap() };
            maps.push(b.push(format!("conv{i}"), Conv2d::new(3, 1), &[all]).unwrap());
        }
        let all = b.push("all", Concat, &maps).unwrap();
        let fork = b.push("fork", Concat, &[maps[0], maps[1], maps[3]]).unwrap();
        let pools = [("pool1", all), ("pool2", fork)]
            .map(|(name, x)| b.push(name, Pool2d::max(2, 2), &[x]).unwrap());
        b.push("end", Concat, &pools).unwrap()
    });
    let [conv, concat, pool] = ["conv2d", "concat in place", "max_pool2d"];
    let block = [conv, conv, concat, conv, concat, conv, concat];
    let behind = ["concat", pool, pool, concat];
    assert_eq!(fused(&raw, &[]), [&block[..], &behind].concat());
}

#[test]
fn a_concatenation_copies_what_lies_elsewhere() {
    // The network's input, a part of another map, the same map twice.
    let of_input = network(|b| {
        let x = b.push("conv", Conv2d::new(4, 1), &[Value::INPUT]).unwrap();
        b.push("concat", Concat, &[Value::INPUT, x]).unwrap()
    });
    assert_eq!(fused(&of_input, &[]), ["conv2d", "concat"]);
    let of_part = network(|b| {
        let [left, right] = halves(b);
        let x = b.push("conv", Conv2d::new(4, 1), &[right]).unwrap();
        b.push("concat", Concat, &[left, x]).unwrap()
    });
    let split = "channel_split in place";
    assert_eq!(fused(&of_part, &[]), [split, split, "conv2d", "concat"]);
    assert_eq!(
        fused(&of_part, &["view_split"]),
        ["channel_split", "channel_split", "conv2d", "concat in place"]
    );
    let twice = network(|b| {
        let x = b.push("conv", Conv2d::new(4, 1), &[Value::INPUT]).unwrap();
        b.push("concat", Concat, &[x, x]).unwrap()
    });
    assert_eq!(fused(&twice, &[]), ["conv2d", "concat"]);
}

#[test]
fn a_map_lies_in_one_concatenation_only() {
    let raw = network(|b| {
        let x = b.push("conv1", Conv2d::new(4, 1), &[Value::INPUT]).unwrap();
        let y = b.push("conv2", Conv2d::new(4, 1), &[Value::INPUT]).unwrap();
        let first = b.push("first", Concat, &[x, y]).unwrap();
        let second = b.push("second", Concat, &[y, x]).unwrap();
        b.push("mul", Binary::MUL, &[first, second]).unwrap()
    });
    assert_eq!(fused(&raw, &[]), ["conv2d", "conv2d", "concat in place", "concat", "mul"]);
}

/// A map made of one half of the input joined with the other half, in this order; whether what makes it
/// may write both.
fn joined(order: [usize; 2], shuffled: bool, read_twice: bool) -> bool {
    let raw = network(|b| {
        let [left, right] = halves(b);
        let x = b.push("conv", Conv2d::new(3, 1), &[right]).unwrap();
        let mut y = b.push("concat", Concat, &order.map(|i| [left, x][i])).unwrap();
        if shuffled {
            y = b.push("shuffle", ChannelShuffle { groups: 2 }, &[y]).unwrap();
        }
        let other =
            b.push("other", Conv2d::new(6, 1), &[if read_twice { x } else { left }]).unwrap();
        b.push("mul", Binary::MUL, &[y, other]).unwrap()
    });
    raw.at(Level::Fused).nodes.iter().any(|node| node.joined)
}

#[test]
fn what_makes_the_second_of_two_maps_for_nobody_else_may_write_both() {
    for shuffled in [false, true] {
        assert!(joined([0, 1], shuffled, false));
        assert!(!joined([1, 0], shuffled, false), "the other map is no work of its own");
        assert!(!joined([0, 1], shuffled, true), "another reads it");
    }
}

#[test]
fn a_depthwise_convolution_runs_in_bands_with_the_pointwise_one_behind_it() {
    for (kernel, stride, images) in [(3, 1, 1), (3, 2, 1), (5, 1, 2), (4, 1, 1)] {
        // Two images of rows that no band divides; the map between is too large for the cache.
        let mut b =
            GraphBuilder::new("separable", Shape::new(images, 32, 59 * stride, 47 * stride));
        let depthwise = Conv2d::depthwise(32, kernel).stride(stride).bias();
        let x = b.push("depthwise", depthwise, &[Value::INPUT]).unwrap();
        let x = b.push("relu", RELU, &[x]).unwrap();
        let x = b.push("pointwise", Conv2d::new(24, 1).bias(), &[x]).unwrap();
        let y = b.push("other", Conv2d::new(24, 1), &[x]).unwrap();
        let sum = b.push("add", Binary::ADD, &[x, y]).unwrap();
        let raw = b.finish(sum);
        let expected = fused(&raw, &["band_depthwise"]);
        assert_eq!(expected, fused(&raw, &[]), "what is computed is the same");
        let graph = raw.at(Level::Fused);
        let [apart, bands] = [raw.at(Level::Folded), graph].map(|graph| {
            let run = |threads| {
                let options = CpuOptions { threads, ..CpuOptions::default() };
                let mut session = CpuSession::prepare(&graph, options).unwrap();
                session.set_inputs(&graph.drawn_inputs(0)).unwrap();
                session.run().unwrap();
                let mut times = vec![0; graph.nodes.len()];
                session.run_timed(&mut times).unwrap();
                let own = "each node has a time of its own";
                assert!(times.iter().all(|&ns| ns > 0), "{own}: {times:?}");
                times.fill(0);
                session.run_warm(&mut times).unwrap();
                assert!(times.iter().all(|&ns| ns > 0), "{own}: {times:?}");
                (session.kernels(), session.fetch(graph.output_nodes().next().unwrap()).unwrap())
            };
            [run(1), run(3)]
        });
        for ((_, expected), (kernels, got)) in apart.iter().zip(&bands) {
            assert!(kernels[..2].iter().all(|k| k.ends_with(" in bands")), "{kernels:?}");
            assert_close(expected, got);
        }
        // What either makes can be looked at while others run on.
        let graph = raw.at(Level::Fused);
        let options = CpuOptions { threads: 3, keep: Keep::Each, ..CpuOptions::default() };
        let mut session = CpuSession::prepare(&graph, options).unwrap();
        let verified = verify(&mut session, &graph.drawn_inputs(0), 0).unwrap();
        assert!(verified.passed(), "{verified:?}");
        assert_eq!(verified.nodes, graph.nodes.len());
    }
}

#[test]
fn what_another_reads_or_lies_elsewhere_does_not_run_in_bands() {
    let banded = |raw: &Graph| raw.at(Level::Fused).nodes.iter().filter(|n| n.in_bands).count();
    let depthwise = Conv2d::depthwise(6, 3);
    let read_twice = network(|b| {
        let x = b.push("dw", depthwise, &[Value::INPUT]).unwrap();
        let y = b.push("pw", Conv2d::new(6, 1), &[x]).unwrap();
        b.push("mul", Binary::MUL, &[x, y]).unwrap()
    });
    assert_eq!(banded(&read_twice), 0);
    let apart = network(|b| {
        let x = b.push("dw", depthwise, &[Value::INPUT]).unwrap();
        let y = b.push("other", Conv2d::new(6, 1), &[Value::INPUT]).unwrap();
        let x = b.push("pw", Conv2d::new(6, 1), &[x]).unwrap();
        b.push("mul", Binary::MUL, &[x, y]).unwrap()
    });
    assert_eq!(banded(&apart), 0);
    let dense = network(|b| {
        let x = b.push("conv", Conv2d::new(6, 3), &[Value::INPUT]).unwrap();
        b.push("pw", Conv2d::new(6, 1), &[x]).unwrap()
    });
    assert_eq!(banded(&dense), 0);
    let separable = network(|b| {
        let x = b.push("dw", depthwise, &[Value::INPUT]).unwrap();
        b.push("pw", Conv2d::new(6, 1), &[x]).unwrap()
    });
    assert_eq!(banded(&separable), 1);
}

/// A network of up to 20 operators, each of which reads whatever came before it.
fn random_network(dice: &mut Dice) -> Graph {
    network(|b| {
        let mut values = vec![Value::INPUT];
        for i in 0..dice.within(3..=20) {
            let [x, y] = [dice.pick(&values), dice.pick(&values)];
            let (c, same) = (b.shape(x).c, b.shape(x) == b.shape(y));
            let name = format!("node{i}");
            let value = match dice.within(0..=7) {
                0 if c > 1 => {
                    let start = dice.within(0..=c - 2);
                    let len = dice.within(1..=c - start);
                    b.push(name, ChannelSplit { start, len }, &[x])
                }
                1 | 2 if c + b.shape(y).c < 64 => b.push(name, Concat, &[x, y]),
                3 if same => b.push(name, Binary::ADD, &[x, y]),
                4 if c % 2 == 0 => b.push(name, ChannelShuffle { groups: 2 }, &[x]),
                5 => b.push(name, Conv2d::depthwise(c, 3), &[x]),
                6 => b.push(name, RELU, &[x]),
                _ => b.push(name, Conv2d::new(dice.within(1..=8), 1).bias(), &[x]),
            };
            values.push(value.unwrap());
        }
        values[values.len() - 1]
    })
}

#[test]
fn random_networks_make_the_same_when_they_are_fused() {
    random(300, |dice| {
        let raw = random_network(dice);
        let [expected, got] = [raw.at(Level::Folded), raw.at(Level::Fused)].map(|graph| {
            let mut session = CpuSession::prepare(&graph, CpuOptions::default()).unwrap();
            session.set_inputs(&graph.drawn_inputs(0)).unwrap();
            // Twice: nothing may be left of the first run.
            session.run().unwrap();
            session.run().unwrap();
            session.fetch(graph.output_nodes().next().unwrap()).unwrap()
        });
        for (x, y) in expected.data().iter().zip(got.data()) {
            assert!((x - y).abs() <= 1e-4 * expected.max_abs().max(1.0), "{x} and {y}: {raw:?}");
        }
    });
}
