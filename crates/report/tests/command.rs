//! The `report` command from files to a folder, and what it says of files that are none.
#![allow(clippy::unwrap_used, reason = "a broken folder should end the test")]

#[path = "../src/fixture.rs"]
mod fixture;

use profile::Profile;
use scraper::{Html, Selector};
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn saved(folder: &Path, name: &str, profiles: &[Profile]) -> PathBuf {
    let path = folder.join(name);
    for profile in profiles {
        profile::append(&path, profile).unwrap();
    }
    path
}

fn report(arguments: &[&Path]) -> Output {
    let (files, out) = arguments.split_at(arguments.len() - 1);
    let mut command = Command::new(env!("CARGO_BIN_EXE_report"));
    command.args(files).arg("--out").args(out).output().unwrap()
}

/// The one line that a failing command must say.
fn complaint(output: &Output) -> String {
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// The first page of a report, and those of networks.
fn pages(out: &Path) -> Vec<Html> {
    let own = fs::read_dir(out.join("networks")).into_iter().flatten();
    let paths = own.map(|page| page.unwrap().path()).chain([out.join("index.html")]);
    paths.map(|path| Html::parse_document(&fs::read_to_string(path).unwrap())).collect()
}

/// The texts of all elements that are `selected`.
fn texts(page: &Html, selected: &str) -> Vec<String> {
    let selected = Selector::parse(selected).unwrap();
    page.select(&selected).map(|element| element.text().collect()).collect()
}

/// A zoo on two machines: what the charts are looked at with.
fn zoo() -> [Vec<Profile>; 2] {
    let nets = [
        ("synthetic_small", fixture::shufflenet([1, 0, 0])),
        ("shufflenet_v2", fixture::shufflenet([4, 8, 4])),
        ("synthetic_network_with_a_rather_long_name(width=0.75)", fixture::shufflenet([2, 3, 9])),
        ("synthetic_deep", fixture::shufflenet([20, 18, 6])),
        ("synthetic_plain", fixture::plain(10)),
    ];
    let on = |place: fn() -> (profile::Device, fixture::Speed)| {
        nets.iter()
            .enumerate()
            .map(|(i, (name, ops))| fixture::profile(name, ops.clone(), place(), i as u64))
            .collect::<Vec<_>>()
    };
    let mut here = on(fixture::core);
    here.extend(on(fixture::rasteriser));
    here[0].noise.reasons = vec!["load average 3.10 on 2 processors".into()];
    here[1].ops[4].samples_ns = vec![0; 40];
    here[1].ops[5].samples_ns.clear();
    let mut there = on(fixture::adapter);
    let mut v1 = fixture::shufflenet_on(fixture::core(), 9);
    (v1.model, v1.mul_adds) = ("shufflenet_v1(groups=3)".into(), 137_460_672);
    there.push(v1);
    there.push(fixture::shufflenet_on(fixture::emulated(), 3));
    [here, there]
}

#[test]
fn two_machines_become_one_report() {
    let folder = folder("two_machines");
    let [here, there] = zoo();
    let (a, b) = (saved(&folder, "a.jsonl", &here), saved(&folder, "b.jsonl", &there));
    let out = folder.join("report");
    let output = report(&[&a, &b, &out]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let pages = pages(&out);
    let all = |selected: &str| pages.iter().flat_map(|p| texts(p, selected)).collect::<Vec<_>>();
    let cells = all("#measured td");
    for profile in here.iter().chain(&there) {
        for cell in [&profile.device.label(), &profile.model] {
            assert!(cells.contains(cell), "{cell}");
        }
    }
    let warnings = all("li.warn");
    assert!(warnings.iter().any(|w| w.starts_with("NOISY RUN: load average 3.10")), "{warnings:?}");
    let published = all("svg text").into_iter().filter(|t| t.contains("published: figure 2"));
    assert_eq!(published.count(), 2, "the GPU's pie and the ARM core's");
    let outside = "link, img, iframe, object, [src], [href*=':']";
    assert_eq!(all(outside), [""; 0], "the page needs nothing else");
    let style = all("style").concat();
    assert!(!style.contains("url(") && !style.contains("@import"));
    let charts: Vec<_> = fs::read_dir(out.join("charts")).unwrap().collect();
    // Two a timed measurement (16), two a network (6), six a device with three networks (3), and one of the networks
    // that ran on devices of two kinds.
    assert_eq!(charts.len(), 2 * 16 + 2 * 6 + 6 * 3 + 1);
    for chart in charts {
        let svg = fs::read_to_string(chart.unwrap().path()).unwrap();
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
        let said = ["real", "software-rendered", "whatever the device"];
        assert!(said.iter().any(|rendering| svg.contains(rendering)), "rendering is said");
    }
    let trace = fs::read_to_string(out.join("trace.json")).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&trace).is_ok());
    assert!(fs::read_to_string(out.join("ops.csv")).unwrap().lines().count() > 1000);
}

