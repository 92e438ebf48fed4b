//! Every network of the zoo, and every block of the guideline experiments, as an ONNX model:
//! well-formed, and the same network.

use ops::{Graph, Op};
use profile::Level;
use prost::Message;
use std::collections::HashSet;

/// One network of each kind of block that the guideline experiments have.
const GUIDELINES: [&str; 5] = [
    "g1(c1=8,c2=24,size=5x5)",
    "g2(channels=8,groups=4,size=5x5)",
    "g3(channels=8,fragments=4,parallel,size=5x5)",
    "g4(outer=8,inner=4,size=5x5)",
    "g4(outer=8,inner=4,relu=false,depthwise=true,size=5x5)",
];

/// Networks small enough to write out, of every family.
fn graphs() -> impl Iterator<Item = Graph> {
    let models = zoo::models().into_iter().map(|model| model.name().to_owned());
    models
        .chain(GUIDELINES.map(str::to_owned))
        .map(|spec| zoo::build(&spec, zoo::Options::default()).expect("a preset builds"))
        .filter(|graph| graph.cost().params < 6_000_000)
}

fn written(graph: &Graph) -> onnx::proto::Graph {
    let bytes = onnx::bytes(graph, 0, &ops::Stop::default()).expect("a small network");
    let model = onnx::proto::Model::decode(bytes.as_slice()).expect("it was just encoded");
    model.graph.expect("a model has a graph")
}

#[test]
fn every_value_is_made_once_and_before_it_is_read() {
    for raw in graphs() {
        for level in [Level::Raw, Level::Folded] {
            let graph = written(&raw.at(level));
            let constants = graph.initializer.iter().map(|t| t.name.clone());
            let mut known: HashSet<String> = constants.chain(["input".to_owned()]).collect();
            assert_eq!(known.len(), graph.initializer.len() + 1, "{}: a name twice", raw.name);
            for node in &graph.node {
                // An optional input that is left out has no name.
                for input in node.input.iter().filter(|name| !name.is_empty()) {
                    assert!(known.contains(input), "{}: {} reads {input}", raw.name, node.name);
                }
                for output in &node.output {
                    assert!(known.insert(output.clone()), "{}: {output} is made twice", raw.name);
                }
            }
            assert!(known.contains(&graph.output[0].name), "{}: the output is made", raw.name);
        }
    }
}

#[test]
fn a_constant_holds_as_many_elements_as_its_shape() {
    for raw in graphs() {
        for tensor in written(&raw).initializer {
            let elements: i64 = tensor.dims.iter().product();
            let width = if tensor.data_type == onnx::proto::FLOAT { 4 } else { 8 };
            assert_eq!(tensor.raw_data.len(), elements as usize * width, "{}", tensor.name);
        }
    }
}

#[test]
fn convolutions_and_parameters_are_the_graphs() {
    for raw in graphs() {
        let graph = written(&raw);
        let count = |kind: &str| graph.node.iter().filter(|n| n.op_type == kind).count();
        let convs = raw.nodes.iter().filter(|n| matches!(n.op, Op::Conv2d(_))).count();
        assert_eq!(count("Conv"), convs, "{}", raw.name);
        let kernels: usize = graph
            .initializer
            .iter()
            .filter(|t| t.name.ends_with(".weight"))
            .map(|t| t.raw_data.len() / 4)
            .sum();
        let expected: u64 = raw
            .nodes
            .iter()
            .filter(|n| matches!(n.op, Op::Conv2d(_) | Op::Linear(_)))
            .map(|n| raw.node_cost(n).access.weights)
            .sum();
        assert_eq!(kernels as u64, expected, "{}", raw.name);
    }
}

