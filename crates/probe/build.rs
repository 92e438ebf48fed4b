//! Tells the program what it was built from: commit, compiler, target, optimisation.

#![forbid(unsafe_code)]

use std::{env, path::Path, process::Command};

/// What decides whether the program has changed since the commit.
const SOURCES: [&str; 3] = ["crates", "Cargo.toml", "Cargo.lock"];

fn main() {
    println!("cargo::rustc-env=PROBE_COMMIT={}", commit().unwrap_or_default());
    println!("cargo::rustc-env=PROBE_RUSTC={}", rustc().unwrap_or_default());
    for (name, variable) in [("PROBE_TARGET", "TARGET"), ("PROBE_OPT_LEVEL", "OPT_LEVEL")] {
        println!("cargo::rustc-env={name}={}", env::var(variable).unwrap_or_default());
    }
    // Cargo reruns this script where a path below changed, and always where one is missing.
    for source in SOURCES.map(|s| format!("../../{s}")) {
        println!("cargo::rerun-if-changed={source}");
    }
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]);
    if let Some(log) = log.filter(|log| Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
}

/// The commit, `-dirty` appended where sources differ from it; `None` outside a repository.
fn commit() -> Option<String> {
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    // Without locks, or looking would itself touch the index.
    let root = git(&["rev-parse", "--show-toplevel"])?;
    let look = ["--no-optional-locks", "-C", &root, "status", "--porcelain", "--"];
    let changes = git(&[&look[..], &SOURCES[..]].concat())?;
    Some(if changes.is_empty() { commit } else { format!("{commit}-dirty") })
}

fn git(args: &[&str]) -> Option<String> {
    output(Command::new("git").args(args))
}

fn rustc() -> Option<String> {
    output(Command::new(env::var_os("RUSTC")?).arg("--version"))
}

/// What `command` prints, if it succeeds.
fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|o| o.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