#[test]
fn nothing_of_an_earlier_report_stays() {
    let folder = folder("earlier");
    let out = folder.join("report");
    let [here, there] = zoo();
    let compared = fixture::compared("shufflenet_v2", fixture::core());
    let all: Vec<Profile> = here.iter().chain(&there).chain(&compared).cloned().collect();
    assert!(report(&[&saved(&folder, "all.jsonl", &all), &out]).status.success());
    assert!(out.join("guidelines.json").exists());
    let one = saved(&folder, "one.jsonl", &here[..1]);
    assert!(report(&[&one, &out]).status.success());
    let alone = folder.join("alone");
    assert!(report(&[&one, &alone]).status.success());
    let files = |out: &Path| {
        let charts = fs::read_dir(out.join("charts")).unwrap();
        let all = fs::read_dir(out).unwrap().chain(charts);
        let mut names: Vec<_> = all.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(files(&out), files(&alone));
}

#[test]
fn many_networks_have_a_page_each() {
    let folder = folder("many");
    let nets: Vec<Profile> = (0..13)
        .map(|i| fixture::profile(&format!("net(i={i})"), fixture::plain(4), fixture::core(), i))
        .collect();
    let file = saved(&folder, "a.jsonl", &nets);
    let out = folder.join("report");
    assert!(report(&[&file, &out]).status.success());
    let index = fs::read_to_string(out.join("index.html")).unwrap();
    let pages: Vec<_> = fs::read_dir(out.join("networks")).unwrap().map(Result::unwrap).collect();
    assert_eq!(pages.len(), nets.len());
    for page in pages {
        let name = page.file_name().into_string().unwrap();
        assert!(index.contains(&format!("href=\"networks/{name}\"")), "{name} is linked");
        assert!(fs::read_to_string(page.path()).unwrap().contains("All 4 operators"));
    }
    assert!(!index.contains("All 4 operators"));
    let one = saved(&folder, "one.jsonl", &nets[..1]);
    assert!(report(&[&one, &out]).status.success());
    assert!(!out.join("networks").exists());
}

#[test]
fn an_emulator_alone_makes_a_report_without_times() {
    let folder = folder("emulator");
    let file = saved(&folder, "a.jsonl", &[fixture::shufflenet_on(fixture::emulated(), 1)]);
    let out = folder.join("report");
    assert!(report(&[&file, &out]).status.success());
    let page = Html::parse_document(&fs::read_to_string(out.join("index.html")).unwrap());
    assert!(texts(&page, "ul.facts li").iter().any(|fact| fact.ends_with("none is shown.")));
    let charts = texts(&page, "svg text");
    assert!(charts.iter().all(|text| !text.contains("µs")), "{charts:?}");
}

#[test]
fn the_same_measured_twice_is_kept_twice() {
    let folder = folder("twice");
    let profile = fixture::shufflenet_on(fixture::core(), 1);
    let file = saved(&folder, "a.jsonl", &[profile.clone(), profile]);
    let out = folder.join("report");
    assert!(report(&[&file, &out]).status.success());
    assert_eq!(fs::read_dir(out.join("charts")).unwrap().count(), 2 * 2 + 2);
}

#[test]
fn a_calibrated_device_shows_its_ceilings_and_every_operators_bound() {
    let folder = folder("calibrated");
    let file = saved(&folder, "a.jsonl", &[fixture::calibrated()]);
    let out = folder.join("report");
    assert!(report(&[&file, &out]).status.success());
    let page = Html::parse_document(&fs::read_to_string(out.join("index.html")).unwrap());
    assert_eq!(texts(&page, "#ceilings h2"), ["What the devices can do"]);
    assert!(texts(&page, "#network-0 th").contains(&"% warm".to_owned()));
    assert!(texts(&page, "#network-0 h4").iter().any(|title| title.starts_with("By bound · ")));
    let roofs = texts(&page, "#network-0 svg text");
    for roof in ["L3 40.0 GB/s", "DRAM 12.0 GB/s"] {
        assert!(roofs.iter().any(|text| text.trim() == roof), "{roof} in {roofs:?}");
    }
    // Operators, mult-adds, roofline, shares, activations, and the mountain.
    assert_eq!(fs::read_dir(out.join("charts")).unwrap().count(), 6);
    let table = fs::read_to_string(out.join("ops.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let mut at = |name| rows.headers().unwrap().iter().position(|h| h == name);
    let (bound, of_bound) = (at("bound").unwrap(), at("of_bound").unwrap());
    let warm = at("warm_of_bound").unwrap();
    for row in rows.records().map(Result::unwrap) {
        assert!(!row[bound].is_empty() && row[of_bound].parse::<f64>().unwrap() > 0.0, "{row:?}");
        assert!(row[warm].parse::<f64>().unwrap() > 0.0, "{row:?}");
    }
}

#[test]
fn what_was_drawn_is_counted_in_words_that_fit() {
    let folder = folder("counted");
    let file = saved(&folder, "a.jsonl", &[fixture::shufflenet_on(fixture::core(), 1)]);
    for (files, counted) in [(vec![&*file], "1 profile in "), (vec![&*file; 2], "2 profiles in ")] {
        let out = folder.join("out");
        let output = report(&[&files[..], &[&*out]].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.starts_with(counted), "{text}");
    }
}

#[test]
fn a_malformed_profile_is_named_by_file_line_and_field() {
    let folder = folder("malformed");
    let good = saved(&folder, "good.jsonl", &[fixture::shufflenet_on(fixture::core(), 1)]);
    let line = fs::read_to_string(&good).unwrap();
    let bad = folder.join("bad.jsonl");
    fs::write(&bad, format!("{line}\n{}", line.replacen("\"batch\":1", "\"batch\":\"one\"", 1)))
        .unwrap();
    let text = complaint(&report(&[&good, &bad, &folder.join("report")]));
    for part in ["bad.jsonl:3:", "batch", "one"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!folder.join("report").exists(), "nothing is written where something is wrong");
}

#[cfg(unix)]
#[test]
fn what_a_complaint_quotes_cannot_steer_a_terminal() {
    let folder = folder("steering");
    let file = folder.join("x\u{1b}[31m\nreport: \u{9b}\u{202e}.jsonl");
    for text in ["{\"schema\":1,\"model\":\"\\u001b[31m\",\"input\":\"\\u009b\\n\"}\n", "\u{1b}\n"]
    {
        fs::write(&file, text).unwrap();
        let message = complaint(&report(&[&file, &folder.join("report")]));
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!message.contains(steers), "{message:?}");
        assert!(message.contains("x[U+001B][31m"), "{message}");
    }
}

#[test]
fn networks_whose_names_read_alike_have_a_page_each() {
    let folder = folder("alike");
    let names = ["a(b)", "a-b", "A-b", "a b", "a/b", "con", "CON", "..", "a(b)-2"];
    let more = (0..6).map(|i| format!("other{i}"));
    let nets: Vec<Profile> = names
        .map(str::to_owned)
        .into_iter()
        .chain(more)
        .map(|name| fixture::profile(&name, fixture::plain(2), fixture::core(), 1))
        .collect();
    let out = folder.join("report");
    assert!(report(&[&saved(&folder, "a.jsonl", &nets), &out]).status.success());
    let index = Html::parse_document(&fs::read_to_string(out.join("index.html")).unwrap());
    let links = Selector::parse("#answers td > a").unwrap();
    let links: Vec<&str> = index.select(&links).map(|a| a.attr("href").unwrap()).collect();
    let apart: HashSet<String> = links.iter().map(|link| link.to_lowercase()).collect();
    assert_eq!(apart.len(), nets.len(), "{links:?}");
    for (net, link) in nets.iter().zip(links) {
        let page = Html::parse_document(&fs::read_to_string(out.join(link)).unwrap());
        assert_eq!(texts(&page, "h2")[0], net.model, "{link}");
    }
}

#[test]
fn missing_empty_and_unwritable_are_said_in_one_line() {
    let folder = folder("unwritable");
    let good = saved(&folder, "good.jsonl", &[fixture::shufflenet_on(fixture::core(), 1)]);
    let out = folder.join("report");
    assert!(complaint(&report(&[&folder.join("none.jsonl"), &out])).contains("none.jsonl"));
    let empty = folder.join("empty.jsonl");
    fs::write(&empty, "\n").unwrap();
    assert!(complaint(&report(&[&empty, &out])).contains("no profile"));
    // A file stands where the folder should be: nobody, not even root, can write there.
    let text = complaint(&report(&[&good, &good.join("report")]));
    assert!(text.contains("cannot write") && text.contains("good.jsonl"), "{text}");
}

/// The README and the tutorial show them.
#[test]
fn the_charts_of_the_example_are_those_that_are_drawn_today() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports/example");
    let out = folder("example").join("out");
    let output = report(&[&example.join("profiles.jsonl.gz"), &out]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown: Vec<_> = fs::read_dir(example.join("charts")).unwrap().map(Result::unwrap).collect();
    assert!(!shown.is_empty());
    for chart in shown {
        let rendered = fs::read_to_string(out.join("charts").join(chart.file_name())).unwrap();
        assert!(
            fs::read_to_string(chart.path()).unwrap() == rendered,
            "{}: draw the example anew, and look at it",
            chart.path().display()
        );
    }
}

#[test]
fn two_files_are_held_against_each_other() {
    let folder = folder("two_files");
    let a = saved(&folder, "a.jsonl", &[fixture::calibrated()]);
    let b = saved(&folder, "b.jsonl", &[fixture::shufflenet_on(fixture::core(), 2)]);
    let compare = |b: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_report"));
        command.arg("compare").args([&a, b]).output().unwrap()
    };
    let table = ["json", "csv", "markdown"].map(|format| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_report"));
        let output =
            command.arg("compare").args([&a, &b]).args(["--format", format]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    });
    let [json, csv, markdown] = table;
    let records: serde_json::Value = serde_json::from_str(&json).unwrap();
    let operators = records[0]["operators"].as_array().unwrap();
    assert_eq!(csv.lines().count(), 1 + operators.len());
    assert!(
        operators[0]["a"]["share"].as_f64().unwrap() > 0.0 && operators[0]["b"]["rank"].is_u64()
    );
    assert!(markdown.starts_with("## ") && markdown.contains("Not comparable: their times"));
    let out = folder.join("out");
    let mut command = Command::new(env!("CARGO_BIN_EXE_report"));
    let written = command.arg("compare").args([&a, &b]).arg("--out").arg(&out).output().unwrap();
    assert!(written.status.success() && written.stdout.is_empty(), "{written:?}");
    let page = Html::parse_document(&fs::read_to_string(out.join("index.html")).unwrap());
    assert!(texts(&page, "svg text").iter().any(|text| text.starts_with("A: ")));
    let file: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(out.join("apart.json")).unwrap()).unwrap();
    assert_eq!(file, records);
    let output = compare(&b);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success() && text.contains("Not comparable: their times"), "{text}");
    assert!(complaint(&compare(&folder.join("none.jsonl"))).contains("none.jsonl"));
    let empty = saved(&folder, "empty.jsonl", &[]);
    fs::write(&empty, "").unwrap();
    assert!(complaint(&compare(&empty)).contains("nothing to compare"));
}