#[test]
fn a_full_split_is_one_node_and_a_shuffle_is_three() {
    let raw = zoo::build("shufflenet_v2_x1_0", zoo::Options::default()).unwrap();
    let graph = written(&raw);
    let ours = |kind: &str| raw.nodes.iter().filter(|n| n.op.kind() == kind).count();
    let count = |kind: &str| graph.node.iter().filter(|n| n.op_type == kind).count();
    assert_eq!(2 * count("Split"), ours("channel_split"));
    assert_eq!(count("Transpose"), ours("channel_shuffle"));
    assert_eq!(count("Slice"), 0);
}

#[test]
fn means_of_parts_are_two_matrix_products() {
    let mut builder = ops::GraphBuilder::new("parts", profile::Shape::new(1, 2, 5, 3));
    let x = builder.push("pool", ops::Pool2d::average_parts(3), &[ops::Value::INPUT]).unwrap();
    let graph = written(&builder.finish(x));
    let kinds: Vec<&str> = graph.node.iter().map(|n| n.op_type.as_str()).collect();
    assert_eq!(kinds, ["MatMul", "MatMul"]);
    let values = |name: &str| -> Vec<f32> {
        let tensor = graph.initializer.iter().find(|t| t.name == name).unwrap();
        let bytes = tensor.raw_data.chunks_exact(4);
        bytes.map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
    };
    // By hand: 5 pixels in 3 parts are 0–1, 1–3, 3–4; 3 in 3 are one each.
    let third = 1.0 / 3.0;
    let rows =
        [[0.5, 0.5, 0.0, 0.0, 0.0], [0.0, third, third, third, 0.0], [0.0, 0.0, 0.0, 0.5, 0.5]];
    assert_eq!(values("pool.rows"), rows.concat());
    assert_eq!(values("pool.columns"), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
}

/// Operators of the standard set in opset 17 that the lab's networks are made of.
const STANDARD: [&str; 31] = [
    "Add",
    "AveragePool",
    "BatchNormalization",
    "Clip",
    "Concat",
    "Conv",
    "Erf",
    "Flatten",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "HardSigmoid",
    "HardSwish",
    "LRN",
    "LayerNormalization",
    "MatMul",
    "MaxPool",
    "Mul",
    "Pad",
    "ReduceMax",
    "ReduceMean",
    "Relu",
    "Reshape",
    "Resize",
    "Sigmoid",
    "Slice",
    "Softmax",
    "Split",
    "Sub",
    "Tanh",
    "Transpose",
];

#[test]
fn only_standard_operators_are_used() {
    for raw in graphs() {
        for node in written(&raw).node {
            let kind = node.op_type.as_str();
            assert!(STANDARD.contains(&kind), "{}: {} is a {kind}", raw.name, node.name);
        }
    }
}

#[test]
fn writing_ends_where_it_should_stop() {
    let graph = zoo::build("lenet5", zoo::Options::default()).unwrap();
    let stop = ops::Stop::once(std::sync::Arc::new(true.into()));
    let stopped = onnx::bytes(&graph, 0, &stop);
    assert!(matches!(stopped, Err(onnx::WriteError::Stopped(ops::SessionError::Interrupted))));
}

/// 16 maps of 1000×1000 pixels, each pixel with 120 weights: 7.7 GB, refused without drawing one.
#[test]
fn what_no_file_can_hold_is_refused_with_its_size() {
    let mut builder = ops::GraphBuilder::new("vast", profile::Shape::new(1, 16, 1000, 1000));
    let rows = builder.push("flatten", ops::Flatten, &[ops::Value::INPUT]).unwrap();
    let x = builder.push("linear", ops::Linear::new(120), &[rows]).unwrap();
    let error = onnx::bytes(&builder.finish(x), 0, &ops::Stop::default()).unwrap_err();
    let message = error.to_string();
    let onnx::WriteError::TooLarge { bytes, .. } = error else { panic!("{message}") };
    assert_eq!(bytes, 4 * (16_000_000 * 120 + 120));
    assert!(
        message.contains("vast has 7.68 GB") && message.contains("2.15 GB at most"),
        "{message}"
    );
}
