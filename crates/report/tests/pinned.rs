//! A page and a chart of each kind, as they were last looked at. `INSTA_UPDATE=always` takes what is drawn today:
//! look at it before.
#![allow(clippy::unwrap_used, reason = "a broken page should end the test")]

#[path = "../src/fixture.rs"]
mod fixture;

use profile::{Guideline, Profile};
use report::{Findings, Measurements, Pages};

/// A chart of each kind: how the names of its files end.
const KINDS: [&str; 15] = [
    "net0-folded-1-3-32-32-activations",
    "figure-2-folded",
    "net0-folded-1-3-32-32-classes",
    "net0-folded-b1-x86-synthetic-core-x-1-t1-operators",
    "net0-folded-b1-x86-synthetic-core-x-1-t1-mul-adds",
    "net0-folded-b1-x86-synthetic-core-x-1-t1-roofline",
    "x86-synthetic-core-x-1-avx2-t1-mountain",
    "g1-arm-x86-synthetic-core-x-1-t1-slow-down",
    "guidelines-folded-b1-synthetic-core-x-1-x86-avx2-real-t1-scorecard",
    "all-folded-b1-x86-synthetic-core-x-1-t1-proxies",
    "all-folded-b1-x86-synthetic-core-x-1-t1-mult-adds",
    "all-folded-b1-x86-synthetic-core-x-1-t1-classes",
    "compare-synthetic_small-synthetic_small-waterfall",
    "compare-synthetic_small-synthetic_small-along",
    "compare-synthetic_small-synthetic_small-classes",
];

/// Eight networks of one calibrated device, an experiment, a network beside itself rewritten, one on devices of
/// two kinds, and two sides in turn.
fn profiles() -> Vec<Profile> {
    let mut profiles: Vec<Profile> = (0..8)
        .map(|i| {
            let ops = fixture::plain(4 + 2 * i % 6);
            fixture::profile(&format!("net{i}"), ops, fixture::core(), i as u64)
        })
        .collect();
    profiles[0].calibration = Some(fixture::calibration());
    profiles.extend(fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]));
    profiles.extend(fixture::compared("shufflenet_v2", fixture::core()));
    let kinds = [fixture::modelled(), fixture::adapter()];
    profiles.extend(kinds.map(fixture::published));
    profiles.extend(fixture::sides());
    profiles
}

fn pages(profiles: &[Profile]) -> Pages {
    report::pages(&Findings::of(&Measurements::of(profiles))).unwrap()
}

#[test]
fn a_chart_of_each_kind() {
    let charts = pages(&profiles()).charts;
    for kind in KINDS {
        let chart = charts.iter().find(|chart| chart.name.clone().alone() == kind);
        let names = || charts.iter().map(|chart| chart.name.clone().alone()).collect::<Vec<_>>();
        let chart = chart.unwrap_or_else(|| panic!("no {kind} among {:?}", names()));
        insta::assert_snapshot!(kind, chart.standalone());
    }
}

/// The page of one network, without its pictures and the style sheet.
#[test]
fn a_page() {
    let mut page = pages(&profiles()[..1]).index;
    for element in ["svg", "style", "script"] {
        let end = format!("</{element}>");
        while let Some(start) =
            page.find(&format!("<{element} ")).or(page.find(&format!("<{element}>")))
        {
            let length = page[start..].find(&end).unwrap() + end.len();
            page.replace_range(start..start + length, &format!("({element})"));
        }
    }
    insta::assert_snapshot!(page);
}
