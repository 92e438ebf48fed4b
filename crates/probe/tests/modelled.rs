//! `--device model:CORE@BOARD`, as a user types it.
#![allow(clippy::unwrap_used, reason = "a broken command should end the test")]

mod common;

use common::Folder;
use profile::{Profile, Rendering};
use report::validation::{self, Row};
use std::{
    fs,
    process::{Command, Output, Stdio},
};

const JETSON: &str = "model:cortex-a57@jetson-nano";

fn probe(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_probe")).args(args).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

/// What modelling a small network at a level leaves, and what it prints.
fn modelled(test: &str, device: &str, level: &str) -> (Profile, String) {
    let out = Folder::new(&format!("{test}-{level}"));
    let network = ["--model", "shufflenet_v2", "--input", "64x64", "--level", level];
    let output = probe(&[&network[..], &["--device", device, "--out", out.arg()]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    (out.profiles().remove(0), text(&output.stdout).to_owned())
}

#[test]
fn a_modelled_core_is_called_so_and_every_operator_has_its_account() {
    for level in ["folded", "fused"] {
        let (profile, printed) = modelled("account", JETSON, level);
        assert_eq!(profile.device.rendering, Rendering::Modelled);
        assert!(profile.verification.passed && profile.noise.reasons.is_empty());
        let sum: u64 = profile.ops.iter().map(|op| op.samples_ns[0]).sum();
        assert_eq!((&profile.whole_ns[..], &profile.instrumented_ns[..]), (&[sum][..], &[sum][..]));
        for op in &profile.ops {
            let modelled = op.modelled.as_ref().unwrap();
            let fma = modelled.instructions.get("fma").copied().unwrap_or(0);
            let linear = matches!(op.kind.as_str(), "conv2d" | "linear");
            assert!(!linear || op.executed_flops.is_some() || 4 * fma >= op.mul_adds, "{op:?}");
            // The longest of the core's resources; on this core nothing of memory hides behind it.
            let memory = modelled.resource_ns["memory"];
            let of_core = modelled.resource_ns.iter().filter(|(name, _)| *name != "memory");
            let longest = of_core.map(|(_, ns)| *ns).max().unwrap_or(0);
            let rounded = op.samples_ns[0].abs_diff(longest + memory) <= 1;
            assert!(rounded, "{}: {} {modelled:?}", op.name, op.samples_ns[0]);
        }
        assert!(
            printed.contains("(arm, neon, modelled)") && printed.contains("Modelled: "),
            "{printed}"
        );
    }
}

/// Two processes have their heaps elsewhere: where a buffer starts within its page moves a few lines, and no count.
#[test]
fn modelled_runs_count_the_same_and_take_the_same_but_for_a_few_lines() {
    let run = |_| modelled("same", "model:cortex-a55@orange-pi-5", "folded").0;
    let [one, other] = [0, 1].map(run);
    for (a, b) in one.ops.iter().zip(&other.ops) {
        let [a, b] = [a, b].map(|op| op.modelled.as_ref().unwrap());
        assert_eq!((&a.instructions, a.issued_bytes), (&b.instructions, b.issued_bytes));
    }
    let [one, other] = [one, other].map(|profile| profile.whole_ns[0] as f64);
    assert!((one / other - 1.0).abs() < 0.005, "{one} and {other}");
}

#[test]
fn experiments_and_prices_are_shown_and_judge_nothing() {
    let json = |args: &[&str]| -> serde_json::Value {
        let output = probe(args);
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let out = Folder::new("modelled-experiment");
    let asked = ["--ratios", "1,4", "--channels", "16", "--spatial", "14", "--format", "json"];
    let place = ["--device", JETSON, "--out", out.arg()];
    let study = &json(&[&["experiment", "g1"][..], &asked, &place].concat())[0];
    assert_eq!(study["verdict"], "not-judged", "{study}");
    assert!(study["effect"].is_null() && study["matters_from"].is_null(), "{study}");
    let slowdown = |point: &serde_json::Value| point["slowdown"].as_f64().unwrap();
    let slowdowns: Vec<f64> = study["points"].as_array().unwrap().iter().map(slowdown).collect();
    let mut profiles = out.profiles();
    assert!(profiles.iter().all(|p| (p.whole_ns.len(), p.instrumented_ns.len()) == (1, 1)));
    assert!(profiles.iter().all(|p| p.noise.reasons.is_empty() && p.ops[0].modelled.is_some()));
    profiles.retain(|p| p.experiment.as_ref().is_some_and(|point| !point.twin));
    let [base, other] = [0, 1].map(|point: usize| profiles[point].whole_ns[0] as f64);
    assert_eq!(slowdowns.len(), 2);
    assert!(slowdowns[0] == 1.0 && (slowdowns[1] * base / other - 1.0).abs() < 1e-9);
    let out = Folder::new("modelled-prices");
    let place = ["--device", JETSON, "--out", out.arg(), "--format", "json"];
    let network = &json(&[&["guidelines", "lenet5"][..], &place].concat())[0];
    let price = &network["g4"];
    assert!(price["price_ms"].as_f64().unwrap() > 0.0, "{network}");
    assert!(price["price_ms_ci"].is_null(), "{network}");
}

#[test]
fn what_cannot_be_modelled_is_one_clear_line() {
    let complaint = |args: &[&str]| {
        let output = probe(args);
        let message = text(&output.stderr).to_owned();
        assert!(!output.status.success() && message.lines().count() == 1, "{args:?}: {message}");
        message
    };
    let of = |device: &str| complaint(&["--device", device]);
    assert!(of("model:cortex-a58@jetson-nano").contains("did you mean cortex-a5"));
    assert!(of("model:cortex-a57@jetson-nono").contains("jetson-nano"));
    assert!(of("model:cortex-a57").contains("CORE@BOARD"));
    let folder = Folder::new("modelled-file");
    fs::create_dir_all(&folder.0).unwrap();
    let file = folder.0.join("mine.toml");
    fs::write(&file, "name = \"Mine\"\norder = \"sideways\"\n").unwrap();
    let mine = of(&format!("model:{}@jetson-nano", file.display()));
    assert!(mine.contains("mine.toml:2: ") && mine.contains("sideways"), "{mine}");
    let calibrated = complaint(&["calibrate", "--device", JETSON]);
    assert!(calibrated.contains("needs times that were taken"), "{calibrated}");
    let nobody_s = complaint(&["validate", "products", "--core", "zen4"]);
    assert!(nobody_s.contains("probe validate host --core PATH"), "{nobody_s}");
    let missing = complaint(&["validate", "host", "--core", "zen"]);
    assert!(missing.contains("no core \"zen\"") && missing.contains("zen4"), "{missing}");
    let ignored = complaint(&["--device", JETSON, "--isa", "avx2"]);
    assert!(ignored.contains("--isa is for the CPU"), "{ignored}");
}

#[test]
fn validation_tells_how_far_each_model_is_from_each_core() {
    let output = probe(&["validate", "products", "--format", "json"]);
    let all: Vec<Row> = serde_json::from_slice(&output.stdout).unwrap();
    let models: Vec<_> = all.iter().map(|row| row.model.as_str()).collect();
    assert_eq!(models, ["figures", "fitted", "naive"].repeat(4));
    let recorded = validation::recorded().into_iter();
    let recorded: Vec<Row> =
        recorded.filter(|row| row.what.starts_with("matrix products")).collect();
    assert_eq!(
        all, recorded,
        "experiments/arm/validation.json is not what `probe validate` says now"
    );
}
