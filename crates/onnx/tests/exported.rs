//! Models that other programs exported (`models/make.py`, `models/make_keras.py`): parameters, multiply-adds and output are what
//! those programs say.
//!
//! A folder of larger ones: `ONNX_MODELS=FOLDER cargo test -p onnx --test exported -- --ignored`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use onnx::Options;
use ops::{
    Graph, Keep, Session, Tensor,
    cpu::{CpuOptions, CpuSession},
    verify::verify,
};
use profile::{Level, Shape};
use serde_json::Value;
use std::{fs, path::Path};

/// Element i of the inputs, one behind the other: splitmix64's i-th output (state 0), its top 24 bits over 2²³, less 1.
fn drawn(i: usize) -> f32 {
    let mut z = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
}

/// The output of `graph`, each of whose operators is checked on the way.
fn output(graph: &Graph) -> Vec<f32> {
    let mut before = 0;
    let input = |s: &Shape| {
        let at = |[n, c, h, w]: [usize; 4]| drawn(before + ((n * s.c + c) * s.h + h) * s.w + w);
        let input = Tensor::from_fn(*s, at);
        before += s.elements();
        input
    };
    let inputs: Vec<Tensor> = graph.inputs.iter().map(input).collect();
    let options = CpuOptions { keep: Keep::Everything, ..CpuOptions::default() };
    let mut session = CpuSession::prepare(graph, options).unwrap();
    let verified = verify(&mut session, &inputs, 0).unwrap();
    assert!(verified.passed(), "{}: {verified:?}", graph.name);
    session.fetch(graph.output_nodes().next().unwrap()).unwrap().to_nchw()
}

/// Whether the file that `truth` is about is read as it says.
fn check(folder: &Path, truth: &Value) {
    let size = |axis: usize| truth["input"][axis].as_u64().unwrap() as usize;
    let options = Options { batch: size(0), input: Some((size(2), size(3))) };
    let file = truth["file"].as_str().unwrap();
    let raw = onnx::read(&folder.join(file), options).unwrap_or_else(|e| panic!("{file}: {e}"));
    assert_eq!(raw.cost().params, truth["params"], "{file}: parameters");
    assert_eq!(raw.cost().mul_adds, truth["mul_adds"], "{file}: multiply-adds");
    let largest = truth["largest"].as_f64().unwrap();
    for level in [Level::Raw, Level::Fused] {
        let output = output(&raw.at(level));
        for (expected, got) in truth["output"].as_array().unwrap().iter().zip(output) {
            let off = (expected.as_f64().unwrap() - f64::from(got)).abs();
            assert!(off <= 1e-4 * largest, "{file} at level {level}: {got} instead of {expected}");
        }
    }
}

/// Checks every file of a folder; returns how many there are.
fn check_all(folder: &Path) -> usize {
    let expected = fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: Vec<Value> = serde_json::from_str(&expected).unwrap();
    expected.iter().for_each(|truth| check(folder, truth));
    expected.len()
}

#[test]
fn small_networks_of_several_exporters_are_read() {
    assert_eq!(check_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models")), 27);
}

/// Their channels stand last, in the input, in the output and in between.
#[test]
fn small_networks_of_keras_are_read() {
    assert_eq!(check_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/keras")), 5);
}

#[test]
#[ignore = "needs a folder that models/make.py made"]
fn large_networks_are_read() {
    let folder = std::env::var("ONNX_MODELS").expect("ONNX_MODELS names the folder");
    assert!(check_all(Path::new(&folder)) > 0);
}
