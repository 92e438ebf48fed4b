//! Text from files is text, whatever is in it: in the page, in charts, in the table for
//! spreadsheets and on a screen.
#![allow(clippy::unwrap_used, reason = "a broken page should end the test")]

#[path = "../src/fixture.rs"]
mod fixture;

use profile::{Guideline, Profile};
use proptest::prelude::*;
use report::{
    Chart, Findings, Measurements, Pages, folder::Folder, markdown, names, terminal, visible,
};
use scraper::Html;
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path, sync::LazyLock};

/// What stands before and after every text: each may begin a formula or a line, end an attribute,
/// an element or a comment, steer a terminal, or turn what follows round.
const BEFORE: [&str; 8] = ["=", "+", "-", "@", "\t=", "\r\n=", " \"=", "＝"];
const AFTER: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>' onload='x' <!-- ]]> \
    &lt;b&gt; &#27; \0\u{1}\u{8}\u{b}\u{1b}[31m\u{7f}\u{85}\u{9b}31m\u{202e}\u{2066}\u{fffe}\u{ffff}\
    \u{fdd0}\u{1ffff}\u{feff}\n\r\u{2028}error: all is lost\t;=1+1";

/// `text` with all of it around; two that differ still do.
fn hostile(text: &str) -> String {
    let before = BEFORE[text.bytes().map(usize::from).sum::<usize>() % BEFORE.len()];
    format!("{before}{text}{AFTER}")
}

/// Where the strings of `value` are, and the keys of its free-form maps.
fn strings(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(i, v)| strings(v, &format!("{at}/{i}"), found));
        }
        Value::Object(all) => {
            all.iter().for_each(|(key, v)| strings(v, &format!("{at}/{key}"), found));
        }
        _ => {}
    }
}

/// `profile` with every string in it hostile that may be any, and the fields that may not.
fn filled(profile: &Profile) -> (Profile, BTreeSet<String>) {
    let (mut value, mut found) = (serde_json::to_value(profile).unwrap(), Vec::new());
    strings(&value, "", &mut found);
    let mut kept = BTreeSet::new();
    for at in found {
        let before = value.pointer(&at).unwrap().clone();
        *value.pointer_mut(&at).unwrap() = hostile(before.as_str().unwrap()).into();
        if read(&value).is_none() {
            *value.pointer_mut(&at).unwrap() = before;
            let fixed: Vec<&str> =
                at.split('/').filter(|part| part.parse::<usize>().is_err()).collect();
            kept.insert(fixed.join("/"));
        }
    }
    let mut profile = read(&value).unwrap();
    for op in &mut profile.ops {
        op.attrs = op.attrs.iter().map(|(key, v)| (hostile(key), v.clone())).collect();
    }
    (profile, kept)
}

fn read(value: &Value) -> Option<Profile> {
    serde_json::from_value(value.clone()).ok()
}

/// Profiles in which every optional field is set in one or another.
fn profiles() -> Vec<Profile> {
    let mut full = fixture::calibrated();
    full.ops.truncate(8);
    full.noise.reasons = vec!["load average 3.10 on 2 processors".into()];
    full.timing.note = "time stamps were unfit".into();
    full.verification.note = "two outputs differ".into();
    full.settings.without = vec!["fuse_add".into(), "view_split".into()];
    full.device.driver = "synthetic 1.0".into();
    full.machine.model = "family 26, model 2".into();
    let mut profiles = vec![full];
    for place in [fixture::rasteriser(), fixture::emulated()] {
        let mut profile = fixture::shufflenet_on(place, 1);
        profile.ops.truncate(4);
        profiles.push(profile);
    }
    for i in 0..8 {
        let mut profile = fixture::shufflenet_on(fixture::core(), i);
        profile.ops.truncate(4 + i as usize);
        profile.model = format!("net{i}");
        profiles.push(profile);
    }
    profiles.extend(fixture::compared("shufflenet_v1", fixture::core()));
    let [a, mut b] = fixture::sides();
    b.side.as_mut().unwrap().command = Some("old/probe".into());
    profiles.extend([a, b]);
    for guideline in Guideline::ALL {
        profiles.extend(fixture::experiment(guideline, fixture::core(), [1.0, 1.1, 1.5, 2.0]));
    }
    profiles
}

