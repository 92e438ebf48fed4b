//! The command as a user types it: what it prints, what it leaves behind, and how it fails.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::Folder;
#[cfg(feature = "gpu")]
use profile::DeviceKind;
use profile::{Level, Profile};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

/// A network small enough for a test.
const SMALL: [&str; 4] = ["--model", "shufflenet_v2", "--input", "32x32"];

/// A measurement short enough for a test.
const SHORT: [&str; 7] = ["--device", "cpu", "--no-calibration", "--warmup", "1", "--iters", "3"];

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe"));
    command.args(args).stdin(Stdio::null());
    command
}

fn probe(args: &[&str]) -> Output {
    command(args).output().unwrap()
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

/// The one line that a command that must fail says.
fn complaint(args: &[&str]) -> String {
    complaint_of(&mut command(args))
}

fn complaint_of(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let args: Vec<_> = command.get_args().collect();
    let message = text(&output.stderr);
    assert!(!output.status.success(), "{args:?} succeeds");
    assert!(output.status.code().is_some_and(|code| code != 101), "{args:?} panics: {message}");
    assert_eq!(text(&output.stdout), "", "{args:?} prints");
    assert_eq!(message.lines().count(), 1, "{args:?}: {message}");
    assert!(message.starts_with("error: "), "{args:?}: {message}");
    message
}

#[test]
fn a_profile_is_printed_written_and_read_again() {
    let out = Folder::new("profile");
    let args = [&SMALL[..], &SHORT, &["--out", out.arg(), "--format", "json"]].concat();
    let line: Profile = serde_json::from_str(&stdout(&args)).unwrap();
    assert_eq!(out.profiles(), std::slice::from_ref(&line));
    assert_eq!(
        (line.model.as_str(), line.level, line.threads),
        ("shufflenet_v2", Level::Folded, 1)
    );
    assert_eq!((line.whole_ns.len(), line.settings.warmup), (3, 1));
    assert!(line.verification.passed && line.verification.ops == line.ops.len());
    assert!(line.ops.iter().all(|op| op.samples_ns.len() == 3 && !op.kernel.is_empty()));
    assert!(line.machine.memory_bytes > 0 && !line.build.rustc.is_empty());
    for (i, whole) in line.instrumented_ns.iter().enumerate() {
        let operators: u64 = line.ops.iter().map(|op| op.samples_ns[i]).sum();
        assert!(operators <= *whole, "Σ operators {operators} ns in a run of {whole} ns");
    }
    for file in ["index.html", "ops.csv", "trace.json"] {
        assert!(out.0.join(file).is_file(), "{file}");
    }
}

#[test]
fn a_report_of_a_run_is_drawn_again_from_its_profiles() {
    let (run, again) = (Folder::new("drawn"), Folder::new("drawn-again"));
    stdout(&[&SMALL[..], &SHORT, &["--out", run.arg()]].concat());
    let profiles = run.0.join("profiles.jsonl");
    let file = profiles.to_str().unwrap();
    assert_eq!(stdout(&["report", file, "--out", again.arg()]), "");
    for name in ["index.html", "ops.csv", "trace.json"] {
        let [first, second] = [&run, &again].map(|folder| fs::read(folder.0.join(name)).unwrap());
        assert!(first == second, "{name}");
    }
    assert!(stdout(&["report", file, "--ops"]).contains("shufflenet_v2"));
    assert!(stdout(&["report", "compare", file, file]).contains("Comparable: shares of time"));
    assert!(complaint(&["report", "none.jsonl"]).contains("none.jsonl"));
}

#[test]
fn every_level_batch_and_thread_count_is_a_profile_of_its_own() {
    let out = Folder::new("settings");
    let two = std::thread::available_parallelism().map_or(1, usize::from).min(2).to_string();
    for more in [&["--level", "raw"], &["--batch", "2"], &["--threads", &two], &["--isa", "scalar"]]
    {
        stdout(&[&SMALL[..], &SHORT, more, &["--out", out.arg()]].concat());
    }
    let taken = out.profiles();
    assert_eq!(taken.len(), 4, "a run into a folder that has profiles adds to them");
    assert!(taken.iter().all(|p| p.verification.passed));
    assert_eq!((taken[0].level, taken[1].batch), (Level::Raw, 2));
    assert_eq!((taken[2].threads.to_string(), taken[3].device.arch.as_str()), (two, "scalar"));
    assert_eq!(taken[1].mul_adds, 2 * taken[0].mul_adds);
    assert!(taken[0].ops.len() > taken[1].ops.len());
}

#[test]
fn resuming_measures_only_what_is_missing() {
    let out = Folder::new("resume");
    let go = |models: &[&str], more: &[&str]| {
        let size = ["--input", "32x32", "--out", out.arg()];
        stdout(&[&["--model"], models, &size, &SHORT, more].concat());
        out.profiles().iter().map(|p| p.model.clone()).collect::<Vec<_>>()
    };
    let (a, b) = ("shufflenet_v2", "shufflenet_v1(groups=8)");
    assert_eq!(go(&[a], &[]), [a]);
    assert_eq!(go(&[a, b], &["--resume"]), [a, b]);
    assert_eq!(go(&[a, b], &["--resume"]), [a, b]);
    assert_eq!(go(&[a], &["--resume", "--batch", "2"]), [a, b, a]);
}

#[test]
fn a_run_that_crashed_is_resumed() {
    let out = Folder::new("crash");
    let file = out.0.join("profiles.jsonl");
    let resume = |more: &[&str]| {
        let args = [&SMALL[..], &SHORT, &["--out", out.arg(), "--resume"], more].concat();
        let output = probe(&args);
        let message = text(&output.stderr);
        assert!(output.status.success(), "{args:?}: {message}");
        message.contains(&format!("warning: {}:2: ", file.display()))
    };
    assert!(!resume(&[]));
    let line = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{line}{}", &line[..line.len() / 2])).unwrap();
    assert!(resume(&[]), "the line that is cut off is told");
    assert!(resume(&["--batch", "2"]));
    assert!(!resume(&[]), "a new line took its place");
    assert_eq!(out.profiles().iter().map(|p| p.batch).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn passes_are_left_out_whatever_their_order() {
    let out = Folder::new("without");
    let go = |passes: &[&str]| {
        let fused = ["--level", "fused", "--out", out.arg(), "--resume", "--without"];
        stdout(&[&SMALL[..], &SHORT, &fused, passes].concat());
        out.profiles().iter().map(|p| p.settings.without.join(" ")).collect::<Vec<_>>()
    };
    let both = "fuse_add view_split";
    assert_eq!(go(&["view_split", "fuse_add", "view_split"]), [both]);
    assert_eq!(go(&["fuse_add", "view_split"]), [both]);
    assert_eq!(go(&["fuse_add"]), [both, "fuse_add"]);
}

#[test]
fn a_network_is_priced_against_itself_on_every_guideline() {
    let out = Folder::new("guidelines");
    let go = |more: &[&str]| {
        let networks = ["guidelines", "shufflenet_v1(groups=3)", "lenet5", "--device", "cpu"];
        let short = ["--input", "32x32", "--max-secs", "0.1", "--out", out.arg()];
        stdout(&[&networks[..], &short, more].concat())
    };
    let table = go(&[]);
    assert!(table.contains("shufflenet_v1(groups=3)") && table.contains("G4"), "{table}");
    let records: Value =
        serde_json::from_str(&fs::read_to_string(out.0.join("guidelines.json")).unwrap()).unwrap();
    let [shuffle, lenet] = records.as_array().unwrap().as_slice() else { panic!("{records}") };
    assert_eq!(
        (&shuffle["model"], &shuffle["threads"]),
        (&"shufflenet_v1(groups=3)".into(), &1.into())
    );
    for axis in ["g1", "g2", "g3", "g4"] {
        for key in ["access_over_bound", "time_share", "price_ms", "price_share"] {
            assert!(shuffle[axis][key].is_number(), "{axis}.{key} in {shuffle:#}");
        }
    }
    // LeNet-5 has neither groups nor branches: it loses nothing to them.
    assert_eq!([&lenet["g2"]["price_ms"], &lenet["g3"]["price_ms"]], [&0.0, &0.0]);
    let profiles = out.profiles();
    assert!(profiles.iter().all(|p| p.verification.passed && p.comparison.is_some()));
    assert_eq!(profiles.iter().filter(|p| p.is_network()).count(), 2);
    assert!(profiles.last().is_some_and(Profile::is_network), "a network stands after its sides");
    let again: Value = serde_json::from_str(&go(&["--resume", "--format", "json"])).unwrap();
    assert_eq!((out.profiles().len(), again), (profiles.len(), records), "nothing was missing");
}

#[test]
fn tables_and_lines_are_for_people_and_programs() {
    let out = Folder::new("formats");
    let args = [&SMALL[..], &SHORT, &["--out", out.arg()]].concat();
    let brief = stdout(&args);
    assert!(brief.contains("--ops shows them") && brief.contains("Top by time"), "{brief}");
    let table = stdout(&[&args[..], &["--ops"]].concat());
    for part in ["stage2.0.branch2.conv1", "Σ operators", "shuffle", "MAC", "mult-adds"] {
        assert!(table.contains(part), "{part} in {table}");
    }
    let csv = stdout(&[&args[..], &["--format", "csv"]].concat());
    assert_eq!(csv, fs::read_to_string(out.0.join("ops.csv")).unwrap());
}

#[test]
fn costs_are_static_and_exact() {
    let line = stdout(&["cost", "--model", "shufflenet_v2", "resnet50", "--format", "json"]);
    let lines: Vec<Value> = line.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let [shuffle, resnet] = lines.as_slice() else { panic!("{line}") };
    assert_eq!(shuffle["input"], serde_json::json!([1, 3, 224, 224]));
    assert_eq!(
        (&shuffle["params"], &shuffle["mul_adds"]),
        (&2_278_760.into(), &145_814_296.into())
    );
    assert_eq!(resnet["params"], 25_557_032);
    let ops = shuffle["ops"].as_array().unwrap();
    for key in ["params", "mul_adds", "flops"] {
        let sum: u64 = ops.iter().map(|op| op[key].as_u64().unwrap()).sum();
        assert_eq!(sum, shuffle[key].as_u64().unwrap(), "{key}");
    }
    let elements = shuffle["access"]["elements"].as_u64().unwrap();
    assert_eq!(shuffle["access"]["bytes"].as_u64(), Some(4 * elements));
    let table = stdout(&["cost", "--model", "shufflenet_v2"]);
    assert!(table.contains("145.8 M") && table.contains("FLOPs: 2 ×"), "{table}");
}

/// Auxiliary classifiers have parameters, but no operator that runs.
#[test]
fn parameters_that_only_training_uses_have_a_row_of_their_own() {
    let cost = |format| stdout(&["cost", "--model", "googlenet(aux=true)", "--format", format]);
    let json: Value = serde_json::from_str(&cost("json")).unwrap();
    let ops = json["ops"].as_array().unwrap();
    let run: u64 = ops.iter().map(|op| op["params"].as_u64().unwrap()).sum();
    let all = json["params"].as_u64().unwrap();
    assert!(run < all, "{run} of {all}");
    assert_eq!(json["training_params"], all - run);
    let table = cost("table");
    let last: Vec<&str> = table.lines().filter(|line| !line.is_empty()).collect();
    let at = last.iter().position(|line| line.trim_start().starts_with("Σ ")).unwrap();
    assert!(last[at - 1].contains("(not run: auxiliary classifiers)"), "{table}");
    let plain = stdout(&["cost", "--model", "googlenet"]);
    assert!(!plain.contains("not run") && plain.contains("exact numbers"), "{plain}");
}

#[test]
fn every_family_is_listed() {
    let table = stdout(&["list"]);
    let json = stdout(&["list", "--format", "json"]);
    let names: Vec<Value> = json
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].clone())
        .collect();
    let families = zoo::FAMILIES.iter().map(|family| family.name);
    let all: Vec<&str> =
        families.chain(zoo::micro::GUIDES.iter().map(|guide| guide.name)).collect();
    assert_eq!(names, all);
    for family in zoo::FAMILIES {
        assert!(table.contains(family.name) && json.contains(family.name), "{}", family.name);
    }
    let one: Value =
        serde_json::from_str(&stdout(&["list", "--family", "mobilenet_v2", "--format", "json"]))
            .unwrap();
    assert_eq!((&one["name"], &one["paper"]["year"]), (&"mobilenet_v2".into(), &2018.into()));
    assert!(one["parameters"].as_array().unwrap().iter().any(|p| p["name"] == "width"));
}

#[test]
fn verifying_times_nothing_and_writes_nothing() {
    let here = Folder::new("verify");
    let args = [&["verify"], &SMALL[..], &["--device", "cpu", "--format", "json"]].concat();
    let output = command(&args).current_dir(&here.0).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome["verification"]["passed"], true);
    assert_eq!(outcome["threads"], 1);
    assert_eq!(fs::read_dir(&here.0).unwrap().count(), 0);
}

