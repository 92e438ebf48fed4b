//! The file format: its schema, pinned, and what is said of lines that are no profile.
#![allow(clippy::unwrap_used, reason = "a broken file should end the test")]

mod complete;

use complete::complete;
use flate2::{Compression, write::GzEncoder};
use profile::{FileError, OpRecord, Profile, Rendering, Shape};
use serde_json::{Value, json};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// The profiles of a file, whatever it warns of.
fn read(path: &Path) -> Result<Vec<Profile>, FileError> {
    profile::read(path, &mut |_| ())
}

/// A path of this test's own where nothing is.
fn fresh(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    path
}

/// What is said of a file that holds `text`; it must name the file and this line.
fn complaint(name: &str, text: &str, line: usize) -> String {
    let path = fresh(name);
    fs::write(&path, text).unwrap();
    let error = read(&path).unwrap_err().to_string();
    let start = format!("{}:{line}: not a profile: ", path.display());
    error.strip_prefix(&start).unwrap_or_else(|| panic!("{error}")).to_owned()
}

fn line() -> String {
    serde_json::to_string(&complete()).unwrap()
}

/// A change here changes every file ever written: it needs a new `SCHEMA`.
#[test]
fn the_schema_is_pinned() {
    insta::assert_json_snapshot!(complete());
}

