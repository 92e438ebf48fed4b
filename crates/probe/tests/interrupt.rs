//! Signals: what is asked to stop stops, says what became of it, and loses nothing that is finished.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::Folder;
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

/// Waits until `out` has so many finished profiles.
fn wait_for(out: &Folder, lines: usize) {
    let file = out.0.join("profiles.jsonl");
    while fs::read_to_string(&file).unwrap_or_default().matches('\n').count() < lines {
        sleep(Duration::from_millis(5));
    }
}

/// `probe` with these arguments, or `wrapper` with it.
fn start(wrapper: &[&str], args: &[&str]) -> Child {
    let mut words = wrapper.iter().chain([&env!("CARGO_BIN_EXE_probe")]).chain(args);
    let mut command = Command::new(words.next().unwrap());
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// How a process ended, and what it said.
fn end(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

const CPU: [&str; 3] = ["--device", "cpu", "--no-calibration"];

#[test]
fn every_polite_signal_stops_it_and_what_is_finished_stays() {
    for (signal, number) in [("-INT", 2), ("-TERM", 15), ("-HUP", 1)] {
        if signal == "-HUP" && hang_up_is_ignored() {
            continue;
        }
        let out = Folder::new("polite");
        let models = ["--model", "lenet5", "resnet152", "--iters", "3", "--out", out.arg()];
        let child = start(&[], &[&models[..], &CPU].concat());
        wait_for(&out, 1);
        send(signal, &child);
        let (code, message) = end(child);
        assert_eq!(code, Some(128 + number), "{signal}: {message}");
        let told = message.lines().filter(|line| line.starts_with("resnet152 on ")).count();
        // None where it had not begun.
        assert!(told <= 1, "{signal}: {message}");
        assert_eq!(out.profiles().len(), 1, "{signal}");
        assert!(out.0.join("index.html").is_file(), "the report of what is finished is drawn");
    }
}

/// Whether this process, and so all that it starts, ignores a closing terminal (`nohup`).
fn hang_up_is_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0");
    u64::from_str_radix(mask.trim(), 16).unwrap() & 1 == 1
}

#[test]
fn a_closing_terminal_is_outlived_where_that_was_asked_for() {
    let out = Folder::new("nohup");
    let models = ["--model", "lenet5", "resnet18", "--input", "64x64", "--iters", "3"];
    let child = start(&["nohup"], &[&models[..], &CPU, &["--out", out.arg()]].concat());
    wait_for(&out, 1);
    send("-HUP", &child);
    let (code, message) = end(child);
    assert_eq!(code, Some(0), "{message}");
    assert_eq!(out.profiles().len(), 2);
}

/// When there are rounds to keep is the machine's business: it is asked later, or earlier, until there are.
#[test]
fn what_was_measured_is_kept_marked_and_measured_again() {
    let out = Folder::new("kept");
    let network = ["--model", "resnet18", "--input", "64x64", "--out", out.arg()];
    let endless = ["--warmup", "0", "--iters", "5000", "--max-secs", "1000"];
    let args = [&network[..], &CPU, &endless].concat();
    let mut wait = Duration::from_millis(500);
    let kept = loop {
        let child = start(&[], &args);
        sleep(wait);
        send("-INT", &child);
        let (code, message) = end(child);
        let file = out.0.join("profiles.jsonl");
        match fs::read_to_string(&file).unwrap_or_default().is_empty() {
            true => {
                // None where it had not begun to listen.
                let told = code == Some(130) && message.contains("interrupted");
                assert!(told || code.is_none(), "{code:?}: {message}");
                wait = wait * 13 / 10;
            }
            // A signal behind the last round ends the command, but the profile is whole.
            false if code == Some(130) && out.profiles()[0].noise.interrupted => {
                break out.profiles().remove(0);
            }
            false => {
                fs::remove_file(file).unwrap();
                wait = wait * 8 / 10;
            }
        }
    };
    let rounds = kept.whole_ns.len();
    assert!(rounds >= 6, "{rounds}");
    let why = format!("interrupted by the user after {rounds} rounds");
    assert!(kept.noise.reasons.contains(&why), "{:?}", kept.noise.reasons);
    assert!(kept.ops.iter().all(|op| op.samples_ns.len() == rounds));
    assert!(fs::read_to_string(out.0.join("index.html")).unwrap().contains(&why));
    let again = [&network[..], &CPU, &["--iters", "1", "--resume"]].concat();
    assert_eq!(end(start(&[], &again)).0, Some(0));
    let all = out.profiles();
    assert_eq!(all.iter().map(|p| p.noise.interrupted).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_calibration_ends_at_once_and_is_not_remembered() {
    let cache = Folder::new("uncalibrated");
    let env = format!("XDG_CACHE_HOME={}", cache.arg());
    let mut child = start(&["env", &env], &["calibrate", "--device", "cpu"]);
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    assert!(first.starts_with("calibrating "), "{first}");
    send("-INT", &child);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert_eq!(rest, "interrupted\n");
    let remembered = fs::read_dir(cache.0.join("probe")).unwrap().count();
    assert_eq!(remembered, 0, "nothing is remembered");
}
