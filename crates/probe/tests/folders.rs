//! The folders that runs write: each run has its own, what others have there stays, and what was
//! measured is not lost where the disk is full.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use profile::Profile;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// A measurement short enough for a test.
const SHORT: [&str; 9] =
    ["--model", "lenet5", "--device", "cpu", "--no-calibration", "--warmup", "1", "--iters", "3"];

/// Every verb that writes a folder, as short as can be.
const VERBS: [&[&str]; 4] = [&SHORT, &EXPERIMENT, &GUIDELINES, &["export", "--model", "lenet5"]];
const GUIDELINES: [&str; 7] =
    ["guidelines", "lenet5", "--device", "cpu", "--no-calibration", "--max-secs", "0.01"];
const EXPERIMENT: [&str; 13] = [
    "experiment",
    "g1",
    "--ratios",
    "1,4",
    "--channels",
    "8",
    "--spatial",
    "4",
    "--device",
    "cpu",
    "--no-calibration",
    "--max-secs",
    "0.01",
];

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("folders").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn probe(args: &[&str], out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe"));
    command.args(args).arg("--out").arg(out).stdin(Stdio::null());
    command
}

/// `probe` on a disk where a file has room for so many blocks of 512 bytes or 1 KiB.
fn with_little_room(args: &[&str], out: &Path, blocks: u32) -> Output {
    let limit = format!("ulimit -f {blocks}; exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limit, "sh", env!("CARGO_BIN_EXE_probe")]).args(args);
    command.arg("--out").arg(out).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The one line that a command which must fail at once says.
fn refused(args: &[&str], out: &Path) -> String {
    let output = probe(args, out).output().unwrap();
    let message = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(1), ""), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}

fn succeeds(args: &[&str], out: &Path) -> Output {
    let output = probe(args, out).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    output
}

fn profiles(out: &Path) -> Vec<Profile> {
    profile::read(&out.join("profiles.jsonl"), &mut |_| ()).unwrap()
}

/// Everything in `folder` and what its files hold.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        if kind.is_dir() {
            found.append(&mut tree(&path));
        }
        let content = if kind.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        found.insert(path, content);
    }
    found
}

#[test]
fn what_others_have_in_its_place_is_said_before_anything_is_measured() {
    for (i, args) in VERBS.into_iter().enumerate() {
        let out = folder(&format!("others-{i}"));
        let name = if args[0] == "export" { "lenet5.in.bin" } else { "index.html" };
        fs::write(out.join(name), "mine").unwrap();
        let before = tree(&out);
        let message = refused(args, &out);
        assert!(
            message.contains(&format!("{name} is in the way: it is not in the list")),
            "{message}"
        );
        assert_eq!(tree(&out), before);
    }
}

