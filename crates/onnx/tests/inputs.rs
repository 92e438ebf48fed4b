//! Files of several inputs: those that something needs are the network's, in the file's order.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use onnx::proto::{self, Dimension, Tensor, TensorShape, Type, TypeTensor, ValueInfo};
use onnx::{Error, Options};
use ops::{Binary, Concat, Conv2d, Graph, GraphBuilder, Unary, UnaryFn, Value};
use profile::Shape;
use prost::Message;
use std::fs;
use tempfile::TempDir;

/// 2×2×8×8 + 2×2×8×8, times a row of 2×2 → `input2` (a ReLU) → beside the second input → `end`.
fn three_inputs() -> Graph {
    let shape = Shape::new(2, 2, 8, 8);
    let mut b = GraphBuilder::new("small", shape);
    let (map, row) = (b.input(shape), b.input(Shape::features(2, 2)));
    let x = b.push("sum", Binary::ADD, &[Value::INPUT, map]).unwrap();
    let x = b.push("scaled", Binary::MUL, &[x, row]).unwrap();
    let x = b.push("input2", Unary(UnaryFn::Relu), &[x]).unwrap();
    let x = b.push("beside", Concat, &[x, map]).unwrap();
    let end = b.push("end", Conv2d::new(3, 1), &[x]).unwrap();
    b.finish(end)
}

fn read_changed(change: impl FnOnce(&mut proto::Graph)) -> Result<Graph, Error> {
    let mut model = onnx::model(&three_inputs(), 0, &ops::Stop::default()).unwrap();
    change(model.graph.as_mut().unwrap());
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("net.onnx");
    fs::write(&path, model.encode_to_vec()).unwrap();
    onnx::read(&path, Options { batch: 2, input: None })
}

fn refusal(change: impl FnOnce(&mut proto::Graph)) -> String {
    read_changed(change).expect_err("it is wrong").to_string()
}

fn input(name: &str, elem_type: i32, dims: &[i64]) -> ValueInfo {
    let dim = |&d: &i64| Dimension { dim_value: Some(d), ..Dimension::default() };
    let shape = TensorShape { dim: dims.iter().map(dim).collect() };
    let tensor = TypeTensor { elem_type, shape: Some(shape) };
    let r#type = Type { tensor_type: Some(Box::new(tensor)), ..Type::default() };
    ValueInfo { name: name.to_owned(), r#type: Some(r#type), ..ValueInfo::default() }
}

fn node(kind: &str, input: &[&str], output: &str) -> proto::Node {
    let input = input.iter().map(|&name| name.to_owned()).collect();
    let output = vec![output.to_owned()];
    proto::Node { op_type: kind.to_owned(), input, output, ..proto::Node::default() }
}

/// The first input as `elem_type`, cast to `to` before the sum reads it.
fn cast(graph: &mut proto::Graph, elem_type: i32, to: i32) {
    graph.input[0] = input("input", elem_type, &[2, 2, 8, 8]);
    graph.node[0].input[0] = "cast".to_owned();
    let to = proto::Attribute { name: "to".to_owned(), i: Some(to.into()), ..Default::default() };
    graph.node.push(proto::Node { attribute: vec![to], ..node("Cast", &["input"], "cast") });
}

#[test]
fn inputs_are_read_as_they_were_written() {
    let graph = three_inputs();
    let mut names = Vec::new();
    let read = read_changed(|file| names.extend(file.input.iter().map(|i| i.name.clone())));
    assert_eq!(names, ["input", "input2_", "input3"], "a node is called `input2`");
    let read = read.unwrap();
    assert_eq!(read.inputs, graph.inputs);
    assert_eq!(read.outputs, graph.outputs);
    for (back, node) in read.nodes.iter().zip(&graph.nodes) {
        assert_eq!((&back.name, &back.op, &back.inputs), (&node.name, &node.op, &node.inputs));
    }
}

#[test]
fn what_nothing_needs_is_no_input() {
    let read = read_changed(|graph| {
        let text = input("text", 8, &[]);
        let any = ValueInfo { name: "any".to_owned(), ..ValueInfo::default() };
        graph.input.splice(0..0, [any, input("free", proto::FLOAT, &[0, -1, 3]), text]);
        // Only its axes are asked for, by what nobody reads and by what is a constant then.
        graph.input.push(input("sized", proto::FLOAT, &[2, 2, 8, 8]));
        graph.node.push(node("Relu", &["any"], "unread"));
        graph.node.push(node("Shape", &["sized"], "shape"));
        graph.node.push(node("Reshape", &["sum", "shape"], "same"));
        graph.node[1].input[0] = "same".to_owned();
    });
    assert_eq!(read.unwrap().inputs, three_inputs().inputs);
    // A default that a file gives an input is what it is.
    let read = read_changed(|graph| {
        let map = graph.input[1].name.clone();
        graph.node[3].input = vec!["input2".to_owned(); 2];
        graph.initializer.push(Tensor {
            name: map,
            dims: vec![1, 2, 1, 1],
            data_type: proto::FLOAT,
            raw_data: [0.5_f32.to_le_bytes(); 2].concat().into(),
            ..Tensor::default()
        });
    });
    assert_eq!(read.unwrap().inputs.len(), 2);
}

#[test]
fn images_of_integers_are_read_as_the_floats_that_are_made_of_them() {
    for kind in [proto::UINT8, proto::INT32, proto::INT64, proto::BOOL, proto::DOUBLE] {
        let read = read_changed(|graph| cast(graph, kind, proto::FLOAT)).unwrap();
        assert_eq!(read.inputs, three_inputs().inputs);
        assert_eq!(read.nodes.len(), three_inputs().nodes.len());
    }
}

#[test]
fn inputs_that_the_lab_has_none_of_are_named() {
    type Change = fn(&mut proto::Graph);
    let cases: [(&str, Change); 8] = [
        ("two inputs called \"input\"", |g| g.input[1].name = "input".to_owned()),
        ("makes \"input3\" twice", |g| g.node[0].output[0] = "input3".to_owned()),
        ("an output \"input\" that is its input", |g| g.output.push(g.input[0].clone())),
        ("\"input\" of 64-bit integers", |g| g.input[0] = input("input", 7, &[2, 2, 8, 8])),
        ("\"input\" of 8-bit or 16-bit integers", |g| cast(g, proto::UINT8, proto::INT32)),
        ("\"input3\" of 1 axes", |g| g.input[2] = input("input3", proto::FLOAT, &[2])),
        ("\"input3\" without axes", |g| g.input[2].r#type = None),
        ("batch is 1, not 2: give --batch 1", |g| {
            g.input = ["input", "input2_", "input3"]
                .map(|name| input(name, proto::FLOAT, &[1, 2, 8, 8]))
                .to_vec();
        }),
    ];
    for (expected, change) in cases {
        let message = refusal(change);
        assert!(message.contains(expected) && !message.contains('\n'), "{expected}: {message}");
    }
}
