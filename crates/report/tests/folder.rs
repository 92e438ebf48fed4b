//! The folder that a report is written to: what others have there stays, and an earlier report stays
//! whole until the next one is.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a broken folder should end the test")]

#[path = "../src/fixture.rs"]
mod fixture;

use profile::Profile;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("folder").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A file of so many networks in `folder`; more than twelve have pages of their own.
fn networks(folder: &Path, count: usize) -> PathBuf {
    let path = folder.join(format!("{count}.jsonl"));
    let network =
        |i| fixture::profile(&format!("net(i={i})"), fixture::plain(4), fixture::core(), i);
    let profiles: Vec<Profile> = (0..count as u64).map(network).collect();
    profile::append_all(&path, &profiles).unwrap();
    path
}

fn command(file: &Path, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_report"));
    command.arg(file).arg("--out").arg(out).stdin(Stdio::null());
    command
}

fn succeeds(file: &Path, out: &Path) {
    let output = command(file, out).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The one line that a report which must fail says.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

fn refused(file: &Path, out: &Path) -> String {
    complaint(&command(file, out).output().unwrap())
}

/// Everything under `folder` but the lab's own corner: what each is, and what files hold.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (String, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        if kind.is_dir() && !path.ends_with(".lab") {
            found.append(&mut tree(&path));
        }
        let content = if kind.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        if !path.ends_with(".lab") {
            found.insert(path, (format!("{kind:?}"), content));
        }
    }
    found
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A name, what is put there, and what is said of it.
type Case = (&'static str, fn(&Path), &'static str);

#[test]
fn what_others_have_in_its_place_is_named_and_left_alone() {
    let cases: [Case; 11] = [
        ("index.html", |at| fs::write(at, "mine").unwrap(), "not in the list"),
        ("trace.json", |at| fs::write(at, "{}").unwrap(), "not in the list"),
        ("guidelines.json", |at| fs::write(at, "[]").unwrap(), "not in the list"),
        ("charts/mine.svg", |at| fs::write(at, "<svg/>").unwrap(), "not in the list"),
        ("networks/mine.html", |at| fs::write(at, "mine").unwrap(), "not in the list"),
        ("ops.csv", |at| fs::create_dir(at).unwrap(), "is a folder"),
        ("verdicts.json", |at| symlink("/nonexistent", at).unwrap(), "is a symbolic link"),
        ("index.html", |at| symlink("../target/page.html", at).unwrap(), "is a symbolic link"),
        ("charts", |at| symlink("../target", at).unwrap(), "is a symbolic link"),
        ("networks", |at| fs::write(at, "mine").unwrap(), "is a file"),
        ("trace.json", pipe, "is a pipe"),
    ];
    for (i, (name, make, what)) in cases.into_iter().enumerate() {
        let folder = folder(&format!("others-{i}"));
        let (out, file) = (folder.join("out"), networks(&folder, 13));
        fs::create_dir(folder.join("target")).unwrap();
        fs::write(folder.join("target/page.html"), "linked").unwrap();
        fs::write(folder.join("target/chart.svg"), "linked").unwrap();
        let at = out.join(name);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        make(&at);
        let before = tree(&folder);
        let message = refused(&file, &out);
        assert!(message.contains(at.to_str().unwrap()) && message.contains(what), "{message}");
        assert!(message.contains("in the way") && message.contains("--out"), "{message}");
        assert_eq!(tree(&folder), before);
        assert!(!out.join(".lab").exists(), "nothing at all is written");
    }
}

#[test]
fn what_others_have_beside_it_stays() {
    let folder = folder("beside");
    let (out, many, one) = (folder.join("out"), networks(&folder, 13), networks(&folder, 1));
    for name in ["charts", "networks", "empty"] {
        fs::create_dir_all(out.join(name)).unwrap();
    }
    let theirs = ["charts/notes.txt", "networks/list.txt", "read.me", ".hidden"];
    for name in theirs {
        fs::write(out.join(name), name).unwrap();
    }
    for file in [&many, &one] {
        succeeds(file, &out);
        for name in theirs {
            assert_eq!(fs::read_to_string(out.join(name)).unwrap(), name);
        }
        assert!(out.join("empty").is_dir());
    }
    assert_eq!(fs::read_dir(out.join("networks")).unwrap().count(), 1);
}