/// What is put there, and what is said of it.
type Case = (fn(&Path), &'static str);

#[test]
fn only_a_file_of_profiles_is_appended_to() {
    let cases: [Case; 7] = [
        (|at| assert!(Command::new("mkfifo").arg(at).status().unwrap().success()), "is a pipe"),
        (|at| fs::create_dir(at).unwrap(), "is a folder"),
        (|at| symlink("../elsewhere.jsonl", at).unwrap(), "is a symbolic link"),
        (|at| symlink("/dev/null", at).unwrap(), "is a symbolic link"),
        (|at| fs::write(at, "Dear diary,\n").unwrap(), "jsonl:1: not a profile"),
        (|at| fs::write(at, "{\"dear\": \"diary").unwrap(), "jsonl:1: not a profile"),
        (|at| fs::write(at, b"\xff\xfe{\0}\0").unwrap(), "UTF-16"),
    ];
    for (i, (make, what)) in cases.into_iter().enumerate() {
        let parent = folder(&format!("appended-{i}"));
        fs::write(parent.join("elsewhere.jsonl"), "").unwrap();
        let out = parent.join("out");
        fs::create_dir(&out).unwrap();
        make(&out.join("profiles.jsonl"));
        let before = tree(&parent);
        for args in &VERBS[..3] {
            let message = refused(args, &out);
            assert!(message.contains("profiles.jsonl") && message.contains(what), "{message}");
            assert_eq!(tree(&parent), before);
        }
    }
}

#[test]
fn an_experiment_that_is_no_file_is_refused_and_not_waited_for() {
    let out = folder("no-experiment");
    let cases: [Case; 3] = [
        (|at| assert!(Command::new("mkfifo").arg(at).status().unwrap().success()), "a pipe"),
        (|at| symlink("/dev/zero", at).unwrap(), "a device"),
        (|at| fs::create_dir(at).unwrap(), "a folder"),
    ];
    for (i, (make, what)) in cases.into_iter().enumerate() {
        let at = out.join(format!("{i}.toml"));
        make(&at);
        let message = refused(&["experiment", at.to_str().unwrap()], &out);
        let expected = format!("{}: it is {what}, expected a regular file", at.display());
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn one_process_at_a_time_writes_a_folder() {
    for (i, args) in VERBS.into_iter().enumerate() {
        let out = folder(&format!("taken-{i}"));
        fs::create_dir(out.join(".lab")).unwrap();
        let lock = File::create(out.join(".lab/lock")).unwrap();
        lock.lock().unwrap();
        let message = refused(args, &out);
        assert!(message.contains("another probe or report is writing there"), "{message}");
    }
}

#[test]
fn a_profile_that_does_not_fit_on_the_disk_goes_to_the_screen() {
    let csv = [&SHORT[..], &["--format", "csv"]].concat();
    let json = [&SHORT[..], &["--format", "json"]].concat();
    for (i, args) in [&SHORT[..], &json, &csv, VERBS[1], VERBS[2]].into_iter().enumerate() {
        let out = folder(&format!("full-{i}"));
        let output = with_little_room(args, &out, 8);
        let (shown, message) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(
            message.contains("profiles.jsonl") && message.contains("File too large"),
            "{message}"
        );
        assert!(!out.join("profiles.jsonl").exists(), "no half line, nor an empty file");
        let lines = message.lines().filter(|line| line.starts_with('{'));
        let lost: Vec<Profile> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(!lost.is_empty() && lost.iter().all(|profile| !profile.whole_ns.is_empty()));
        match i {
            0 => assert!(shown.contains("Σ operators"), "{shown}"),
            1 => assert_eq!(serde_json::from_str::<Profile>(&shown).unwrap(), lost[0]),
            3 => assert!(shown.contains("images/s"), "{shown}"),
            _ => {}
        }
        // What went to the screen is as good as what is in the file.
        let saved = out.join("profiles.jsonl");
        profile::append_all(&saved, &lost).unwrap();
        let resumed = if i == 4 { &[args, &["--resume"]].concat() } else { args };
        succeeds(resumed, &out);
        assert_eq!(profiles(&out)[..lost.len()], lost);
    }
}

#[test]
fn a_report_that_does_not_fit_on_the_disk_leaves_the_earlier_one_and_the_profiles() {
    let out = folder("full-report");
    let csv = [&SHORT[..], &["--format", "csv"]].concat();
    succeeds(&csv, &out);
    let page = fs::read(out.join("index.html")).unwrap();
    let line = fs::metadata(out.join("profiles.jsonl")).unwrap().len();
    let room = u32::try_from(line * 2 / 512 + 2).unwrap();
    assert!(u64::from(room) * 512 < page.len() as u64, "two lines fit, and a page does not");
    let output = with_little_room(&csv, &out, room);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("cannot write") && message.contains("File too large"), "{message}");
    assert_eq!(fs::read(out.join("index.html")).unwrap(), page);
    assert_eq!(profiles(&out).len(), 2);
    assert!(text(&output.stdout).starts_with("model,"), "the table is on the screen");
}

#[test]
fn an_export_is_whole_or_not_there() {
    let out = folder("export");
    let lenet = VERBS[3];
    let files = |out: &Path| -> BTreeMap<_, _> {
        tree(out).into_iter().filter(|(path, _)| !path.starts_with(out.join(".lab"))).collect()
    };
    let output = with_little_room(lenet, &out, 100);
    let message = text(&output.stderr);
    assert!(output.status.code() == Some(1) && message.contains("cannot write"), "{message}");
    assert_eq!((files(&out).len(), text(&output.stdout).as_str()), (0, ""));
    succeeds(lenet, &out);
    let before = files(&out);
    assert_eq!(before.len(), 3);
    let other = [lenet, &["--seed", "1"]].concat();
    assert_eq!(with_little_room(&other, &out, 100).status.code(), Some(1));
    assert_eq!(files(&out), before);
    succeeds(&other, &out);
    let before: BTreeMap<_, _> = files(&out)
        .into_iter()
        .inspect(|(path, content)| assert!(before[path] != *content))
        .collect();
    for other in [&["--batch", "2"], &["--level", "raw"], &["--input", "40x40"]] {
        succeeds(&[lenet, other].concat(), &out);
    }
    let after = files(&out);
    assert!(before.iter().all(|(path, content)| after[path] == *content), "none was replaced");
    let names = ["lenet5-b2.onnx", "lenet5-raw.onnx", "lenet5-40x40.onnx"];
    assert!(names.iter().all(|name| after.contains_key(&out.join(name))), "{:?}", after.keys());
    // A report in the same folder, and another export, leave each other's files.
    succeeds(&SHORT, &out);
    succeeds(&["export", "--model", "g2(channels=8,groups=2)", "--input", "8x8"], &out);
    assert!(out.join("lenet5.onnx").is_file() && out.join("index.html").is_file());
}

/// On boards and phones a home cannot be written, or there is none.
#[test]
fn lines_and_resuming_need_no_home() {
    for home in [None, Some("/proc/nothing"), Some("/proc")] {
        let out = folder("no-home");
        let go = |more: &[&str]| {
            let mut command = probe(&[&SHORT[..], &["--format", "json"], more].concat(), &out);
            for name in ["XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"] {
                command.env_remove(name);
            }
            let output = command.envs(home.map(|home| ("HOME", home))).output().unwrap();
            assert!(output.status.success(), "{home:?}: {}", text(&output.stderr));
            text(&output.stdout)
        };
        let line: Profile = serde_json::from_str(&go(&[])).unwrap();
        assert_eq!(profiles(&out), [line]);
        assert_eq!(go(&["--resume"]), "", "there is nothing left to measure");
        assert_eq!(profiles(&out).len(), 1);
    }
}
