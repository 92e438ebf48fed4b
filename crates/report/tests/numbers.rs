//! Numbers of profiles in reports: what is printed adds up, what is extreme is refused or drawn, machines of
//! one name stay apart, and many measurements stay few charts.
#![allow(clippy::unwrap_used, reason = "a broken report should end the test")]

#[path = "../src/fixture.rs"]
mod fixture;

use profile::{Comparison, Guideline, Profile};
use proptest::prelude::*;
use report::{Findings, Measurements, Pages, terminal};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// Everything that a report consists of.
fn rendered(profiles: &[Profile]) -> (Pages, Value, String) {
    let measured = Measurements::of(profiles);
    let findings = Findings::of(&measured);
    let mut table = Vec::new();
    report::csv(&findings, &mut table).unwrap();
    let all = json!([findings.verdicts(), findings.architectures]);
    let trace: Value = serde_json::from_str(&report::trace(&findings)).unwrap();
    let screen = profiles
        .iter()
        .map(|p| terminal::measurement(p, terminal::Extent::Full, 120))
        .collect::<String>();
    assert!(trace["traceEvents"].is_array() && all.is_array() && !screen.is_empty());
    let pages = report::pages(&findings).unwrap();
    assert!(pages.charts.iter().all(|chart| chart.standalone().ends_with("</svg>\n")));
    (pages, trace, String::from_utf8(table).unwrap())
}

/// A profile with something in every field.
fn full() -> Profile {
    let mut profile = fixture::profile("net", fixture::plain(4), fixture::core(), 1);
    profile.calibration = Some(fixture::calibration());
    profile.ops[0].warm_ns = vec![5; 9];
    profile.ops[0].executed_flops = Some(7);
    let point = &fixture::experiment(Guideline::G2, fixture::core(), [1.0; 4])[1];
    profile.experiment = point.experiment.clone();
    let (network, input) = ("net".to_owned(), profile.input);
    let side =
        Comparison { network, input, operator: None, times: 1, rewrite: None, obeys: vec![] };
    profile.comparison = Some(side);
    profile
}

/// The places of all numbers in `value`, as JSON pointers.
fn numbers(value: &Value, at: String) -> Vec<String> {
    match value {
        Value::Number(_) => vec![at],
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.flat_map(|(i, item)| numbers(item, format!("{at}/{i}"))).collect()
        }
        Value::Object(keys) => {
            keys.iter().flat_map(|(key, value)| numbers(value, format!("{at}/{key}"))).collect()
        }
        _ => Vec::new(),
    }
}

/// The profiles of `lines`, if they can be read; what is said of them is one line.
fn read(name: &str, lines: &[Value]) -> Option<Vec<Profile>> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let text: String = lines.iter().map(|line| line.to_string() + "\n").collect();
    fs::write(&path, text).unwrap();
    match profile::read(&path, &mut |_| ()) {
        Ok(profiles) => Some(profiles),
        Err(error) => {
            assert_eq!(error.to_string().lines().count(), 1, "{error}");
            None
        }
    }
}

/// What a number may become.
fn extremes() -> [Value; 9] {
    let floats = [0.5, 1e-308, 1e15, 1e308].map(Value::from);
    let [a, b, c, d] = floats;
    [json!(0), json!(1), json!(-1), json!(u64::MAX), json!(1_u64 << 53), a, b, c, d]
}

#[test]
fn any_extreme_number_is_refused_or_drawn() {
    let good = serde_json::to_value(full()).unwrap();
    // Of long lists the first and the second item stand for all.
    let short = |at: &&String| at.rsplit('/').next().unwrap().parse().unwrap_or(0) < 2;
    let places = numbers(&good, String::new());
    let (mut refused, mut read_back) = (0, 0);
    for at in places.iter().filter(short) {
        for extreme in extremes() {
            let mut line = good.clone();
            *line.pointer_mut(at).unwrap() = extreme;
            // Beside it a point and a network as they are.
            let mut base = good.clone();
            base["experiment"]["label"] = json!("base");
            base["experiment"]["dose"] = json!(1.0);
            match read("extreme.jsonl", &[base, line]) {
                None => refused += 1,
                Some(profiles) => {
                    rendered(&profiles);
                    read_back += 1;
                }
            }
        }
    }
    assert!(refused > 300 && read_back > 100, "{refused} refused, {read_back} drawn");
}