/// The same, with every string hostile.
fn hostile_profiles() -> Vec<Profile> {
    profiles().iter().map(|profile| filled(profile).0).collect()
}

#[test]
fn every_text_of_a_profile_is_tried() {
    let mut kept = BTreeSet::new();
    for profile in profiles() {
        let (filled, fixed) = filled(&profile);
        assert_ne!(filled, profile);
        kept.extend(fixed);
    }
    // These are words of ours.
    let ours = [
        "/calibration/caches/name",
        "/comparison/obeys",
        "/comparison/rewrite/guideline",
        "/device/kind",
        "/device/rendering",
        "/experiment/guideline",
        "/level",
        "/ops/class",
        "/side/letter",
    ];
    let ours: BTreeSet<String> = ours.map(str::to_owned).into();
    assert!(kept.is_subset(&ours), "{kept:?}");
}

/// Demands that nothing in `text` acts: no character but line breaks is hidden.
fn demand_visible(text: &str) {
    let acts = |c: char| {
        let directs = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        let forbidden = c as u32 & 0xfffe == 0xfffe || matches!(c, '\u{fdd0}'..='\u{fdef}');
        (c.is_control() && c != '\n') || directs || forbidden
    };
    let found = text.char_indices().find(|&(_, c)| acts(c));
    assert_eq!(found, None, "in {:?}", found.map(|(i, _)| &text[i.saturating_sub(40)..i + 4]));
}

/// Demands that a page has only the elements and attributes that ours have.
fn demand_harmless(page: &str) {
    demand_visible(page);
    for part in parts(page) {
        assert!(OURS.contains(&part), "{part}");
    }
}

/// The elements and attributes of pages of many networks and of one.
static OURS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let all = [pages(&profiles()), pages(&profiles()[..1])].concat();
    all.iter().flat_map(|page| parts(page)).collect()
});

/// Every element of a page, and every attribute of it.
fn parts(page: &str) -> BTreeSet<String> {
    let document = Html::parse_document(page);
    let elements = document.tree.values().filter_map(|node| node.as_element());
    let names = elements.flat_map(|e| {
        let attributes = e.attrs().map(|(name, _)| format!("{} {name}", e.name()));
        attributes.chain([e.name().to_owned()]).collect::<Vec<_>>()
    });
    let comments =
        document.tree.values().filter(|node| node.is_comment()).map(|_| "comment".into());
    names.chain(comments).collect()
}

fn rendered(profiles: &[Profile]) -> Pages {
    report::pages(&Findings::of(&Measurements::of(profiles))).unwrap()
}

fn pages(profiles: &[Profile]) -> Vec<String> {
    let Pages { index, networks, .. } = rendered(profiles);
    networks.into_iter().map(|(_, page)| page).chain([index]).collect()
}

#[test]
fn a_page_shows_text_and_nothing_else() {
    let profiles = hostile_profiles();
    let all = pages(&profiles);
    for page in &all {
        demand_harmless(page);
    }
    let shown: String = Html::parse_document(all.last().unwrap()).root_element().text().collect();
    for profile in &profiles {
        let model = visible::lines(&profile.model).into_owned();
        let network = profile.is_network();
        assert!(!network || shown.contains(&model) || shown.contains(&*visible::line(&model)));
    }
    for text in [
        "<script>alert(1)</script>",
        "&lt;b&gt; &#27; [U+0000][U+0001]",
        "[U+001B][31m",
        "[U+202E]",
    ] {
        assert!(shown.contains(text), "{text}");
    }
}

/// Every text in a picture.
fn words(svg: &str) -> Vec<String> {
    let picture = roxmltree::Document::parse(svg).unwrap();
    for node in picture.descendants().filter(roxmltree::Node::is_element) {
        let ours = ["svg", "style", "g", "title", "rect", "text", "circle", "path"];
        assert!(ours.contains(&node.tag_name().name()), "{}", node.tag_name().name());
        let handler = node.attributes().find(|a| a.name().starts_with("on"));
        assert_eq!(handler, None);
    }
    let texts = picture.descendants().filter(|node| node.tag_name().name() == "text");
    texts.map(|node| node.text().unwrap_or_default().trim().to_owned()).collect()
}