#[test]
fn what_was_changed_since_it_was_written_stays() {
    for (i, name) in ["index.html", "networks", "ops.csv"].into_iter().enumerate() {
        let folder = folder(&format!("changed-{i}"));
        let (out, many, one) = (folder.join("out"), networks(&folder, 13), networks(&folder, 1));
        succeeds(&many, &out);
        let mut changed = out.join(name);
        if changed.is_dir() {
            changed = fs::read_dir(changed).unwrap().next().unwrap().unwrap().path();
        }
        fs::write(&changed, fs::read_to_string(&changed).unwrap() + "a note of mine").unwrap();
        let before = tree(&out);
        for file in [&many, &one] {
            let message = refused(file, &out);
            assert!(message.contains(changed.to_str().unwrap()), "{message}");
            assert!(message.contains("was changed since the lab wrote it"), "{message}");
            assert_eq!(tree(&out), before);
        }
        fs::rename(&changed, out.join("mine")).unwrap();
        succeeds(&one, &out);
        assert!(fs::read_to_string(out.join("mine")).unwrap().ends_with("a note of mine"));
    }
}

#[test]
fn hard_links_to_an_earlier_report_keep_it() {
    let folder = folder("hard-links");
    let (out, kept) = (folder.join("out"), folder.join("kept.html"));
    succeeds(&networks(&folder, 2), &out);
    fs::hard_link(out.join("index.html"), &kept).unwrap();
    let before = fs::read(&kept).unwrap();
    succeeds(&networks(&folder, 1), &out);
    assert_eq!(fs::read(&kept).unwrap(), before);
    assert_ne!(fs::read(out.join("index.html")).unwrap(), before);
}

#[test]
fn a_list_that_leads_out_of_the_folder_is_not_followed() {
    let folder = folder("out-of-it");
    let (out, file) = (folder.join("out"), networks(&folder, 1));
    succeeds(&file, &out);
    let victim = folder.join("victim.svg");
    fs::copy(out.join("index.html"), &victim).unwrap();
    let list = out.join(".lab/files.json");
    let text = fs::read_to_string(&list).unwrap();
    for name in ["../victim.svg", "charts/../../victim.svg", victim.to_str().unwrap()] {
        fs::write(&list, text.replace("\"index.html\"", &format!("\"{name}\""))).unwrap();
        assert!(refused(&file, &out).contains("index.html"));
        fs::write(
            &list,
            text.replacen("\"index.html\"", &format!("\"{name}\": [], \"index.html\""), 1),
        )
        .unwrap();
        succeeds(&file, &out);
        assert!(victim.exists());
    }
    fs::write(&list, "{").unwrap();
    assert!(refused(&file, &out).contains("files.json"));
}

#[test]
fn the_corner_that_the_lab_would_take_may_be_another_s() {
    let folder = folder("corner");
    let (out, file) = (folder.join("out"), networks(&folder, 1));
    fs::create_dir_all(out.join(".lab/new")).unwrap();
    fs::write(out.join(".lab/new/mine"), "mine").unwrap();
    assert!(refused(&file, &out).contains("it is none that the lab made"));
    assert_eq!(fs::read_to_string(out.join(".lab/new/mine")).unwrap(), "mine");
    fs::remove_dir_all(out.join(".lab")).unwrap();
    symlink("..", out.join(".lab")).unwrap();
    assert!(refused(&file, &out).contains("it is a symbolic link"));
    fs::remove_file(out.join(".lab")).unwrap();
    // What a crash may leave of making it.
    fs::create_dir(out.join(".lab")).unwrap();
    fs::write(out.join(".lab/lock"), "").unwrap();
    fs::write(out.join(".lab/.files.json.x1"), "{").unwrap();
    succeeds(&file, &out);
    let mut names: Vec<_> =
        fs::read_dir(out.join(".lab")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["files.json", "lock"]);
}

