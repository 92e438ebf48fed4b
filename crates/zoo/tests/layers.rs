//! Networks operator by operator against traces of other implementations.
//!
//! `data/layers/*.csv` lists the operators that a PyTorch implementation runs: the packages and
//! authors' code named in `data/networks.csv`. A few networks (LeNet-5, AlexNet of 2012, GoogLeNet
//! of 2014, MobileNetV1, highway networks) were written down from their papers for it.

#![allow(clippy::unwrap_used, reason = "a broken table should end the test")]

use ops::{Graph, Node, Op, PoolFn, Sides, Unary, UnaryFn};
use serde::Deserialize;

/// How the order of a trace compares with the graph's.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Same,
    /// The trace runs a unit's branches in another order than the graph's: a projection shortcut
    /// before the main branch, or between its last convolution and its gate; the additions of several
    /// branches after all of them.
    Branches,
    /// The same, but the trace shows no shuffle: taking even and odd channels is a view there.
    NoShuffle,
}
use Order::{Branches, NoShuffle, Same};

/// A trace's file, the model that it is of, and its order.
const TRACES: &[(&str, &str, Order)] = &[
    ("alexnet2012_g2", "alexnet_2012", Same),
    ("alexnet_torchvision", "alexnet", Same),
    ("bninception", "bn_inception", Same),
    ("convnext_atto", "convnext_atto", Same),
    ("deeplabv3_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large", Same),
    ("densenet121", "densenet121", Same),
    ("densenet169", "densenet169", Same),
    ("efficientnet_b0", "efficientnet_b0", Same),
    ("efficientnet_v2_s", "efficientnet_v2_s", Same),
    ("ese_vovnet19b_dw", "ese_vovnet19b_dw", Same),
    ("ese_vovnet39b", "ese_vovnet39b", Same),
    ("fasternet_t0", "fasternet_t0", Same),
    ("fasternet_t2", "fasternet_t2", Same),
    ("ghostnet_100", "ghostnet_100", Same),
    ("googlenet_torchvision", "googlenet", Same),
    ("googlenet_v1_original", "googlenet_2014", Same),
    ("highway10_mnist", "highway10_mnist", Same),
    ("highway19_cifar10", "highway19_cifar10", Same),
    ("hrnet_w18_small", "hrnet_w18_small", Same),
    ("inception_resnet_v1", "inception_resnet_v1", Same),
    ("inception_resnet_v2", "inception_resnet_v2", Same),
    ("inception_v3", "inception_v3", Same),
    ("inception_v4", "inception_v4", Same),
    ("lenet5", "lenet5", Same),
    ("lraspp_mobilenet_v3_large", "lraspp_mobilenet_v3_large", Same),
    ("mobilenet_v2", "mobilenet_v2", Same),
    ("mobilenet_v3_large", "mobilenet_v3_large", Same),
    ("mobilenetv1_0.25", "mobilenet_v1(width=0.25)", Same),
    ("mobilenetv1_0.5", "mobilenet_v1(width=0.5)", Same),
    ("mobilenetv1_0.75", "mobilenet_v1(width=0.75)", Same),
    ("mobilenetv1_1.0", "mobilenet_v1", Same),
    ("mobilenetv4_conv_medium", "mobilenetv4_conv_medium", Same),
    ("mobilenetv4_conv_small", "mobilenetv4_conv_small", Same),
    ("mobileone_s0", "mobileone_s0", Branches),
    ("mobileone_s4_deploy", "mobileone_s4_deploy", Same),
    ("pyramidnet101_a360_imagenet", "pyramidnet101_a360", Same),
    ("pyramidnet110_a270_cifar10", "pyramidnet110_a270_cifar10", Same),
    ("pyramidnet110_a48_cifar10", "pyramidnet110_a48_cifar10", Same),
    ("regnet_x_200mf", "regnet_x_200mf", Branches),
    ("regnet_y_400mf", "regnet_y_400mf", Same),
    ("repvgg_a0", "repvgg_a0", Branches),
    ("repvgg_b1g4_deploy", "repvgg_b1g4_deploy", Same),
    ("res2net50_26w_4s", "res2net50_26w_4s", Same),
    ("resnet18", "resnet18", Same),
    ("resnet50", "resnet50", Same),
    ("resnet101", "resnet101", Same),
    ("resnet50_v1_stride_in_1x1", "resnet50_v1", Branches),
    ("resnext50_32x4d", "resnext50_32x4d", Same),
    ("se_resnet50", "seresnet50", Same),
    ("se_resnet50_v1", "legacy_seresnet50", Branches),
    ("senet154", "legacy_senet154", Branches),
    ("shufflenetv1_g1_1x", "shufflenet_v1(groups=1,order=paper,bias=true)", Same),
    ("shufflenetv1_g2_1x", "shufflenet_v1(groups=2,order=paper,bias=true)", Same),
    ("shufflenetv1_g3_1x", "shufflenet_v1(groups=3,order=paper,bias=true)", Same),
    ("shufflenetv1_g8_1x", "shufflenet_v1(groups=8,order=paper,bias=true)", Same),
    ("shufflenetv1_megvii_g3_0.5x", "shufflenet_v1(groups=3,width=0.5)", Same),
    ("shufflenetv1_megvii_g3_1.0x", "shufflenet_v1", Same),
    ("shufflenetv1_megvii_g3_1.5x", "shufflenet_v1(width=1.5)", Same),
    ("shufflenetv1_megvii_g3_2.0x", "shufflenet_v1(width=2)", Same),
    ("shufflenetv1_megvii_g8_1.0x", "shufflenet_v1(groups=8)", Same),
    ("shufflenetv1_megvii_g8_1.5x", "shufflenet_v1(groups=8,width=1.5)", Same),
    ("shufflenetv2_megvii_0.5x", "shufflenet_v2(width=0.5)", NoShuffle),
    ("shufflenetv2_megvii_1.0x", "shufflenet_v2", NoShuffle),
    ("shufflenetv2_megvii_2.0x", "shufflenet_v2(width=2)", NoShuffle),
    ("shufflenetv2_torchvision_x0_5", "shufflenet_v2_x0_5", Same),
    ("shufflenetv2_torchvision_x1_0", "shufflenet_v2_x1_0", Same),
    ("shufflenetv2_torchvision_x2_0", "shufflenet_v2_x2_0", Same),
    ("squeezenet1_0", "squeezenet1_0", Same),
    ("starnet_s1", "starnet_s1", Same),
    ("unet", "unet", Same),
    ("unet_2015", "unet_2015", Same),
    ("unet_bilinear", "unet_bilinear", Same),
    ("vgg11", "vgg11", Same),
    ("vgg16", "vgg16", Same),
    ("vgg19", "vgg19", Same),
    ("vovnet39a", "vovnet39a", Same),
    ("wide_resnet50_2", "wide_resnet50_2", Same),
    ("wrn16_10_cifar10", "wrn16_10_cifar10", Same),
    ("wrn28_10_cifar10", "wrn28_10_cifar10", Same),
    ("wrn40_8_cifar10", "wrn40_8_cifar10", Same),
    ("xception", "xception", Same),
    ("zfnet", "zfnet", Same),
];