#[test]
fn what_was_verified_on_says_its_threads() {
    let two = std::thread::available_parallelism().map_or(1, usize::from).min(2);
    let threads = format!("1,{two}");
    let verify = ["verify", "--model", "lenet5", "--device", "cpu", "--threads", &threads];
    let lines = stdout(&verify);
    let [first, second] = lines.lines().collect::<Vec<_>>()[..] else { panic!("{lines}") };
    assert!(first.contains("), 1 thread: ") && !first.contains("first output"), "{first}");
    let place = if two == 1 { "), 1 thread: " } else { "), 2 threads: " };
    assert!(second.contains(place), "{second}");
    assert!(second.contains("from the first output"), "{second}");
}

#[test]
fn a_network_is_exported_with_its_input_and_output() {
    let out = Folder::new("export");
    let models = ["lenet5", "shufflenet_v2(width=0.5, classes=10)", "g2(channels=8,groups=2)"];
    let args = ["--input", "32x32", "--level", "raw", "--seed", "3", "--out", out.arg()];
    let printed = stdout(&[&["export", "--model"], &models[..], &args].concat());
    let names = models.map(|name| format!("{name}-raw-32x32"));
    let paths = [0, 1, 2].map(|i| out.0.join(format!("{}.onnx", names[i])));
    assert_eq!(printed.lines().map(PathBuf::from).collect::<Vec<_>>(), paths);
    let size =
        |name: &str, end: &str| fs::metadata(out.0.join(format!("{name}.{end}"))).unwrap().len();
    let sizes = |end| [0, 1, 2].map(|i| size(&names[i], end));
    assert_eq!(sizes("in.bin"), [1, 3, 8].map(|channels| 4 * channels * 32 * 32));
    assert_eq!(sizes("out.bin"), [10, 10, 8 * 32 * 32].map(|n| 4 * n));
    assert!(size(&names[0], "onnx") > 4 * 61_706);
    let again = Folder::new("export-again");
    stdout(&["export", "--model", "lenet5", "--seed", "3", "--out", again.arg()]);
    let output =
        |folder: &Folder, name| fs::read(folder.0.join(format!("{name}.out.bin"))).unwrap();
    let [plain, asked] = [output(&again, "lenet5"), output(&out, &names[0])];
    assert_eq!(plain, asked, "the seed decides all values");
    let nowhere = ["export", "--model", "lenet5", "--out", "/proc/nothing"];
    assert!(complaint(&nowhere).contains("--out /proc/nothing"));
}

