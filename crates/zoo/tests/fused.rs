//! Every network fused: the same outputs as folded, within rounding, and less memory access.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ops::{
    Graph, Keep, Session, Tensor,
    cpu::{CpuOptions, CpuSession},
    verify::verify,
};
use profile::Level;
use std::thread;
use zoo::Model;

/// The height and width of a small input that a model takes: one of its default, where its classifier wants
/// that or it is small.
fn small(model: &Model) -> usize {
    let [_, height, _] = model.default_input();
    match model.family().name {
        "alexnet" => height,
        // Nothing would be left of less.
        "unet" if model.name() == "unet_2015" => 188,
        "googlenet" | "bn_inception" | "zfnet" => 96,
        "inception_v3" | "inception_v4" | "inception_resnet" => 107,
        _ => height.min(64),
    }
}

fn raw(model: &str, size: usize) -> Graph {
    let options = zoo::Options { input: Some((size, size)), batch: 1 };
    zoo::build(model, options).expect("a model of the zoo builds")
}

fn output(graph: &Graph) -> Tensor {
    let mut session = CpuSession::prepare(graph, CpuOptions::default()).unwrap();
    session.set_inputs(&graph.drawn_inputs(0)).expect("the input fits");
    session.run().expect("a processor is not lost");
    session.fetch(graph.output_nodes().next().expect("a network has nodes")).expect("as above")
}

/// Asserts that `model` computes the same at both levels, and touches less memory at `fused`.
fn is_the_same_fused(model: &Model) {
    let name = model.name();
    let raw = raw(name, small(model));
    let [folded, fused] = [Level::Folded, Level::Fused].map(|level| raw.at(level));
    let (before, after) = (folded.cost(), fused.cost());
    assert_eq!((before.params, before.flops), (after.params, after.flops), "{name}");
    assert!(after.access.elements() < before.access.elements(), "{name}");
    let [a, b] = [&folded, &fused].map(output);
    let difference =
        a.data().iter().zip(b.data()).fold(0.0f64, |m, (x, y)| m.max(f64::from(x - y).abs()));
    let scale = f64::from(a.max_abs());
    assert!(difference <= 1e-4 * scale, "{name}: {difference:e} of {scale:e}");
}

#[test]
fn every_network_makes_the_same_when_it_is_fused() {
    let mut models = zoo::models();
    models.push(
        Model::parse("resnet(depth=1001,dataset=cifar10,bottleneck=true)").expect("it is one"),
    );
    // Two at a time: the largest hold half a gigabyte of weights.
    thread::scope(|scope| {
        for first in 0..2 {
            let some = models.iter().skip(first).step_by(2);
            scope.spawn(|| some.for_each(is_the_same_fused));
        }
    });
}

#[test]
fn fused_nodes_are_verified_against_the_reference() {
    let models = ["shufflenet_v2", "shufflenet_v2_x1_0", "shufflenet_v1(groups=3)", "mobilenet_v2"];
    for model in models.into_iter().chain(["mobilenet_v3_large", "resnet18", "densenet121"]) {
        let fused = raw(model, 64).at(Level::Fused);
        let options = CpuOptions { keep: Keep::Everything, ..CpuOptions::default() };
        let mut session = CpuSession::prepare(&fused, options).unwrap();
        let verified = verify(&mut session, &fused.drawn_inputs(0), 0).expect("it runs");
        assert!(verified.passed(), "{model}: {verified:?}");
    }
}
