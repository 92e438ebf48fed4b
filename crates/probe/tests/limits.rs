//! What is too large, or nothing at all, is refused at once: in one line, before a folder is made.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::Folder;
use std::{
    fs,
    process::{Command, Stdio},
};

/// The one line that `probe` says where it refuses.
fn complaint(args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe"));
    let output = command.args(args).stdin(Stdio::null()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {message}");
    assert!(output.stdout.is_empty(), "{args:?} prints");
    assert!(message.starts_with("error: ") && message.lines().count() == 1, "{args:?}: {message}");
    message
}

#[test]
fn costs_that_no_number_holds_are_refused() {
    for (model, more, what) in [
        (
            "g1(c1=65536,c2=65536,blocks=1024,size=1024x1024)",
            &[][..],
            "FLOPs: the limit is 9007199254740992",
        ),
        ("g2(channels=65536,groups=1,blocks=65536,size=1024x1024)", &[], "node `block1.conv`"),
        ("resnet152", &["--batch", "65536", "--input", "512x512"], "node `"),
        ("g3(channels=1,fragments=65536,parallel)", &[], "more than 65536 nodes"),
    ] {
        let message = complaint(&[&["cost", "--model", model], more].concat());
        assert!(message.contains(what), "{message}");
    }
    let large = "g3(channels=1,fragments=6553,series,size=1x1)";
    let message = complaint(&["cost", "--model", large, large, large, large, large]);
    assert!(message.contains("more than 262144 nodes together"), "{message}");
}

/// An experiment's file and a place for its results, both in a folder that goes away with the test.
struct Written(Folder);

impl Written {
    fn new(test: &str, head: &str, grid: &str) -> Self {
        let folder = Folder::new(test);
        let text = format!(
            "guideline = \"G1\"\ntitle = \"T\"\nheld_fixed = \"h\"\nanalysis = \"a\"\n{head}\n[[grid]]\n\
             multipliers = [1]\n{grid}\n"
        );
        fs::write(folder.0.join("own.toml"), text).unwrap();
        Self(folder)
    }

    fn complaint(&self, more: &[&str]) -> String {
        let [file, out] = ["own.toml", "out"].map(|name| self.0.0.join(name));
        let args = ["experiment", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
        let message = complaint(&[&args[..], more].concat());
        assert!(!out.exists(), "a folder was made");
        message
    }
}

const POINTS: &str = "points = [ { label = \"a\", dose = 1, block.pair = { c1 = 1, c2 = 1 } }, \
                      { label = \"b\", dose = 2, block.pair = { c1 = 1, c2 = 2 } } ]";

#[test]
fn an_experiment_without_points_for_the_device_says_why() {
    let only =
        Written::new("gpuonly", "blocks = 1", &format!("name = \"gpu\"\nspatial = [1]\n{POINTS}"));
    let message = only.complaint(&["--device", "cpu", "--no-calibration"]);
    assert!(
        message.contains("G1 has no points for ") && message.contains("has gpu alone"),
        "{message}"
    );
    assert!(message.contains("the grid arm") && message.contains("--grid"), "{message}");
}

#[test]
fn experiments_of_too_many_nodes_are_refused() {
    let fragments = |n: &str, how: &str| {
        format!("block.fragments = {{ channels = 1, fragments = {n}, arrangement = \"{how}\" }}")
    };
    let points = format!(
        "points = [ {{ label = \"a\", dose = 1, {} }}, {{ label = \"b\", dose = 2, {} }} ]",
        fragments("65536", "series"),
        fragments("65536", "parallel")
    );
    let many =
        Written::new("blocks", "blocks = 65536", &format!("name = \"n\"\nspatial = [1]\n{points}"));
    let message = many.complaint(&["--device", "cpu"]);
    assert!(
        message.contains("own.toml:10: ") && message.contains("more than 65536 nodes"),
        "{message}"
    );
    let sizes: Vec<String> = (1..=400).map(|n| n.to_string()).collect();
    let grid = format!("name = \"n\"\nspatial = [{}]\n{POINTS}", sizes.join(", "));
    let message = Written::new("sizes", "blocks = 1", &grid).complaint(&["--device", "cpu"]);
    assert!(message.contains("more than 1000 networks"), "{message}");
}