/// A report for whose files the disk has so little room, in blocks of 512 bytes or 1 KiB.
fn with_little_room(file: &Path, out: &Path, blocks: u32) -> Output {
    let limit = format!("ulimit -f {blocks}; exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limit, "sh", env!("CARGO_BIN_EXE_report")]);
    command.arg(file).arg("--out").arg(out).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_full_disk_leaves_the_earlier_report_as_it_was() {
    let folder = folder("full");
    let (many, one, out) = (networks(&folder, 13), networks(&folder, 1), folder.join("out"));
    let fits = |blocks: u32| with_little_room(&many, &out, blocks).status.success();
    for earlier in [false, true] {
        if earlier {
            succeeds(&one, &out);
        } else {
            fs::create_dir(&out).unwrap();
        }
        let before = tree(&out);
        let mut failed = 0;
        // From no room for the list to room for all of it.
        for blocks in (0..16).map(|power| 1 << power) {
            if fits(blocks) {
                break;
            }
            failed += 1;
            let message = complaint(&with_little_room(&many, &out, blocks));
            assert!(
                message.contains("cannot write ") && message.contains("File too large"),
                "{message}"
            );
            assert_eq!(tree(&out), before, "{blocks} blocks");
            assert!(!out.join(".lab/new").exists());
        }
        assert!((3..16).contains(&failed), "{failed} times too little room");
        let alone = folder.join(format!("alone-{earlier}"));
        succeeds(&many, &alone);
        let contents = |out: &Path| tree(out).into_values().collect::<Vec<_>>();
        assert_eq!(contents(&out), contents(&alone));
        fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn one_process_at_a_time_writes_a_folder() {
    let folder = folder("taken");
    let (out, file) = (folder.join("out"), networks(&folder, 2));
    succeeds(&file, &out);
    let before = tree(&out);
    let lock = File::open(out.join(".lab/lock")).unwrap();
    lock.lock().unwrap();
    let message = refused(&networks(&folder, 1), &out);
    assert!(
        message.contains(out.to_str().unwrap()) && message.contains("is writing there"),
        "{message}"
    );
    assert_eq!(tree(&out), before);
    drop(lock);
    succeeds(&file, &out);
}

#[test]
fn of_many_processes_at_once_each_writes_all_or_says_that_another_does() {
    let folder = folder("race");
    let (out, files) = (folder.join("out"), [1, 2, 13].map(|count| networks(&folder, count)));
    let alone: Vec<_> = files
        .iter()
        .enumerate()
        .map(|(i, file)| {
            let alone = folder.join(format!("alone-{i}"));
            succeeds(file, &alone);
            tree(&alone).into_values().collect::<Vec<_>>()
        })
        .collect();
    let start = |i: usize| command(&files[i % 3], &out).stderr(Stdio::piped()).spawn().unwrap();
    let started: Vec<_> = (0..9).map(start).collect();
    let ended: Vec<_> =
        started.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    for output in ended.iter().filter(|output| !output.status.success()) {
        let message = complaint(output);
        assert!(message.contains("is writing there"), "{message}");
    }
    assert!(ended.iter().any(|output| output.status.success()));
    assert!(alone.contains(&tree(&out).into_values().collect()), "it is one of the reports, whole");
}

#[test]
fn only_a_folder_is_written_to() {
    let folder = folder("places");
    let file = networks(&folder, 1);
    let there = folder.join("there");
    fs::create_dir(&there).unwrap();
    symlink("there", folder.join("link")).unwrap();
    symlink("nowhere", folder.join("dangling")).unwrap();
    pipe(&folder.join("pipe"));
    for name in ["1.jsonl", "dangling", "pipe", "1.jsonl/below", "pipe/below"] {
        let out = folder.join(name);
        let message = refused(&file, &out);
        let expected = format!("--out {}: expected a folder", out.display());
        assert!(message.contains(&expected), "{message}");
    }
    succeeds(&file, &folder.join("link"));
    assert!(there.join("index.html").is_file());
    let here = command(&file, Path::new(".")).current_dir(&there).output().unwrap();
    assert!(here.status.success(), "the folder that one stands in");
}

#[test]
fn what_is_no_file_of_profiles_is_said_at_once() {
    let folder = folder("inputs");
    pipe(&folder.join("pipe"));
    let _socket = std::os::unix::net::UnixListener::bind(folder.join("socket")).unwrap();
    let cases = ["pipe", "socket", ".", "/dev/null", "/dev/zero"];
    let kinds = ["a pipe", "a socket", "a folder", "a device", "a device"];
    for (name, kind) in cases.into_iter().zip(kinds) {
        let message = refused(&folder.join(name), &folder.join("out"));
        assert!(message.contains(name) && message.contains(kind), "{message}");
        assert!(!folder.join("out").exists());
    }
}