#[test]
fn an_experiment_solves_for_channels_measures_and_judges() {
    let out = Folder::new("iso-flops");
    let points = ["experiment", "g1", "--ratios", "1,4", "--channels", "8", "--spatial", "4"];
    let args =
        [&points[..], &["--device", "cpu", "--max-secs", "0.01", "--out", out.arg()]].concat();
    let shown = stdout(&args);
    for part in ["1:1 (8, 8)", "1:4 (4, 16)", "drift", "images/s", "G1 (equal input", "verdict"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let models: Vec<String> = out.profiles().iter().map(|p| p.model.clone()).collect();
    let model = |c1, c2| format!("g1(c1={c1},c2={c2},blocks=10,size=4x4)");
    assert_eq!(models, [model(8, 8), model(4, 16), model(8, 8)], "the base has a twin");
    let verdicts = fs::read_to_string(out.0.join("verdicts.json")).unwrap();
    let verdicts: Value = serde_json::from_str(&verdicts).unwrap();
    assert_eq!(verdicts[0]["points"].as_array().map(Vec::len), Some(2));
    assert!(fs::read_to_string(out.0.join("index.html")).unwrap().contains("id=\"G1\""));
    let again = stdout(&[&args[..], &["--format", "json"]].concat());
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap()[0]["guideline"], "G1");
    let verdicts = fs::read_to_string(out.0.join("verdicts.json")).unwrap();
    let verdicts: Value = serde_json::from_str(&verdicts).unwrap();
    let sessions = [0, 1].map(|study| verdicts[study]["session"].as_str().unwrap());
    assert!(sessions[0] < sessions[1], "two runs are two studies: {sessions:?}");
}