#[test]
fn every_chart_is_well_formed_and_says_the_same() {
    let charts = rendered(&hostile_profiles()).charts;
    assert_eq!(charts.len(), rendered(&profiles()).charts.len());
    for chart in &charts {
        let svg = chart.standalone();
        demand_visible(&svg);
        let words = words(&svg);
        assert!(!words.is_empty());
    }
    let all: String = charts.iter().map(Chart::standalone).collect();
    for text in ["[U+001B][31m", "[U+202E]", "[U+FFFF]"] {
        assert!(all.contains(text), "{text}");
    }
}

#[test]
fn no_cell_of_the_table_is_a_formula() {
    let mut table = Vec::new();
    let measured = Measurements::of(&hostile_profiles());
    report::csv(&Findings::of(&measured), &mut table).unwrap();
    demand_visible(std::str::from_utf8(&table).unwrap());
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_slice());
    for row in rows.records() {
        for cell in row.unwrap().iter() {
            // Also where semicolons separate cells, and blanks and quotes before one are dropped.
            for cell in cell.split(';') {
                let bare = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '"');
                let formula = bare.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
                assert!(!formula || cell.parse::<f64>().is_ok_and(f64::is_finite), "{cell:?}");
            }
        }
    }
}

/// What the lab prints of `profiles`, on a screen that is wide enough to break no line.
fn printed(profiles: &[Profile]) -> Vec<String> {
    let width = 1_000_000;
    let measured = Measurements::of(profiles);
    let findings = Findings::of(&measured);
    let mut all: Vec<String> =
        profiles.iter().map(|p| terminal::measurement(p, terminal::Extent::Full, width)).collect();
    let parts = [
        terminal::measurements,
        terminal::comparison,
        terminal::studies,
        terminal::verdicts,
        terminal::architectures,
    ];
    all.extend(parts.map(|part| part(&findings, width)));
    all.extend(findings.pairs.iter().map(|pair| terminal::pair(pair, width)));
    all.extend(findings.pairs.iter().map(|pair| markdown::pair(pair, &[])));
    all.push(terminal::apart(&report::apart(&measured, &measured), width));
    let calibrations = profiles.iter().filter_map(|p| p.calibration.as_ref());
    all.extend(calibrations.map(|c| terminal::ceilings("a device".to_owned(), c, width)));
    all
}

#[test]
fn no_text_begins_a_line_of_its_own_on_a_screen() {
    let (plain, hostile) = (printed(&profiles()), printed(&hostile_profiles()));
    assert_eq!(plain.len(), hostile.len());
    for (plain, hostile) in plain.iter().zip(&hostile) {
        assert_eq!(plain.lines().count(), hostile.lines().count(), "{hostile}");
        demand_visible(&visible::lines(hostile));
    }
}

#[test]
fn hostile_names_of_files_are_harmless_and_stay_apart() {
    let charts = rendered(&hostile_profiles()).charts;
    let told = names::told_apart(charts.iter().map(|chart| &chart.name));
    let apart: BTreeSet<String> = told.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(apart.len(), told.len());
    for name in told {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        assert!(name.chars().all(fits) && !name.starts_with('.') && name.len() < 250, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_a_network_is_called_its_page_and_charts_can_be_read(name in any::<String>()) {
        let mut profile = fixture::profile(&name, fixture::plain(2), fixture::core(), 1);
        profile.ops[0].name.clone_from(&name);
        let Pages { index, charts, .. } = rendered(std::slice::from_ref(&profile));
        demand_harmless(&index);
        for chart in charts {
            words(&chart.standalone());
        }
    }
}

#[test]
fn no_file_of_a_report_holds_what_nobody_sees() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-files");
    let _ = fs::remove_dir_all(&out);
    let folder = Folder::open(&out, &report::scope()).unwrap();
    let measured = Measurements::of(&hostile_profiles());
    report::write(&Findings::of(&measured), &folder, &mut |_| ()).unwrap();
    for name in ["guidelines.json", "trace.json", "verdicts.json"] {
        let text = fs::read_to_string(out.join(name)).unwrap();
        demand_visible(&text);
        serde_json::from_str::<Value>(&text).unwrap();
    }
}
