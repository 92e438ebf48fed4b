//! The laws of the house that a test can keep (ARCHITECTURE.md states them all).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod house {
    pub mod circles;
    pub mod code;
    pub mod imports;
    pub mod tree;
}

use house::{circles, code, tree, tree::Files};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every Rust file of ours, by its path from the root.
fn sources() -> Files {
    let mut found = Files::new();
    let mut folders = ["crates", "benches", "fuzz"].map(|name| root().join(name)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.extend((!path.ends_with("target")).then_some(path));
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.insert(from_root(&path), fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

fn from_root(path: &Path) -> String {
    let parts = path.strip_prefix(root()).unwrap().iter().map(|part| part.to_str().unwrap());
    parts.collect::<Vec<_>>().join("/")
}

/// What `cargo` prints.
fn cargo(args: &[&str]) -> String {
    let out = Command::new(env!("CARGO")).args(args).current_dir(root()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// The root files of all crates: libraries, programs, tests and benches, each with its kind.
fn crates() -> Vec<(String, String)> {
    let targets = |manifest| {
        let args = ["metadata", "--no-deps", "--format-version=1", "--manifest-path", manifest];
        let metadata: Value = serde_json::from_str(&cargo(&args)).unwrap();
        let packages = metadata["packages"].as_array().unwrap().clone();
        packages.into_iter().flat_map(|package| package["targets"].as_array().unwrap().clone())
    };
    let targets = targets("Cargo.toml").chain(targets("fuzz/Cargo.toml"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |target: Value| {
        let root = Path::new(&text(&target["src_path"])).canonicalize().unwrap();
        (from_root(&root), text(&target["kind"][0]))
    };
    targets.map(of).collect()
}

/// Names of the packages that `package` needs to build without its optional features.
fn dependencies(package: &str) -> Vec<String> {
    let out = cargo(&[
        "tree",
        "-p",
        package,
        "--no-default-features",
        "-e",
        "normal",
        "--prefix",
        "none",
    ]);
    let first_word = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    out.lines().map(first_word).collect()
}

#[test]
fn rooms_depend_on_each_other_as_the_map_says() {
    let needs = |package: &str, other: &str| dependencies(package).iter().any(|d| d == other);
    for package in ["profile", "ops", "zoo", "report"] {
        assert!(!needs(package, "wgpu"), "{package} builds without wgpu");
    }
    for other in ["ops", "zoo", "report", "probe"] {
        assert!(!needs("profile", other), "profile depends on nothing of ours, but on {other}");
    }
    for other in ["ops", "zoo", "probe"] {
        assert!(!needs("report", other), "report reads profiles only, but depends on {other}");
    }
    assert!(needs("probe", "ops"), "this test can see a dependency that is there");
}

/// [`house::imports`] says what needs what.
#[test]
fn no_files_of_a_crate_need_each_other_round_about() {
    let sources = sources();
    let circles: Vec<_> =
        crates().iter().flat_map(|(root, _)| circles::of_crate(&sources, root)).collect();
    assert!(circles.is_empty(), "each of these sets of files has a circle: {circles:#?}");
}

/// What no crate reads, no law and no compiler keeps.
#[test]
fn every_file_belongs_to_a_crate() {
    let sources = sources();
    let read: BTreeSet<String> =
        crates().iter().flat_map(|(root, _)| tree::Tree::of(&sources, root).files).collect();
    let all: BTreeSet<String> = sources.into_keys().collect();
    assert_eq!(all.difference(&read).collect::<Vec<_>>(), [""; 0]);
}

/// Whether `file` holds a kernel of an operator: not its definition, its reference or its tests.
fn is_kernel(file: &str) -> bool {
    let rooms = ["kernels", "deferred", "gemm", "depthwise", "winograd"];
    let Some(inside) = file.strip_prefix("crates/ops/src/") else { return false };
    inside.split('/').any(|part| rooms.contains(&part.trim_end_matches(".rs")))
}

#[test]
fn unsafe_stays_with_the_kernels_and_the_gpu() {
    let rooms = ["src/simd/", "src/cpu/", "src/gpu/step.rs", "loom/", "radv/src/driver.rs"]
        .map(|room| format!("crates/ops/{room}"));
    for (name, text) in sources() {
        let allowed = is_kernel(&name) || rooms.iter().any(|room| name.starts_with(room.as_str()));
        let lines = code::lines_of(&code::tokens(&text), &["unsafe"]);
        assert!(allowed || lines.is_empty(), "{name} has unsafe code in lines {lines:?}");
    }
}

/// The compiler keeps that, where it is told to. What libFuzzer's macro makes of a target is its own.
#[test]
fn crates_without_kernels_forbid_unsafe_code() {
    let sources = sources();
    for (name, kind) in crates() {
        let own = name.starts_with("crates/ops/") || name.starts_with("fuzz/fuzz_targets/");
        if !own && kind != "test" {
            let tokens = code::tokens(&sources[&name]);
            let lines = code::lines_of(&tokens, &["#", "!", "[", "forbid", "(", "unsafe_code"]);
            assert!(!lines.is_empty(), "{name} does not forbid unsafe code");
        }
    }
}

/// Kernels that keep tables of pointers to rows, and follow those.
const TABLES_OF_POINTERS: [&str; 4] = [
    "conv2d/gemm/rows.rs",
    "conv2d/gemm/tile.rs",
    "conv2d/winograd/kernel.rs",
    "conv_transpose2d/kernels/phases.rs",
];

#[test]
fn kernels_touch_memory_through_lanes_only() {
    let around = [
        "copy_nonoverlapping",
        "copy_from",
        "copy_from_nonoverlapping",
        "copy_to",
        "copy_to_nonoverlapping",
        "read",
        "read_unaligned",
        "read_volatile",
        "write",
        "write_bytes",
        "write_unaligned",
        "write_volatile",
        "get_unchecked",
        "get_unchecked_mut",
        "from_raw_parts",
        "from_raw_parts_mut",
        "transmute",
        "transmute_copy",
    ];
    for (name, text) in sources().into_iter().filter(|(name, _)| is_kernel(name)) {
        let tokens = code::tokens(&text);
        for token in &tokens {
            let goes_round = token.word && around.contains(&token.text.as_str());
            assert!(!goes_round, "{name}:{}: `{}` goes round Lanes", token.line, token.text);
        }
        let lines = code::dereferences(&tokens);
        let has_table = TABLES_OF_POINTERS.iter().any(|table| name.ends_with(table));
        assert_eq!(!lines.is_empty(), has_table, "{name} follows pointers in lines {lines:?}");
    }
}

/// A test may read what others' files call it.
#[test]
fn mac_means_memory_access_cost() {
    let wrong = ["macs", "gmacs", "num_macs", "mac_count"];
    for (name, text) in sources() {
        let tokens = code::tokens(&text).into_iter();
        for token in tokens.filter(|token| token.word || !name.contains("/tests/")) {
            let mut words = token.text.split(|c: char| !c.is_alphanumeric() && c != '_');
            let found = words.find(|word| wrong.contains(&word.to_lowercase().as_str()));
            assert_eq!(found, None, "{name}:{}", token.line);
        }
    }
}

/// Errors of wgpu name things by their labels.
#[test]
fn all_that_a_gpu_is_given_has_a_label() {
    for (name, text) in
        sources().into_iter().filter(|(name, _)| name.starts_with("crates/ops/src/gpu/"))
    {
        let bare = code::lines_of(&code::tokens(&text), &["label", ":", "None"]);
        assert!(bare.is_empty(), "{name} gives wgpu something without a label in lines {bare:?}");
    }
}

#[test]
fn a_file_is_one_idea() {
    for (name, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 700, "{name} has {lines} lines: is it still one idea?");
    }
}

#[test]
fn every_module_opens_with_its_idea() {
    for (name, text) in sources() {
        assert!(text.starts_with("//!"), "{name} opens without a module doc");
    }
}