#[test]
fn an_experiment_of_one_s_own_is_measured_on_the_grid_asked_for() {
    let out = Folder::new("own");
    let grid = |name| {
        format!(
            "[[grid]]\nname = {name:?}\nspatial = [2]\nmultipliers = [1]\npoints = [\n\
             {{ label = \"g=1\", dose = 1, block.grouped = {{ channels = 4, groups = 1 }} }},\n\
             {{ label = \"g=2\", dose = 2, block.grouped = {{ channels = 6, groups = 2 }} }},\n]\n"
        )
    };
    let head =
        "guideline = \"G2\"\ntitle = \"t\"\nblocks = 1\nheld_fixed = \"h\"\nanalysis = \"a\"\n";
    let file = out.0.join("own.toml");
    fs::write(&file, head.to_owned() + &grid("gpu") + &grid("arm") + &grid("mine")).unwrap();
    let file = file.to_str().unwrap();
    let measured = |more: &[&str]| -> Vec<String> {
        let run = Folder::new("own-run");
        let short = ["--device", "cpu", "--max-secs", "0.01", "--out", run.arg()];
        stdout(&[&["experiment", file], &short[..], more].concat());
        let grid = |p: &Profile| p.experiment.as_ref().map_or("", |e| &e.grid).to_owned();
        let mut grids: Vec<String> = run.profiles().iter().map(grid).collect();
        grids.dedup();
        grids
    };
    assert_eq!(measured(&[]), ["arm", "mine"], "a processor gets the ARM core's channels");
    assert_eq!(measured(&["--grid", "gpu"]), ["gpu", "mine"]);
    fs::write(file, head.to_owned() + &grid("arm").replace("groups = 2", "groups = 4")).unwrap();
    let message = complaint(&["experiment", file, "--device", "cpu"]);
    assert!(message.contains("own.toml:12: ") && message.contains("block0.conv"), "{message}");
}

