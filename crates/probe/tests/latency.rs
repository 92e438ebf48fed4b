//! `probe table` and `probe predict` as a user types them: rows, resuming, sums, refusals.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::Folder;
use serde_json::Value;
use std::{
    fs,
    process::{Command, Output, Stdio},
};

fn probe(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe"));
    command.args(args).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Standard output of a command that must succeed.
fn stdout(args: &[&str]) -> String {
    let output = probe(args);
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn complaint(args: &[&str]) -> String {
    let output = probe(args);
    assert!(!output.status.success(), "{args:?}");
    let message = text(&output.stderr);
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}

/// Measuring short enough for a test.
const SHORT: [&str; 5] = ["--device", "cpu", "--no-calibration", "--max-secs", "0.01"];

#[test]
fn a_grid_is_measured_once_and_goes_on_where_it_ended() {
    let out = Folder::new("table");
    let line = |kernels: &'static str, more: &[&'static str]| {
        let grid = [
            "table",
            "conv2d",
            "--in",
            "8",
            "--groups",
            "1,3,depthwise",
            "--size",
            "7",
            "--kernel",
            kernels,
        ];
        [&grid[..], &SHORT, &["--out", out.arg()], more].concat()
    };
    let first = probe(&line("1", &[]));
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert!(text(&first.stderr).contains("left out: 1 combination"), "{}", text(&first.stderr));
    assert_eq!(out.profiles().len(), 2, "8 channels have no 3 groups");
    stdout(&line("1,3", &["--resume"]));
    let profiles = out.profiles();
    assert_eq!(profiles.len(), 4);
    for profile in &profiles {
        assert!(profile.verification.passed && profile.ops.len() == 1);
        assert!(profile.model.starts_with("conv2d(") && profile.ops[0].samples_ns.len() >= 8);
    }
    let rows = fs::read_to_string(out.0.join("ops.csv")).unwrap();
    assert_eq!(rows.lines().count(), 5, "{rows}");
    assert!(!out.0.join("index.html").exists());
}

#[test]
fn a_table_of_a_networks_operators_predicts_it() {
    let out = Folder::new("predict");
    let network = "shufflenet_v2_x0_5";
    stdout(&[&["table", "--model", network, "--out", out.arg()], &SHORT[..]].concat());
    let drifts: Value =
        serde_json::from_str(&fs::read_to_string(out.0.join("drift.json")).unwrap()).unwrap();
    let drift = &drifts[0];
    let models: Vec<String> = out.profiles().into_iter().map(|profile| profile.model).collect();
    assert!(models.iter().any(|model| drift["operator"] == *model), "{drift}");
    assert_eq!(drift["sets"].as_u64(), Some(models.len().div_ceil(16) as u64));
    assert!(drift["slowest_over_fastest"].as_f64().unwrap() >= 1.0);
    let (rows, lines) = (out.0.join("ops.csv"), out.0.join("profiles.jsonl"));
    for table in [rows, lines] {
        let table = table.to_str().unwrap();
        let args = ["predict", "--table", table, "--model", network, "--format", "json"];
        let measured: Value = serde_json::from_str(&stdout(&[&args[..], &SHORT].concat())).unwrap();
        assert_eq!(measured["missing"].as_array().unwrap().len(), 0, "{measured}");
        let classes = measured["classes"].as_array().unwrap();
        let sum: f64 = classes.iter().map(|class| class["table_ns"].as_f64().unwrap()).sum();
        let table_ns = measured["table_ns"].as_f64().unwrap();
        assert!((sum / table_ns - 1.0).abs() < 1e-9, "{measured}");
        let beside = &measured["measured"];
        let error = table_ns / beside["whole_ns"].as_f64().unwrap() - 1.0;
        assert!((beside["error"].as_f64().unwrap() - error).abs() < 1e-9, "{measured}");
        let alone: Value =
            serde_json::from_str(&stdout(&[&args[..], &["--no-run"]].concat())).unwrap();
        assert_eq!(
            (&alone["table_ns"], alone["measured"].is_null()),
            (&measured["table_ns"], true)
        );
    }
    let table = out.0.join("ops.csv");
    let other =
        stdout(&["predict", "--table", table.to_str().unwrap(), "--model", "lenet5", "--no-run"]);
    assert!(other.contains("The table lacks ") && other.contains("conv2d("), "{other}");
}

#[test]
fn tables_that_cannot_be_are_refused_in_a_line() {
    for (args, words) in [
        (&["table"][..], "no operators: name a kind"),
        (&["table", "conv2d", "--in", "8"], "conv2d needs --kernel"),
        (&["table", "--file", "nowhere.toml"], "nowhere.toml"),
        (&["predict", "--table", "nowhere.csv"], "nowhere.csv"),
        (&["predict", "--table", "Cargo.toml"], "Cargo.toml"),
    ] {
        let message = complaint(args);
        assert!(message.starts_with("error: ") && message.contains(words), "{args:?}: {message}");
    }
}

#[test]
fn networks_are_measured_at_every_size_asked_for() {
    let out = Folder::new("sweep");
    let sizes = [
        "--model", "lenet5", "--batch", "1,3", "--input", "32,36x32", "--warmup", "1", "--iters",
        "3",
    ];
    stdout(&[&sizes[..], &["--device", "cpu", "--no-calibration", "--out", out.arg()]].concat());
    let inputs: Vec<String> = out.profiles().iter().map(|p| p.input.to_string()).collect();
    assert_eq!(inputs, ["1×1×32×32", "3×1×32×32", "1×1×36×32", "3×1×36×32"]);
    let rows = stdout(&["cost", "--model", "lenet5", "--batch", "1,3"]);
    assert!(rows.contains("1×1×32×32") && rows.contains("3×1×32×32"), "{rows}");
}