/// What was measured must not take the lines before it along.
#[test]
fn what_no_reader_would_take_is_not_appended() {
    let path = fresh("poison.jsonl");
    profile::append(&path, &complete()).unwrap();
    let before = fs::read(&path).unwrap();
    let huge = Profile { mul_adds: u64::MAX, ..complete() };
    let message = profile::append_all(&path, &[complete(), huge]).unwrap_err().to_string();
    assert!(message.contains("no reader would take it: field `mul_adds`"), "{message}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn nothing_is_appended_to_a_compressed_file() {
    let path = fresh("appended.jsonl.gz");
    let before = gzipped(format!("{}\n", line()).as_bytes());
    fs::write(&path, &before).unwrap();
    let message = profile::append(&path, &complete()).unwrap_err().to_string();
    assert!(message.contains("is compressed") && message.contains("gunzip"), "{message}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// Schema 1 has another name for a list.
#[test]
fn a_file_of_an_older_schema_is_read_as_one_of_today() {
    let path = fresh("older.jsonl");
    let old = line().replacen("\"schema\":2", "\"schema\":1", 1);
    let old = old.replace("\"warm_ns\":", "\"at_hand_ns\":");
    assert!(old.contains("\"at_hand_ns\":[400,"));
    fs::write(&path, format!("{old}\n")).unwrap();
    assert_eq!(read(&path).unwrap(), [complete()]);
    let huge = old.replacen("\"at_hand_ns\":[400,", "\"at_hand_ns\":[18446744073709551615,", 1);
    let message = complaint("older_huge.jsonl", &format!("{huge}\n"), 1);
    assert!(message.contains("field `ops[0].at_hand_ns[0]`"), "{message}");
}

#[test]
fn what_was_appended_is_read_back() {
    let path = fresh("round_trip.jsonl");
    let mut second = complete();
    second.timing.note.clear();
    second.device.driver.clear();
    second.verification.note.clear();
    (second.year, second.experiment, second.calibration) = (None, None, None);
    second.settings.without.clear();
    second.workers.clear();
    (second.noise.steal, second.verification.against_cpu, second.side) = (None, None, None);
    for profile in [&complete(), &second] {
        profile::append(&path, profile).unwrap();
        // Each is whole on disk as soon as append returns.
        assert!(fs::read_to_string(&path).unwrap().ends_with("}\n"));
    }
    assert_eq!(read(&path).unwrap(), [complete(), second]);
}

#[test]
fn empty_lines_are_no_profiles() {
    let path = fresh("empty_lines.jsonl");
    fs::write(&path, format!("\n{}\n  \n", line())).unwrap();
    assert_eq!(read(&path).unwrap().len(), 1);
}

/// A crash may cut a line off after any byte, within a character too.
#[test]
fn a_line_that_a_crash_cut_off_spoils_no_other() {
    let path = fresh("interrupted.jsonl");
    let mut wide = complete();
    wide.model = "größe".into();
    let next = serde_json::to_vec(&wide).unwrap();
    for cut in 0..next.len() {
        fs::write(&path, [line().as_bytes(), b"\n", &next[..cut]].concat()).unwrap();
        assert_eq!(read(&path).unwrap(), [complete()], "after {cut} bytes");
    }
    let mut warnings = Vec::new();
    profile::read(&path, &mut |warning| warnings.push(warning)).unwrap();
    assert!(warnings.len() == 1 && warnings[0].contains("interrupted.jsonl:2: "), "{warnings:?}");
    profile::append(&path, &wide).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
    assert_eq!(read(&path).unwrap(), [complete(), wide]);
}

/// A loss of power may leave zeros behind the lines, behind a cut line, or nothing else.
#[test]
fn zeros_behind_the_lines_spoil_none() {
    let path = fresh("zeros.jsonl");
    let zeros = [0; 4096];
    let whole = line() + "\n";
    let texts = [("", 0), (&*whole, 1), (&line(), 1), (&format!("{whole}{{\"schema\":2,\"mo"), 1)];
    for (text, profiles) in texts {
        fs::write(&path, [text.as_bytes(), &zeros].concat()).unwrap();
        let mut warnings = Vec::new();
        let found = profile::read(&path, &mut |warning| warnings.push(warning)).unwrap();
        assert_eq!(found.len(), profiles, "{text}");
        assert_eq!(warnings.len(), usize::from(text != line()), "{warnings:?}");
        profile::append(&path, &complete()).unwrap();
        assert_eq!(read(&path).unwrap(), vec![complete(); profiles + 1], "{text}");
        assert!(!fs::read(&path).unwrap().contains(&0));
    }
}

#[test]
fn another_s_text_is_no_line_that_a_crash_cut_off() {
    for text in ["{\"name\": \"my notes\"", "[1, 2", "\"quoted", "{\"schema\"?"] {
        let message = complaint("notes.jsonl", text, 1);
        assert_eq!(message.lines().count(), 1, "{message}");
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("notes.jsonl");
        profile::append(&path, &complete()).unwrap();
        assert!(fs::read_to_string(&path).unwrap().starts_with(text), "nothing is lost");
    }
}

#[test]
fn a_last_line_that_lacks_only_its_end_counts() {
    let path = fresh("no_end.jsonl");
    fs::write(&path, line()).unwrap();
    assert_eq!(read(&path).unwrap(), [complete()]);
    profile::append(&path, &complete()).unwrap();
    assert_eq!(read(&path).unwrap(), [complete(), complete()]);
}

#[test]
fn complaints_name_the_line_and_the_field() {
    let good = line();
    let cases = [
        ("missing", good.replacen("\"batch\":2,", "", 1), "missing field `batch`"),
        (
            "wrong",
            good.replacen("\"batch\":2", "\"batch\":\"two\"", 1),
            "field `batch`: invalid type",
        ),
        (
            "deep",
            good.replacen("\"samples_ns\":[500,", "\"samples_ns\":[-500,", 1),
            "field `ops[0].samples_ns[0]`: invalid value: integer `-500`",
        ),
        (
            "variant",
            good.replacen("\"kind\":\"gpu\"", "\"kind\":\"tpu\"", 1),
            "field `device.kind`: unknown variant `tpu`",
        ),
        (
            "newer",
            good.replacen("\"schema\":2", "\"schema\":99", 1),
            "schema 99: this version reads schemas 1 to 2",
        ),
        ("none", good.replacen("\"schema\":2,", "", 1), "field `schema` is missing"),
        ("cut", good[..good.len() / 2].to_owned(), "the line is cut off"),
        ("prose", "Dear reader,".to_owned(), "expected value at column 1"),
        ("number", "42".to_owned(), "field `schema` is missing"),
        (
            "flaw",
            good.replacen("\"bytes\":[", "\"bytes\":[0,", 1),
            "field `calibration.mountain.bytes[0]`: 0, expected 1 to",
        ),
    ];
    for (name, bad, expected) in cases {
        let message = complaint(&format!("{name}.jsonl"), &format!("{good}\n\n{bad}\n"), 3);
        assert!(message.contains(expected), "{name}: {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

/// Every number of `value` with the field that it stands in.
fn numbers(value: &Value, field: String) -> Vec<String> {
    match value {
        Value::Number(_) => vec![field],
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.flat_map(|(i, item)| numbers(item, format!("{field}[{i}]"))).collect()
        }
        Value::Object(keys) => {
            let dot = if field.is_empty() { "" } else { "." };
            keys.iter().flat_map(|(key, v)| numbers(v, format!("{field}{dot}{key}"))).collect()
        }
        _ => Vec::new(),
    }
}

/// `field` as a JSON pointer: `/ops/0/name` for `ops[0].name`.
fn pointer(field: &str) -> String {
    format!("/{}", field.replace("][", "/").replace(['.', '['], "/").replace(']', ""))
}

/// A field that is new and has no row in the table of limits fails here.
#[test]
fn no_number_can_be_what_no_measurement_leaves_behind() {
    let good = serde_json::to_value(complete()).unwrap();
    let path = fresh("extremes.jsonl");
    for field in numbers(&good, String::new()) {
        for extreme in [json!(-1e308), json!(1e308), json!(u64::MAX)] {
            let mut line = good.clone();
            *line.pointer_mut(&pointer(&field)).unwrap() = extreme.clone();
            fs::write(&path, line.to_string()).unwrap();
            let read = read(&path);
            let asked = ["settings.seed", "settings.warmup", "settings.iters"];
            if asked.contains(&field.as_str()) && extreme == json!(u64::MAX) {
                assert!(read.is_ok(), "anything can be asked for");
                continue;
            }
            let error = read.expect_err(&format!("{field}: {extreme}")).to_string();
            assert!(error.contains(&field) && error.lines().count() == 1, "{field}: {error}");
        }
    }
}

#[test]
fn sums_over_operators_stay_exact() {
    let path = fresh("sums.jsonl");
    let most = 1_u64 << 53;
    let refused = |change: fn(&mut OpRecord, u64), sum: &str| {
        let mut profile = complete();
        profile.ops = vec![profile.ops.remove(0); 2];
        change(&mut profile.ops[0], most - 500_000);
        fs::write(&path, serde_json::to_string(&profile).unwrap()).unwrap();
        assert_eq!(read(&path).unwrap(), [profile.clone()], "{sum}: as much as can be");
        profile.ops.iter_mut().for_each(|op| change(op, most - 500_000));
        fs::write(&path, serde_json::to_string(&profile).unwrap()).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("field `ops`: {sum} sum up to")), "{error}");
    };
    refused(|op, n| op.flops = n, "flops");
    refused(|op, n| op.mul_adds = n, "mul_adds");
    refused(|op, n| op.params = n, "params");
    refused(|op, n| op.executed_flops = Some(n), "executed_flops");
    refused(|op, n| op.access.weights = n, "access");
}

#[test]
fn what_is_too_much_is_refused() {
    let mut large = complete();
    large.ops[0].output = Shape::new(1 << 20, 1 << 20, 1 << 20, 1 << 20);
    let mut long = complete();
    long.ops[0].kernel = "k".repeat(1 << 15);
    let mut many = complete();
    many.noise.reasons = vec![String::new(); 65];
    for (profile, expected) in [
        (large, "field `ops[0].output`: 1048576×"),
        (long, "field `ops[0].kernel`: a text of 32768 bytes"),
        (many, "field `noise.reasons`: 65 items"),
    ] {
        let message = complaint("much.jsonl", &serde_json::to_string(&profile).unwrap(), 1);
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let good: Value = serde_json::from_str(&line()).unwrap();
    for (field, value, expected) in [
        ("noise.drift", json!(0.99), "field `noise.drift`: 0.99, expected 1 to 1e18"),
        ("machine.cores", json!(0), "field `machine.cores`: 0, expected 1 to 1048576"),
        ("batch", json!(3), "field `batch`: 3, expected 2, the N of `input`"),
        ("params", json!(1_u64 << 60), "expected 0 to 9007199254740992"),
        ("experiment.dose", json!(1e-308), "expected 0, or 1e-9 or more"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(&pointer(field)).unwrap() = value;
        let message = complaint("impossible.jsonl", &bad.to_string(), 1);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_long_word_is_not_repeated_whole() {
    let long = line().replacen("\"gpu\"", &format!("{:?}", "g".repeat(100_000)), 1);
    let message = complaint("long_word.jsonl", &long, 1);
    assert!(message.starts_with("field `device.kind`: unknown variant `g"), "{message}");
    assert!(message.contains("expected one of") && message.len() < 1000, "{message}");
}

/// Other parts of a profile are asked of before there is one.
#[test]
fn a_part_has_the_limits_of_the_whole() {
    let flaw = |part: Value| profile::flaw_of_part(&part).unwrap_or_default();
    let experiment = |label: &str, dose: f64| json!({"experiment": {"label": label, "dose": dose}});
    assert_eq!(flaw(experiment("1:2", 0.0)), "");
    assert!(flaw(experiment(&"l".repeat(1 << 15), 2.0)).starts_with("field `experiment.label`"));
    assert!(flaw(experiment("1:2", 1e19)).starts_with("field `experiment.dose`: 1e+19"));
    let ops = json!({"ops": [{"attrs": {"kernel": [1, 70_000]}}]});
    assert_eq!(flaw(ops), "field `ops[0].attrs.kernel[1]`: 70000, expected 1 to 65536");
}

#[test]
fn a_list_of_another_length_says_how_long_it_should_be() {
    let good: Value = serde_json::from_str(&line()).unwrap();
    for (field, items, expected) in [
        ("noise.load", json!([1.0]), "field `noise.load`: 1 items, expected 2"),
        ("noise.load", json!([1.0, 2.0, 3.0]), "field `noise.load`: 3 items, expected 2"),
        ("input", json!([1, 2, 3, 4, 5]), "field `input`: 5 items, expected 4"),
        ("ops[0].output", json!([]), "field `ops[0].output`: 0 items, expected 4"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(&pointer(field)).unwrap() = items;
        assert_eq!(complaint("length.jsonl", &bad.to_string(), 1), expected);
    }
}

#[test]
fn files_that_cannot_be_opened_are_named() {
    let path = fresh("nowhere").join("profiles.jsonl");
    for error in [read(&path).unwrap_err(), profile::append(&path, &complete()).unwrap_err()] {
        assert!(matches!(error, FileError::Io { .. }));
        assert!(error.to_string().contains("profiles.jsonl"), "{error}");
    }
}

#[test]
fn labels_say_whether_a_device_is_real() {
    let mut device = complete().device;
    assert_eq!(device.label(), "Invented adapter (gpu, vulkan, software-rendered)");
    device.rendering = Rendering::Real;
    assert!(device.label().ends_with("real)"));
}

#[test]
fn what_editors_put_round_lines_is_no_part_of_them() {
    let (path, mark) = (fresh("marked.jsonl"), "\u{feff}");
    let line = line();
    for text in [
        format!("{mark}{line}\n"),
        format!("{mark}{line}"),
        format!("{line}\r\n"),
        format!("{mark}\r\n{line}\r\n\r\n"),
        format!("{mark}{line}\r\n{mark}"),
        format!("{mark}\n{line}\n"),
        format!("{mark}{line}\n{mark}{}", &line[..line.len() / 2]),
    ] {
        fs::write(&path, &text).unwrap();
        assert_eq!(read(&path).unwrap(), [complete()], "{text:?}");
        profile::append(&path, &complete()).unwrap();
        assert_eq!(read(&path).unwrap(), [complete(), complete()], "{text:?}");
    }
}

/// `text` as gzip has it.
fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_compressed_file_is_read_like_any_other() {
    let path = fresh("some.jsonl.gz");
    let (one, bad) = (gzipped(format!("{}\n", line()).as_bytes()), gzipped(b"{\"schema\": 0}\n"));
    // Compressed files that were joined are one.
    fs::write(&path, [&one[..], &one].concat()).unwrap();
    assert_eq!(read(&path).unwrap(), [complete(), complete()]);
    fs::write(&path, [&one[..], &bad].concat()).unwrap();
    let message = read(&path).unwrap_err().to_string();
    assert!(message.contains("some.jsonl.gz:2: ") && message.contains("schema 0"), "{message}");
    fs::write(&path, &one[..one.len() / 2]).unwrap();
    assert!(matches!(read(&path), Err(FileError::Io { .. })), "cut off");
    fs::write(&path, [&one[..], b"notes"].concat()).unwrap();
    assert!(matches!(read(&path), Err(FileError::Io { .. })), "something else behind it");
}

/// Tapes and block devices fill what is left of a block.
#[test]
fn zeros_behind_a_compressed_file_are_no_part_of_it() {
    let path = fresh("padded.jsonl.gz");
    let one = gzipped(format!("{}\n", line()).as_bytes());
    for zeros in [1, 511, 100_000] {
        fs::write(&path, [&one[..], &vec![0; zeros]].concat()).unwrap();
        assert_eq!(read(&path).unwrap(), [complete()], "{zeros} zeros");
    }
}

#[test]
fn what_was_compressed_twice_says_so() {
    let twice = gzipped(&gzipped(format!("{}\n", line()).as_bytes()));
    let path = fresh("twice.jsonl.gz");
    fs::write(&path, twice).unwrap();
    let message = read(&path).unwrap_err().to_string();
    assert!(
        message.contains("twice.jsonl.gz:1: ") && message.contains("compressed twice"),
        "{message}"
    );
    let first = gzipped(format!("{}\n", line()).as_bytes());
    fs::write(&path, [first.clone(), gzipped(&first)].concat()).unwrap();
    let message = read(&path).unwrap_err().to_string();
    assert!(message.contains("twice.jsonl.gz:2: ") && message.contains("begins here"), "{message}");
}

#[test]
fn a_line_without_end_takes_no_memory_without_end() {
    let path = fresh("endless.jsonl.gz");
    fs::write(&path, gzipped(&vec![b' '; (1 << 28) + 1])).unwrap();
    let message = read(&path).unwrap_err().to_string();
    assert!(
        message.ends_with("endless.jsonl.gz:1: not a profile: a line of 268435456 bytes or more"),
        "{message}"
    );
}

#[test]
fn another_encoding_is_named() {
    let units: Vec<u16> = format!("{}\n", line()).encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let wide: Vec<u8> = line().chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    for text in [
        little.clone(),
        big.clone(),
        wide.clone(),
        [&b"\xff\xfe"[..], &little].concat(),
        [&b"\xfe\xff"[..], &big].concat(),
        [&b"\0\0\xfe\xff"[..], &wide].concat(),
    ] {
        let path = fresh("wide.jsonl");
        fs::write(&path, text).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("wide.jsonl:1: ") && message.contains("UTF-16"), "{message}");
        assert!(message.contains("save it as UTF-8"), "{message}");
    }
}

#[cfg(unix)]
mod on_unix {
    use super::*;
    use std::{
        os::unix::fs::PermissionsExt,
        path::Path,
        process::{Command, Stdio},
    };

    /// What is no file, with what it is called.
    fn no_files() -> Vec<(PathBuf, &'static str)> {
        let pipe = fresh("pipe.jsonl");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let link = fresh("link.jsonl");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let device = PathBuf::from("/dev/full");
        vec![(pipe, "a pipe"), (link, "a pipe"), (folder, "a folder"), (device, "a device")]
    }

    #[test]
    fn what_is_no_file_is_refused_and_not_waited_for() {
        for (path, kind) in no_files() {
            for error in
                [read(&path).unwrap_err(), profile::append(&path, &complete()).unwrap_err()]
            {
                let FileError::Io { source, .. } = error else { panic!("{error}") };
                assert!(source.to_string().contains(kind), "{source}");
            }
            assert!(profile::file::write(&path, b"new").is_err());
        }
    }

    #[test]
    fn a_file_is_written_whole_with_the_permissions_of_any_other() {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("whole");
        let _ = fs::remove_dir_all(&folder);
        let (whole, other) = (folder.join("below/whole"), folder.join("other"));
        for content in ["first", "second, and longer", ""] {
            profile::file::write(&whole, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&whole).unwrap(), content);
        }
        assert_eq!(fs::read_dir(folder.join("below")).unwrap().count(), 1, "nothing beside it");
        fs::write(&other, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&whole), mode(&other));
    }

    /// Set in the process that has little room on its disk: the file that it writes.
    const GROWING: &str = "PROFILE_TEST_GROWING";

    #[test]
    fn a_full_disk_leaves_what_was_there() {
        if let Some(path) = std::env::var_os(GROWING).map(PathBuf::from) {
            let lines = vec![complete(); 8];
            for _ in 0..2 {
                assert!(profile::append_all(&path, &lines).is_err());
                assert!(profile::file::write(&path, &[b'x'; 1 << 14]).is_err());
            }
            return;
        }
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("growing");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("profiles.jsonl");
        let before = [line().as_bytes(), b"\n"].concat();
        fs::write(&path, &before).unwrap();
        // Room for 4 KiB or 8, as the shell counts blocks.
        let limited = "trap '' XFSZ; ulimit -f 8; exec \"$@\"";
        let mut this = Command::new("sh");
        this.args(["-c", limited, "sh"]).arg(std::env::current_exe().unwrap());
        this.args(["--exact", "on_unix::a_full_disk_leaves_what_was_there"]);
        let ended = this.env(GROWING, &path).stdout(Stdio::null()).status().unwrap();
        assert!(ended.success());
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing beside it");
    }
}