#[test]
fn bad_input_is_one_clear_line() {
    let bad: [(&[&str], &[&str]); 31] = [
        (&["--model", "shuflenet_v2"], &["no model", "did you mean shufflenet_v2"]),
        (&["--model", "qqqq"], &["no model `qqqq`", "probe list"]),
        (&["--model", ""], &["is empty"]),
        (&["--model", "resnet50("], &["does not end in"]),
        (&["--model", "shufflenet_v1(groups=5)"], &["`groups` is 5", "one of 1, 2, 3, 4, 8"]),
        (&["--model", "shufflenet_v2(groups=3)"], &["no parameter `groups`", "width"]),
        (
            &["--model", "inception_v3", "--input", "32x32"],
            &["node `", "1×288×1×1", "larger input"],
        ),
        (&["--batch", "0"], &["'0'", "--batch", "whole number from 1"]),
        (&["--batch", "-1"], &["'-1'", "--batch", "whole number from 1"]),
        (&["--batch", "99999999999999999999"], &["--batch"]),
        (&["--batch", "60000"], &["GiB", "this machine lets the lab have", "smaller batch"]),
        (&["--threads", "0"], &["'0'", "--threads", "whole number from 1"]),
        (&["--threads", "100000"], &["--threads 100000", "this machine"]),
        (&["--cpus", "7-4"], &["'7-4'", "--cpus", "like 0 or 4-7"]),
        (&["--cpus", "60000"], &["--cpus 60000", "may use the processors", "not 60000"]),
        (&["--isa", "mmx"], &["\"mmx\"", "scalar"]),
        (&["--input", "224x"], &["'224x'", "224x224"]),
        (&["--input", "0x224"], &["'0x224'", "224x224"]),
        (&["--max-secs", "-3"], &["'-3'", "--max-secs", "more than 0"]),
        (&["cost", "--batch", "-1"], &["'-1'", "--batch", "whole number from 1"]),
        (&["guidelines", "--max-secs", "-3"], &["'-3'", "--max-secs", "more than 0"]),
        (&["calibrate", "--threads", "-1"], &["'-1'", "--threads", "whole number from 1"]),
        (&["--device", "cpu", "--adapter", "x"], &["--adapter is for a GPU", "--device"]),
        (&["--device", "gpu", "--isa", "avx2"], &["--isa is for the CPU", "--device"]),
        (&["--device", "gpu", "--cpus", "0"], &["--cpus is for the CPU", "--device"]),
        (&["verify", "--device", "gpu", "--threads", "2"], &["--threads is for the CPU"]),
        (&["--level", "molten"], &["molten", "raw", "folded"]),
        (&["--device", "tpu"], &["tpu", "cpu", "gpu", "all"]),
        (&["--resume"], &["--out"]),
        (&["--modle", "resnet50"], &["--modle", "--model"]),
        (&["--all", "--model", "resnet50"], &["--all", "--model"]),
    ];
    for (args, parts) in bad {
        let message = complaint(args);
        for part in parts {
            assert!(message.contains(part), "{args:?}: {part} in {message}");
        }
    }
    assert!(complaint(&["list", "--family", "shufle"]).contains("--family"));
    assert!(complaint(&["cost", "--model", "qqqq"]).contains("no model"));
}

