//! The laws of the house that a test can keep (ARCHITECTURE.md states them all).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every file under `folder` whose name ends in `end`, with its text.
fn files(folder: &str, end: &str) -> Vec<(String, String)> {
    fn walk(at: &Path, end: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, end, found);
            } else if path.to_string_lossy().ends_with(end) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), end, &mut found);
    assert!(!found.is_empty(), "no {end} under {folder}");
    let name = |p: &Path| p.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    found.into_iter().map(|p| (name(&p), fs::read_to_string(&p).unwrap())).collect()
}

/// Names of the packages that `package` needs to build without its optional features.
fn dependencies(package: &str) -> Vec<String> {
    let args = ["tree", "-p", package, "--no-default-features", "-e", "normal", "--prefix", "none"];
    let out = Command::new(env!("CARGO")).args(args).current_dir(root()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let first_word = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    String::from_utf8(out.stdout).unwrap().lines().map(first_word).collect()
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

/// Code lines of `text`: no comments, no tests at the end of the file.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|l| !l.starts_with("#[cfg(test)]"))
        .filter(|l| !l.trim_start().starts_with("//"))
}

#[test]
fn unsafe_stays_with_the_kernels_and_the_gpu() {
    let forms = ["{", "fn ", "impl"].map(|after| ["unsafe", after].join(" "));
    let rooms =
        ["src/simd", "src/cpu", "src/gpu", "loom"].map(|room| format!("crates/ops/{room}/"));
    for (name, text) in files("crates", ".rs") {
        let definition = ["/mod.rs", "/reference.rs"].iter().any(|end| name.ends_with(end));
        let kernel = name.starts_with("crates/ops/src/")
            && !name.starts_with("crates/ops/src/level/")
            && !definition;
        let allowed = kernel || rooms.iter().any(|room| name.starts_with(room.as_str()));
        let used = code(&text).any(|line| forms.iter().any(|form| line.contains(form.as_str())));
        assert!(allowed || !used, "{name} has unsafe code");
    }
}

/// The compiler keeps that, where it is told to.
#[test]
fn crates_without_kernels_forbid_unsafe_code() {
    let roots = ["src/lib.rs", "src/main.rs"].into_iter().flat_map(|root| files("crates", root));
    let others = roots.filter(|(name, _)| !name.starts_with("crates/ops/"));
    for (name, text) in others.chain(files("benches", ".rs")) {
        let forbids = text.lines().any(|line| line == "#![forbid(unsafe_code)]");
        assert!(forbids, "{name} is the root of a crate and does not forbid unsafe code");
    }
}

#[test]
fn kernels_touch_memory_through_lanes_only() {
    let shared = ["simd", "cpu", "gpu", "level"].map(|room| format!("crates/ops/src/{room}/"));
    for (name, text) in files("crates/ops/src", ".rs") {
        if shared.iter().any(|room| name.starts_with(room.as_str())) || name.ends_with("tests.rs") {
            continue;
        }
        let around =
            ["copy_nonoverlapping", "copy_from", "copy_to", ".read()", ".write(", "ptr::read"];
        for line in code(&text) {
            let found = around.iter().find(|way| line.contains(**way));
            assert!(found.is_none(), "{name}: `{}` goes round Lanes", line.trim());
        }
    }
}

#[test]
fn mac_means_memory_access_cost() {
    for (name, text) in files("crates", ".rs") {
        for line in code(&text) {
            let wrong = line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| {
                matches!(
                    word,
                    "macs" | "Macs" | "MACs" | "gmacs" | "GMACs" | "num_macs" | "mac_count"
                )
            });
            assert!(!wrong || name.contains("/tests/"), "{name}: {}", line.trim());
        }
    }
}

/// Errors of wgpu name things by their labels.
#[test]
fn all_that_a_gpu_is_given_has_a_label() {
    for (name, text) in files("crates/ops/src/gpu", ".rs") {
        let bare = code(&text).find(|line| line.contains("label: None"));
        assert_eq!(bare, None, "{name} gives wgpu something without a label");
    }
}

#[test]
fn a_file_is_one_idea() {
    for (name, text) in files("crates", ".rs") {
        let lines = text.lines().count();
        assert!(lines <= 700, "{name} has {lines} lines: is it still one idea?");
    }
}

#[test]
fn every_module_opens_with_its_idea() {
    for (name, text) in files("crates", ".rs") {
        assert!(text.starts_with("//!"), "{name} opens without a module doc");
    }
}
