//! A network out of an ONNX file, wherever a network of the zoo goes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use onnx::proto::{self, Dimension};
use prost::Message;
use serde_json::Value;
use std::{fs, path::PathBuf, process::Command};

/// A folder that goes away with the test, with what `probe export` makes of a small network.
struct Exported(PathBuf);

impl Exported {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("probe-onnx-{test}-{}", std::process::id()));
        let made = Self(folder);
        let folder = made.0.to_str().unwrap().to_owned();
        made.probe(&["export", "--model", "lenet5", "--out", &folder]);
        made
    }

    fn file(&self) -> String {
        self.0.join("lenet5.onnx").to_str().unwrap().to_owned()
    }

    /// What the command prints.
    fn probe(&self, args: &[&str]) -> String {
        let out = Command::new(env!("CARGO_BIN_EXE_probe")).args(args).output().unwrap();
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }
}

impl Drop for Exported {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_file_costs_what_its_network_does() {
    let exported = Exported::new("cost");
    let cost = |model: &str| -> Value {
        let text = exported.probe(&["cost", "--format", "json", "--model", model]);
        serde_json::from_str(text.lines().next().unwrap()).unwrap()
    };
    let (own, read) = (cost("lenet5"), cost(&exported.file()));
    assert_eq!(own["ops"], read["ops"]);
    assert_eq!(own["mul_adds"], read["mul_adds"]);
    assert!(read["model"].as_str().unwrap().starts_with("lenet5.onnx@"), "{}", read["model"]);
}

#[test]
fn a_file_is_verified_and_written_again() {
    let exported = Exported::new("verify");
    exported.probe(&["verify", "--device", "cpu", "--model", &exported.file()]);
    let again = exported.0.join("again");
    let written = |seed: &str, weights: &str| {
        let file = exported.file();
        let out = again.to_str().unwrap();
        let path = exported.probe(&[
            "export",
            "--model",
            &file,
            "--out",
            out,
            "--seed",
            seed,
            "--weights",
            weights,
        ]);
        let path = PathBuf::from(path.trim().to_owned());
        fs::read(path.with_extension("out.bin")).unwrap()
    };
    let first = fs::read(exported.0.join("lenet5.out.bin")).unwrap();
    assert_eq!(written("0", "file"), first);
    assert_ne!(written("1", "drawn"), written("1", "file"));
}

/// A network with other weights is another network, whatever its file is called.
#[test]
fn names_tell_networks_of_one_file_name_apart() {
    let exported = Exported::new("names");
    let out = exported.0.join("out").to_str().unwrap().to_owned();
    let export = |more: &[&str]| {
        let file = exported.file();
        exported.probe(&[&["export", "--model", &file, "--out", &out], more].concat())
    };
    let first = export(&[]);
    let drawn = export(&["--weights", "drawn"]);
    assert!(drawn.trim().ends_with("(weights=drawn).onnx"), "{drawn}");
    exported.probe(&[
        "export",
        "--model",
        "lenet5",
        "--seed",
        "1",
        "--out",
        exported.0.to_str().unwrap(),
    ]);
    let other = export(&[]);
    let paths = [first, drawn, other].map(|path| PathBuf::from(path.trim().to_owned()));
    assert!(paths.iter().all(|path| path.is_file()), "{paths:?}");
    assert!(paths[0] != paths[1] && paths[0] != paths[2], "{paths:?}");
}

#[test]
fn guidelines_price_a_file_with_either_weights() {
    let exported = Exported::new("guidelines");
    for (flag, weights, name) in
        [(&["--model"][..], "file", "lenet5.onnx@"), (&[][..], "drawn", "(weights=drawn)")]
    {
        let out = exported.0.join(weights).to_str().unwrap().to_owned();
        let file = exported.file();
        let args = [&["guidelines"], flag, &[&*file, "--weights", weights, "--out", &out]].concat();
        let quick = ["--device", "cpu", "--no-calibration", "--no-tune", "--max-secs", "0.01"];
        exported.probe(&[&args[..], &quick].concat());
        let prices = fs::read_to_string(PathBuf::from(&out).join("guidelines.json")).unwrap();
        assert!(prices.contains(name), "{prices}");
    }
}

/// LeNet-5 with an operator that the lab lacks behind its first.
fn with_a_gap(exported: &Exported) -> String {
    let mut model = proto::Model::decode(&*fs::read(exported.file()).unwrap()).unwrap();
    let graph = model.graph.as_mut().unwrap();
    let (first, second) = (graph.node[0].output[0].clone(), &mut graph.node[1]);
    assert_eq!(second.input[0], first);
    second.input[0] = "gap".to_owned();
    let gap = proto::Node {
        op_type: "Hardmax".to_owned(),
        name: "gap".to_owned(),
        input: vec![first],
        output: vec!["gap".to_owned()],
        ..proto::Node::default()
    };
    graph.node.insert(1, gap);
    // Behind an operator that the lab does not know, axes are the file's to declare.
    let mut made = graph.output[0].clone();
    made.name = "gap".to_owned();
    let tensor = made.r#type.as_mut().unwrap().tensor_type.as_mut().unwrap();
    let dim = |d| Dimension { dim_value: Some(d), ..Dimension::default() };
    tensor.shape.as_mut().unwrap().dim = [1, 6, 28, 28].map(dim).into();
    graph.value_info.push(made);
    let path = exported.0.join("gap.onnx");
    fs::write(&path, model.encode_to_vec()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_part_is_counted_and_called_a_part_in_every_format() {
    let exported = Exported::new("partial");
    let gap = with_a_gap(&exported);
    let refused =
        Command::new(env!("CARGO_BIN_EXE_probe")).args(["cost", "--model", &gap]).output().unwrap();
    assert!(!refused.status.success());
    let json = |model: &str| -> Value {
        let args = ["cost", "--partial", "--format", "json", "--model", model];
        serde_json::from_str(&exported.probe(&args)).unwrap()
    };
    let (whole, part) = (json(&exported.file()), json(&gap));
    assert_eq!((&whole["partial"], &whole["not_counted"]), (&Value::Null, &Value::Null));
    assert_eq!((&part["partial"], &part["ops"]), (&Value::Bool(true), &whole["ops"]));
    assert_eq!(part["mul_adds"], whole["mul_adds"]);
    assert_eq!(part["not_counted"][0]["kind"], "Hardmax");
    let args = ["cost", "--partial", "--model", &gap];
    let table = exported.probe(&args);
    assert!(table.contains("Σ of a part") && table.contains("1 node is not counted"), "{table}");
    assert!(table.contains("1 × Hardmax"), "{table}");
    let both = exported.probe(&[&args[..], &["lenet5"]].concat());
    assert!(both.contains(", a part") && both.contains("1 × Hardmax"), "{both}");
    let lowered = [&args[..], &["--level", "fused"]].concat();
    let out = Command::new(env!("CARGO_BIN_EXE_probe")).args(lowered).output().unwrap();
    let message = String::from_utf8(out.stderr).unwrap();
    assert!(!out.status.success() && message.contains("leave out --level fused"), "{message}");
}

#[test]
fn what_is_no_model_is_refused_in_a_line() {
    let exported = Exported::new("refused");
    let path = exported.0.join("bad.onnx");
    fs::write(&path, "text").unwrap();
    let args = ["cost", "--model", path.to_str().unwrap()];
    let out = Command::new(env!("CARGO_BIN_EXE_probe")).args(args).output().unwrap();
    let message = String::from_utf8(out.stderr).unwrap();
    assert!(!out.status.success());
    assert!(message.contains("bad.onnx") && message.trim().lines().count() == 1, "{message}");
}

/// A network of two images and a sequence of features, two of each a run.
const TWINS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../onnx/models/twins_dynamo.onnx");

#[test]
fn several_inputs_go_wherever_one_does() {
    let made = Exported::new("inputs");
    let out = made.0.join("out").to_str().unwrap().to_owned();
    let with = |verb: &[&str], more: &[&str]| {
        made.probe(&[verb, &["--model", TWINS, "--batch", "2"], more].concat())
    };
    let cost: Value = serde_json::from_str(&with(&["cost"], &["--format", "json"])).unwrap();
    assert_eq!(cost["input"], serde_json::json!([2, 3, 24, 20]));
    assert_eq!(cost["more_inputs"], serde_json::json!([[2, 3, 24, 20], [2, 8, 1, 6]]));
    let table = with(&["cost"], &[]);
    assert!(table.contains("input 2×3×24×20 and 2×3×24×20 and 2×8×1×6"), "{table}");
    let path = PathBuf::from(with(&["export"], &["--out", &out]).trim());
    let size = |end: &str| fs::metadata(path.with_extension(end)).unwrap().len();
    assert_eq!((size("in.bin"), size("out.bin")), (4 * 2 * (2 * 3 * 24 * 20 + 8 * 6), 4 * 2 * 10));
    // What was written is the same network, and is profiled once.
    let written = path.to_str().unwrap();
    let quick = ["--device", "cpu", "--no-calibration", "--no-tune", "--max-secs", "0.01"];
    for _ in 0..2 {
        let run = ["--model", written, "--batch", "2", "--resume", "--out", &out];
        made.probe(&[&run[..], &quick].concat());
    }
    let profiles = fs::read_to_string(PathBuf::from(&out).join("profiles.jsonl")).unwrap();
    let profiles: Vec<Value> = profiles.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(profiles.len(), 1);
    assert_eq!(profiles[0]["more_inputs"], cost["more_inputs"]);
    assert_eq!(profiles[0]["mul_adds"], cost["mul_adds"]);
}

#[test]
fn a_size_that_no_input_has_is_refused() {
    let made = Exported::new("sizes");
    for (model, batch, expected) in [
        (TWINS, "2", "whose height is 24, not 40"),
        (&made.file(), "1", "whose height is 32, not 40"),
    ] {
        let args = ["cost", "--model", model, "--batch", batch, "--input", "40x20"];
        let out = Command::new(env!("CARGO_BIN_EXE_probe")).args(args).output().unwrap();
        let message = String::from_utf8(out.stderr).unwrap();
        assert!(!out.status.success() && message.contains(expected), "{message}");
    }
}

/// What exporters wrote, on every device that is there.
#[test]
fn exported_networks_are_right_on_every_device() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../onnx/models");
    let known = fs::read_to_string(folder.join("expected.json")).unwrap();
    let known: Vec<Value> = serde_json::from_str(&known).unwrap();
    let devices = if std::env::var_os("LAB_REQUIRE_GPU").is_some() { 2 } else { 1 };
    for truth in known {
        let file = folder.join(truth["file"].as_str().unwrap());
        let size = format!("{}x{}", truth["input"][2], truth["input"][3]);
        let out = Command::new(env!("CARGO_BIN_EXE_probe"))
            .args(["verify", "--no-tune", "--format", "json", "--input", &size])
            .args(["--batch", &truth["input"][0].to_string(), "--model"])
            .arg(&file)
            .output()
            .unwrap();
        let message = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{}: {message}", file.display());
        let verified = String::from_utf8(out.stdout).unwrap().lines().count();
        assert!(verified >= devices, "{}: on {verified} devices. {message}", file.display());
    }
}