/// The places of all lists in `value`, as JSON pointers.
fn lists(value: &Value, at: String) -> Vec<String> {
    match value {
        Value::Array(items) => {
            let inner = items.iter().enumerate();
            let inner = inner.flat_map(|(i, item)| lists(item, format!("{at}/{i}")));
            inner.chain([at.clone()]).collect()
        }
        Value::Object(keys) => {
            keys.iter().flat_map(|(key, value)| lists(value, format!("{at}/{key}"))).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn any_list_without_items_is_refused_or_drawn() {
    let good = serde_json::to_value(full()).unwrap();
    let mut read_back = 0;
    for at in lists(&good, String::new()) {
        let mut line = good.clone();
        *line.pointer_mut(&at).unwrap() = json!([]);
        let mut network = line.clone();
        (network["experiment"], network["comparison"]) = (Value::Null, Value::Null);
        if let Some(profiles) = read("empty.jsonl", &[good.clone(), line, network]) {
            rendered(&profiles);
            read_back += 1;
        }
    }
    assert!(read_back > 10, "{read_back} drawn");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn extreme_numbers_together_are_refused_or_drawn(
        picks in prop::collection::vec((any::<prop::sample::Index>(), 0..9_usize), 2..12),
        alone in any::<bool>(),
    ) {
        let mut line = serde_json::to_value(full()).unwrap();
        if alone {
            (line["experiment"], line["comparison"]) = (Value::Null, Value::Null);
        }
        let places = numbers(&line, String::new());
        for (place, extreme) in picks {
            let at = &places[place.index(places.len())];
            let old = std::mem::replace(
                line.pointer_mut(at).unwrap(),
                extremes()[extreme].clone(),
            );
            // One that is refused alone would hide the others.
            if read("together.jsonl", std::slice::from_ref(&line)).is_none() {
                *line.pointer_mut(at).unwrap() = old;
            }
        }
        rendered(&read("together.jsonl", &[line.clone(), line]).unwrap());
    }
}

/// Two machines whose processors have one name.
#[test]
fn machines_of_one_name_are_told_apart_everywhere() {
    let mut here = fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]);
    here.extend(fixture::compared("shufflenet_v2", fixture::core()));
    here.push(fixture::calibrated());
    let mut there = here.clone();
    for profile in &mut there {
        profile.machine.kernel = "9.9".into();
        profile.machine.memory_bytes *= 2;
    }
    let alone = rendered(&here);
    let both = [here, there].concat();
    let (pages, trace, table) = rendered(&both);
    assert_eq!(pages.charts.len(), 2 * alone.0.charts.len() - 2, "one network on both devices");
    let measured = Measurements::of(&both);
    let findings = Findings::of(&measured);
    let verdicts = json!(findings.verdicts());
    let prices = json!(findings.architectures);
    for devices in [&verdicts, &prices] {
        let devices: Vec<&str> =
            devices.as_array().unwrap().iter().map(|r| r["device"].as_str().unwrap()).collect();
        assert_eq!(devices.len(), 2, "{devices:?}");
        assert!(devices[0].contains("machine 1") && devices[1].contains("machine 2"));
    }
    let screen = terminal::verdicts(&findings, 200) + &terminal::architectures(&findings, 200);
    let sections = pages.index.matches("<h3>").count();
    assert!(sections >= 2 * alone.0.index.matches("<h3>").count() - 1, "a part a machine");
    for machine in ["machine 1", "machine 2"] {
        assert!(screen.contains(machine) && pages.index.contains(machine), "{machine}");
        let charts = pages.charts.iter().filter(|c| c.standalone().contains(machine)).count();
        assert!(charts >= alone.0.charts.len() - 2, "{charts} charts of {machine}");
    }
    let processes = trace["traceEvents"].as_array().unwrap().iter();
    assert_eq!(processes.filter(|e| e["name"] == "process_name").count(), 2);
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let at = |name: &str| rows.headers().unwrap().iter().position(|h| h == name).unwrap();
    let columns = ["device", "cpu", "kernel_version", "memory_bytes", "os", "cores"].map(at);
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let machines: std::collections::BTreeSet<Vec<&str>> =
        rows.iter().map(|row| columns.iter().map(|&at| &row[at]).collect()).collect();
    assert_eq!(machines.len(), 2, "{machines:?}");
}

#[test]
fn thousands_of_measurements_are_few_charts_and_all_in_the_table() {
    let one = fixture::profile("often", fixture::plain(2), fixture::core(), 1);
    let profiles = vec![one; 3000];
    let (pages, trace, table) = rendered(&profiles);
    // Two a drawn measurement, two a network.
    assert_eq!(pages.charts.len(), 2 * 16 + 2);
    assert_eq!(pages.index.matches("<td>often</td>").count(), 3000);
    assert!(pages.index.contains("Drawn are 16 of 3\u{202f}000 measurements"));
    assert_eq!(table.lines().count(), 2 * 3000 + 1);
    let tracks = trace["traceEvents"].as_array().unwrap().iter();
    assert_eq!(tracks.filter(|e| e["name"] == "thread_name").count(), 16);
}

#[test]
fn many_studies_are_judged_and_the_last_are_drawn() {
    let points = &fixture::experiment(Guideline::G1, fixture::core(), [1.0; 4])[..2];
    let studies = (0..70).flat_map(|grid| {
        points.iter().cloned().map(move |mut point| {
            point.whole_ns.truncate(3);
            point.experiment.as_mut().unwrap().grid = format!("grid{grid}");
            point
        })
    });
    let profiles: Vec<Profile> = studies.collect();
    let (pages, ..) = rendered(&profiles);
    let verdicts = Findings::of(&Measurements::of(&profiles)).verdicts();
    assert_eq!((verdicts.len(), pages.charts.len()), (70, 64));
    assert!(pages.index.contains("Drawn are 64 of 70 studies"));
}
