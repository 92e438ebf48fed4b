//! Laws of lowering: what folding keeps, and what it must leave alone.

#![allow(clippy::unwrap_used, reason = "a network that cannot run should end the test")]

mod common;

use common::unit;
use ops::{
    BatchNorm, Binary, Conv2d, Graph, GraphBuilder, Linear, Pool2d, Session, Unary, UnaryFn, Value,
    cpu::{CpuOptions, CpuSession},
    input_tensor,
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
    assert_eq!(raw.shape(raw.output), folded.shape(folded.output));
    assert_eq!(folded.at(Level::Folded), folded, "folding twice is folding once");
    same_outputs(raw, &folded);
    folded.nodes.iter().map(|n| n.op.kind()).collect()
}

fn same_outputs(raw: &Graph, folded: &Graph) {
    let input = input_tensor(0, raw.input);
    let [a, b] = [raw, folded].map(|graph| {
        let mut session = CpuSession::prepare(graph, CpuOptions::default());
        session.set_input(&input).unwrap();
        session.run().unwrap();
        session.fetch(graph.output.node().unwrap()).unwrap()
    });
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
