//! Networks of several inputs: laws over random ones.

#![allow(clippy::unwrap_used, reason = "a network that cannot run should end the test")]

#[path = "../src/dice.rs"]
mod dice;

use dice::{Dice, random};
use ops::{
    BatchNorm, Binary, Concat, Conv2d, Graph, GraphBuilder, Keep, Session, Tensor, Unary, UnaryFn,
    Value,
    counterfactual::{merged_branches, without_element_wise},
    cpu::{CpuOptions, CpuSession},
    input_tensor,
    verify::verify,
};
use profile::{Level, Shape};

/// A network over two maps and a row of features, all of which it reads.
fn network(dice: &mut Dice) -> Graph {
    let shape =
        Shape::new(dice.within(1..=2), dice.within(3..=9), dice.within(3..=8), dice.within(3..=8));
    let mut b = GraphBuilder::new("random", shape);
    let other = b.input(shape);
    let row = b.input(Shape::features(shape.n, shape.c));
    let mut maps = vec![Value::INPUT, other];
    for i in 0..dice.within(2..=12) {
        let (name, x, y) = (format!("node{i}"), dice.pick(&maps), dice.pick(&maps));
        let made = match dice.within(0..=5) {
            0 => b.push(name, Conv2d::new(shape.c, 3).padding(1), &[x]),
            1 => b.push(name, Conv2d::depthwise(shape.c, 3), &[x]),
            2 => b.push(name, BatchNorm::default(), &[x]),
            3 => b.push(name, Binary::ADD, &[x, y]),
            4 => b.push(name, Binary::MUL, &[x, row]),
            _ => b.push(name, Unary(UnaryFn::LeakyRelu(0.1)), &[x]),
        };
        maps.push(made.unwrap());
    }
    let scaled = b.push("scaled", Binary::MUL, &[maps[maps.len() - 1], row]).unwrap();
    let all = b.push("all", Concat, &[scaled, Value::INPUT, other]).unwrap();
    let end = b.push("end", Conv2d::new(5, 1).bias(), &[all]).unwrap();
    b.finish(end)
}

/// The first output of `graph`, after each of its operators was compared with its reference.
fn output(graph: &Graph, keep: Keep) -> Tensor {
    let options = CpuOptions { keep, threads: 2, ..CpuOptions::default() };
    let mut session = CpuSession::prepare(graph, options).unwrap();
    let inputs = graph.drawn_inputs(0);
    if keep == Keep::Output {
        session.set_inputs(&inputs).unwrap();
        // What a run leaves of the inputs is what the next one finds.
        session.run().unwrap();
        session.run().unwrap();
    } else {
        let verified = verify(&mut session, &inputs, 0).unwrap();
        assert!(verified.passed(), "{verified:?} of {graph:?}");
    }
    session.fetch(graph.output_nodes().next().unwrap()).unwrap()
}

#[test]
fn every_level_is_right_and_computes_the_same() {
    random(40, |dice| {
        let raw = network(dice);
        let expected = output(&raw, Keep::Each);
        for (level, keep) in Level::ALL.into_iter().zip([Keep::Output, Keep::Each, Keep::Output]) {
            let got = output(&raw.at(level), keep);
            let off = expected.data().iter().zip(got.data()).map(|(a, b)| (a - b).abs());
            let off = off.fold(0.0, f32::max);
            assert!(off <= 1e-5 * expected.max_abs(), "{level}: {off} of {raw:?}");
        }
    });
}

#[test]
fn networks_rewritten_for_a_guideline_keep_their_inputs() {
    random(20, |dice| {
        let raw = network(dice);
        for graph in [merged_branches(&raw).graph, without_element_wise(&raw)] {
            assert_eq!(graph.inputs, raw.inputs);
            output(&graph, Keep::Each);
        }
    });
}

#[test]
fn branches_that_come_of_different_inputs_are_none_to_merge() {
    let shape = Shape::new(1, 4, 6, 6);
    let mut b = GraphBuilder::new("twins", shape);
    let other = b.input(shape);
    let conv = || Conv2d::new(4, 3).padding(1);
    let branch = |b: &mut GraphBuilder, name: &str, x| {
        let x = b.push(format!("{name}.0"), conv(), &[x]).unwrap();
        b.push(format!("{name}.1"), conv(), &[x]).unwrap()
    };
    let (left, right) = (branch(&mut b, "left", Value::INPUT), branch(&mut b, "right", other));
    let join = b.push("join", Binary::ADD, &[left, right]).unwrap();
    // Behind the join there is one input to what follows: branches as ever.
    let (left, right) = (branch(&mut b, "left2", join), branch(&mut b, "right2", join));
    let end = b.push("end", Binary::ADD, &[left, right]).unwrap();
    let merged = merged_branches(&b.finish(end));
    assert_eq!((merged.merged, merged.left), (vec!["end".to_owned()], vec![]));
}

#[test]
fn inputs_are_drawn_each_by_its_name_and_given_all_at_once() {
    let shape = Shape::new(1, 3, 5, 4);
    let mut b = GraphBuilder::new("sum", shape);
    let other = b.input(shape);
    let sum = b.push("sum", Binary::ADD, &[Value::INPUT, other]).unwrap();
    let graph = b.finish(sum);
    let inputs = graph.drawn_inputs(7);
    assert_eq!(inputs.iter().map(Tensor::shape).collect::<Vec<_>>(), graph.inputs);
    assert_eq!(inputs[0], input_tensor(7, graph.inputs[0]));
    assert_ne!(inputs[0], inputs[1]);
    let mut session = CpuSession::prepare(&graph, CpuOptions::default()).unwrap();
    let refused = session.set_inputs(&inputs[..1]).unwrap_err().to_string();
    let expected =
        format!("{}, the input given is {}", Shape::list(&graph.inputs), graph.inputs[0]);
    assert!(refused.ends_with(&expected), "{refused}");
}