#[test]
fn what_cannot_be_written_is_known_before_anything_is_measured() {
    let here = Folder::new("unwritable");
    let file = here.0.join("file");
    fs::write(&file, "").unwrap();
    for out in [file.join("below"), Path::new("/proc/nothing").to_owned()] {
        let message = complaint(&[&SMALL[..], &SHORT, &["--out", out.to_str().unwrap()]].concat());
        assert!(message.contains(out.to_str().unwrap()), "{message}");
    }
    fs::write(here.0.join("profiles.jsonl"), "{\"schema\":1}\n").unwrap();
    let message = complaint(&[&SMALL[..], &SHORT, &["--out", here.arg()]].concat());
    assert!(message.contains("profiles.jsonl:1:"), "{message}");
}

#[test]
fn what_cannot_be_written_is_known_before_anything_is_calibrated() {
    let here = Folder::new("no-folder");
    let file = here.0.join("file");
    fs::write(&file, "").unwrap();
    let out = ["--device", "cpu", "--out", file.to_str().unwrap()];
    for verb in [&[][..], &["experiment", "g1"], &["guidelines", "lenet5"]] {
        let args = [verb, &out].concat();
        // An empty cache: any calibration would have to be measured, and would say so.
        let message = complaint_of(command(&args).env("XDG_CACHE_HOME", here.arg()));
        assert!(message.contains(out[3]) && message.contains("expected a folder"), "{message}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = command(&["cost", "--all", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(0)));
}

/// A device that refuses every byte, as a full disk does.
#[cfg(target_os = "linux")]
fn full() -> fs::File {
    fs::OpenOptions::new().write(true).open("/dev/full").unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_standard_error_that_is_full_or_closed_ends_nothing() {
    // Networks that cannot take the input are told there.
    let args = ["cost", "--all", "--input", "32x32", "--format", "json"];
    let all = stdout(&args);
    let output = command(&args).stderr(full()).output().unwrap();
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), all.clone()));
    let mut closed = Command::new("sh");
    closed.args(["-c", "exec \"$0\" \"$@\" 2>&-", env!("CARGO_BIN_EXE_probe")]).args(args);
    let output = closed.output().unwrap();
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), all));
    for (args, code) in [(&["cost", "--model", "qqqq"][..], 1), (&["--nonesuch"], 2)] {
        let output = command(args).stderr(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_standard_output_that_is_full_is_an_error() {
    for args in [&["list"][..], &["cost", "--format", "json"], &["--help"]] {
        let output = command(args).stdout(full()).output().unwrap();
        let message = text(&output.stderr);
        assert_eq!(
            (output.status.code(), message.lines().count()),
            (Some(1), 1),
            "{args:?}: {message}"
        );
        assert!(message.contains("standard output"), "{message}");
    }
}

/// Demands that no character of `text` can steer a terminal.
fn demand_visible(text: &str) {
    let steers = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
    assert!(!text.contains(steers), "{text:?}");
}

#[test]
fn what_is_typed_cannot_steer_a_terminal() {
    let escape = "x\u{1b}[31m\r\nerror: y\u{9b}\u{202e}";
    for args in [
        &["cost", "--model", escape][..],
        &["--nonesuch", escape],
        &[escape],
        &["experiment", escape],
        &["list", "--family", escape],
        &["--model", "lenet5", "--isa", escape],
        &["export", "--model", "lenet5", "--out", &format!("/proc/{escape}")],
    ] {
        demand_visible(&complaint(args));
    }
}

#[test]
fn what_an_experiment_calls_its_points_is_shown_and_does_nothing() {
    let (here, out) = (Folder::new("hostile-file"), Folder::new("hostile"));
    let file = here.0.join("hostile.toml");
    let point = |label, c2| {
        format!("{{ label = \"{label}\", dose = {c2}, block.pair = {{ c1 = 1, c2 = {c2} }} }}")
    };
    let script = r"<script>\u0000\u001b[31m\u202E\uFFFF\n";
    let points = [point("a", 1), point(script, 2)].join(", ");
    let text_of = format!(
        "guideline = \"G1\"\ntitle = \"{script}\"\nblocks = 1\nheld_fixed = \"{script}\"\n\
         analysis = \"{script}\"\n[[grid]]\nname = \"{script}\"\nspatial = [1]\n\
         multipliers = [1]\npoints = [{points}]\n"
    );
    fs::write(&file, text_of).unwrap();
    let short = ["--device", "cpu", "--max-secs", "0.01", "--no-calibration", "--out", out.arg()];
    for format in ["table", "json"] {
        let args = [&["experiment", file.to_str().unwrap()], &short[..], &["--format", format]];
        let output = probe(&args.concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        demand_visible(&text(&output.stdout));
        demand_visible(&text(&output.stderr));
    }
    let charts = fs::read_dir(out.0.join("charts")).unwrap().map(|entry| entry.unwrap().path());
    let shown: Vec<PathBuf> = charts.chain([out.0.join("index.html")]).collect();
    assert!(shown.len() > 1);
    for path in shown {
        let shown = fs::read_to_string(path).unwrap();
        demand_visible(&shown);
        assert!(
            shown.contains("[U+0000][U+001B][31m[U+202E][U+FFFF]")
                && !shown.contains("<script>[U+0000]")
        );
    }
}

#[test]
fn of_all_networks_those_that_cannot_take_an_input_are_left_out_by_name() {
    let output = probe(&["cost", "--all", "--input", "32x32", "--format", "json"]);
    let (some, left_out) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{left_out}");
    assert!(some.contains("\"model\":\"lenet5\"") && !some.contains("\"model\":\"alexnet\""));
    assert!(left_out.lines().all(|line| line.starts_with("left out: ")), "{left_out}");
    assert!(left_out.contains("left out: alexnet: node `"), "{left_out}");
    assert_eq!(some.lines().count() + left_out.lines().count(), zoo::models().len());
}

#[cfg(feature = "gpu")]
#[test]
fn a_gpu_is_measured_beside_the_cpu_and_compared_with_it() {
    let out = Folder::new("gpu");
    let output = probe(&[&SMALL[..], &SHORT[2..], &["--out", out.arg()]].concat());
    let message = text(&output.stderr);
    assert!(output.status.success(), "{message}");
    if message.contains("no GPU adapter") {
        assert!(std::env::var_os("LAB_REQUIRE_GPU").is_none(), "{message}");
        assert_eq!(out.profiles().len(), 1);
        return;
    }
    let profiles = out.profiles();
    let [cpu, gpu] = profiles.as_slice() else { panic!("{} profiles", profiles.len()) };
    assert_eq!(cpu.verification.against_cpu, None);
    assert!(gpu.verification.against_cpu.is_some_and(|d| d > 0.0 && d < 1e-3));
    assert_eq!((gpu.device.kind, gpu.threads), (DeviceKind::Gpu, 1));
    assert!(text(&output.stdout).contains("Share of Σ operators by class"));
    let message = text(&probe(&[&SMALL[..], &["--adapter", "nonesuch"]].concat()).stderr);
    assert!(message.contains("\"nonesuch\"") && message.contains(&gpu.device.name), "{message}");
}

#[cfg(all(feature = "gpu", target_os = "linux"))]
#[test]
fn without_an_adapter_the_cpu_is_measured_alone() {
    let out = Folder::new("no-gpu");
    let args = [&SMALL[..], &SHORT[2..], &["--out", out.arg()]].concat();
    let run = |more: &[&str]| {
        let mut command = command(&[&args[..], more].concat());
        for drivers in ["VK_ICD_FILENAMES", "VK_DRIVER_FILES"] {
            command.env(drivers, "/nonexistent");
        }
        command.output().unwrap()
    };
    let output = run(&[]);
    let message = text(&output.stderr);
    assert!(output.status.success(), "{message}");
    assert!(message.contains("install") && message.contains("CPU alone"), "{message}");
    assert_eq!(out.profiles().len(), 1);
    let output = run(&["--device", "gpu"]);
    let message = text(&output.stderr);
    assert!(!output.status.success() && message.contains("error: no GPU adapter"), "{message}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_cleanly_and_what_is_finished_stays() {
    let out = Folder::new("interrupt");
    let models = ["--model", "shufflenet_v2(width=0.5)", "resnet152", "--input", "64x64"];
    let args = [&models[..], &SHORT, &["--out", out.arg()]].concat();
    let child = command(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let first = || fs::read_to_string(out.0.join("profiles.jsonl")).unwrap_or_default();
    while !first().ends_with('\n') {
        std::thread::sleep(Duration::from_millis(5));
    }
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    assert_eq!(out.profiles().len(), 1);
    assert!(out.0.join("index.html").is_file(), "the report of what is finished is drawn");
}

/// The calibration that `cache` remembers, from now on disturbed by `reasons`.
fn remembered_as(cache: &Folder, reasons: &[&str]) -> Value {
    let file = cache.0.join("probe").join("calibration.json");
    let mut all: BTreeMap<String, Value> =
        serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let calibration = all.values_mut().next().unwrap();
    match reasons {
        [] => _ = calibration.as_object_mut().unwrap().remove("reasons"),
        _ => calibration["reasons"] = reasons.into(),
    }
    let known = calibration.clone();
    fs::write(&file, serde_json::to_vec(&all).unwrap()).unwrap();
    known
}

/// What is measured is the machine's business; that it is kept, and stands in profiles, is ours.
#[test]
fn ceilings_are_measured_once_and_stand_in_every_profile() {
    let (cache, out) = (Folder::new("calibration-cache"), Folder::new("calibration"));
    let run = |args: &[&str]| {
        let output = command(args).env("XDG_CACHE_HOME", cache.arg()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        (text(&output.stdout), text(&output.stderr))
    };
    let calibrate = ["calibrate", "--device", "cpu"];
    let (first, message) = run(&[&calibrate[..], &["--format", "json"]].concat());
    assert!(message.contains("calibrating"), "{message}");
    let first: Value = serde_json::from_str(&first).unwrap();
    let levels = first["levels"].as_array().unwrap();
    assert_eq!(levels.last().unwrap()["name"], "DRAM");
    assert!(first["peaks"].as_array().unwrap().iter().all(|p| p["gflops"].as_f64() > Some(0.0)));
    // Whether the machine was quiet is its own business.
    let known = remembered_as(&cache, &[]);
    let (again, message) = run(&[&calibrate[..], &["--format", "json"]].concat());
    let again: Value = serde_json::from_str(&again).unwrap();
    for part in ["taken_at", "mountain", "peaks", "caches"] {
        assert_eq!(again[part], known[part], "{part}");
    }
    assert_eq!(message, "");
    let (table, _) = run(&calibrate);
    for part in ["GFLOP/s", "DRAM", "up to (knee)", "Starting work"] {
        assert!(table.contains(part), "{part} in {table}");
    }
    let profile = ["--device", "cpu", "--warmup", "1", "--iters", "3", "--out", out.arg()];
    let taken_at = |n: usize| out.profiles().remove(n).calibration.unwrap().taken_at;
    let (_, message) = run(&[&SMALL[..], &profile].concat());
    assert!(!message.contains("calibrating"), "{message}");
    assert_eq!(taken_at(0), first["taken_at"].as_str().unwrap());
    // One that was disturbed is used with a warning, and no longer than until the machine is quiet.
    remembered_as(&cache, &["a rival"]);
    let (_, message) = run(&[&SMALL[..], &profile].concat());
    let (anew, warned) =
        (message.contains("calibrating"), message.contains("warning: The ceilings"));
    assert!(anew || warned, "{message}");
    assert!(anew || taken_at(1) == taken_at(0), "{message}");
}