/// A line of a trace; fields that an operator has not are empty.
#[derive(Deserialize)]
struct Line {
    op: String,
    k: String,
    s: String,
    p: String,
    g: String,
    dil: String,
    bias: String,
    ceil: String,
    cip: String,
    #[serde(rename = "in")]
    input: String,
    out: String,
    params: Option<u64>,
    #[serde(rename = "macs")]
    mul_adds: Option<u64>,
    mem_elems: Option<u64>,
}

/// Operators that a trace does not show: they are views there.
const VIEWS: [&str; 2] = ["channel_split", "flatten"];

#[test]
fn every_operator_is_as_traced() {
    let mut failures = Vec::new();
    for &(file, model, order) in TRACES {
        let mut traced = trace(file);
        let mut drawn = drawing(&zoo::build(model, zoo::Options::default()).unwrap());
        match order {
            Same => {}
            Branches => {
                traced.sort();
                drawn.sort();
            }
            NoShuffle => drawn.retain(|op| op != "channel_shuffle"),
        }
        let differ = traced.iter().zip(&drawn).find(|(a, b)| a != b);
        if let Some((traced, drawn)) = differ {
            failures.push(format!("{file}: traced {traced}\n{model}: drawn  {drawn}"));
        } else if traced.len() != drawn.len() {
            failures.push(format!("{file}: {} operators, drawn {}", traced.len(), drawn.len()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_trace_is_compared() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/layers");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(TRACES.iter().any(|(file, ..)| *file == name), "{name} is not compared");
    }
}

/// The operators of a trace, in one spelling.
fn trace(file: &str) -> Vec<String> {
    let path = format!("{}/tests/data/layers/{file}.csv", env!("CARGO_MANIFEST_DIR"));
    let lines = csv::Reader::from_path(path).unwrap().into_deserialize();
    lines.map(Result::unwrap).filter(|l| !changes_nothing(l)).map(|l| traced(&l)).collect()
}

/// A concatenation of one map, or an adaptive pooling to the size that the map has.
fn changes_nothing(l: &Line) -> bool {
    match l.op.as_str() {
        "concat" => !l.input.contains('+'),
        "adaptive_avg" => l.input == l.out,
        _ => false,
    }
}

fn traced(l: &Line) -> String {
    let numbers = format!(
        "params {} mult-adds {} elements {}",
        l.params.unwrap_or(0),
        l.mul_adds.unwrap_or(0),
        l.mem_elems.unwrap_or(0)
    );
    let (input, out) = (shapes(&l.input), shapes(&l.out));
    match l.op.as_str() {
        "conv2d" => format!(
            "conv2d {}/{} p{} g{} d{} bias{} {input} -> {out} {numbers}",
            l.k, l.s, l.p, l.g, l.dil, l.bias
        ),
        "linear" => format!("linear bias{} {input} -> {out} {numbers}", l.bias),
        "avgpool" if out.ends_with("x1x1") => format!("global_avg_pool2d {input} -> {out}"),
        "global_avg" => format!("global_avg_pool2d {input} -> {out}"),
        "maxpool" | "avgpool" => {
            // Nothing is rounded at stride 1; without padding there is nothing to count.
            let ceil = if l.s == "1" { "0" } else { &l.ceil };
            let cip = if l.p == "0x0" { "" } else { &l.cip };
            let kind = if l.op == "maxpool" { "max_pool2d" } else { "avg_pool2d" };
            format!("{kind} {}/{} p{} ceil{ceil} cip{cip} {input} -> {out}", l.k, l.s, l.p)
        }
        "concat" => format!("concat {} -> {out}", l.input),
        // A gate may stand on either side; here it is the second input.
        "mul" if input.ends_with(&format!("+{out}")) => {
            let gate = input.strip_suffix(&format!("+{out}")).unwrap();
            format!("mul {out}+{gate} -> {out} params 0")
        }
        // Its own columns show how the channels are seen, not the map.
        "copy(shuffle)" => "channel_shuffle".to_owned(),
        op => format!("{} {input} -> {out} params {}", name(op), l.params.unwrap_or(0)),
    }
}

/// What an operator of a trace is called here.
fn name(op: &str) -> &str {
    match op {
        "batchnorm" => "batch_norm",
        "hardtanh" => "relu6",
        "rsub" => "one_minus",
        "hardswish" => "hard_swish",
        "hardsigmoid" => "hard_sigmoid",
        op => op,
    }
}

/// `1x5` is a row of features, `1x5x1x1` here.
fn shapes(text: &str) -> String {
    let one = |s: &str| match s.matches('x').count() {
        1 => format!("{s}x1x1"),
        _ => s.to_owned(),
    };
    text.split('+').map(one).collect::<Vec<_>>().join("+")
}

/// The operators of a graph in the spelling of [`traced`].
fn drawing(graph: &Graph) -> Vec<String> {
    let nodes = graph.nodes.iter().filter(|n| !VIEWS.contains(&n.op.kind()));
    nodes.flat_map(|n| drawn(graph, n)).collect()
}

fn drawn(graph: &Graph, node: &Node) -> Vec<String> {
    let inputs = graph.input_shapes(node);
    let shape = |s: &profile::Shape| format!("{}x{}x{}x{}", s.n, s.c, s.h, s.w);
    let pair = |(a, b): (usize, usize)| format!("{a}x{b}");
    let step = |(a, b): (usize, usize)| if a == b { a.to_string() } else { pair((a, b)) };
    let input = inputs.iter().map(shape).collect::<Vec<_>>().join("+");
    let out = shape(&node.output);
    let cost = graph.node_cost(node);
    let numbers = format!(
        "params {} mult-adds {} elements {}",
        cost.params,
        cost.mul_adds,
        cost.access.elements()
    );
    let kind = node.op.kind();
    let line = match &node.op {
        Op::Conv2d(c) => format!(
            "conv2d {}/{} p{} g{} d{} bias{} {input} -> {out} {numbers}",
            pair(c.kernel),
            step(c.stride),
            pair(c.padding.first()),
            c.groups,
            step(c.dilation),
            u8::from(c.bias)
        ),
        Op::Linear(l) => format!("linear bias{} {input} -> {out} {numbers}", u8::from(l.bias)),
        Op::Pool2d(p) => match p.kernel {
            None => format!("{kind} {input} -> {out}"),
            Some(k) => {
                let ceil = u8::from(p.ceil && p.stride != (1, 1));
                let cip = match p.function {
                    PoolFn::Average { count_padding } if p.padding != Sides::NONE => {
                        u8::from(count_padding).to_string()
                    }
                    _ => String::new(),
                };
                let (k, s, p) = (pair(k), step(p.stride), pair(p.padding.first()));
                format!("{kind} {k}/{s} p{p} ceil{ceil} cip{cip} {input} -> {out}")
            }
        },
        Op::Concat(_) => {
            let channels: Vec<String> = inputs.iter().map(|s| s.c.to_string()).collect();
            format!("concat {} -> {out}", channels.join("+"))
        }
        Op::ChannelShuffle(_) => kind.to_owned(),
        // PyTorch concatenates zeros.
        Op::ChannelPad(p) => format!("concat {}+{} -> {out}", inputs[0].c, p.out - inputs[0].c),
        // PyTorch squares, averages over channels (not traced), scales and shifts.
        Op::LocalResponseNorm(_) => {
            let square = format!("mul {input}+{input} -> {out} params 0");
            let scale = format!("mul {input} -> {out} params 0");
            let shift = format!("add {input} -> {out} params 0");
            return vec![square, scale, shift];
        }
        Op::Unary(Unary(UnaryFn::Scale(_))) => format!("mul {input} -> {out} params 0"),
        _ => format!("{kind} {input} -> {out} params {}", cost.params),
    };
    vec![line]
}
