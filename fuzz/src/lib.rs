//! What the fuzz targets share: a place for the bytes, costs that add up, and the report, parsed again.

#![forbid(unsafe_code)]

use html5gum::{DefaultEmitter, Token, Tokenizer};
use ops::{Graph, Keep, cpu::CpuSession};
use profile::{Cost, Level, Profile};
use report::{
    Findings, Measurements, terminal,
    visible::{line, lines},
};
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::LazyLock,
};

/// Writes `bytes` into a file of this process, which the code under test reads.
pub fn file(bytes: &[u8]) -> &'static Path {
    static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
        // In memory, where the system has such a folder.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
        folder.join(format!("fuzz-{}", process::id()))
    });
    fs::write(&*FILE, bytes).expect("a file in the folder for temporary ones");
    &FILE
}

/// Counts a network at every level.
///
/// # Panics
/// Where the sums are not those of its nodes.
pub fn costs(raw: &Graph) {
    for level in Level::ALL {
        let graph = raw.at(level);
        let Cost { params, mul_adds, flops, access } = graph.cost();
        let nodes = || graph.nodes.iter().map(|node| graph.node_cost(node));
        assert_eq!(nodes().map(|c| u128::from(c.mul_adds)).sum::<u128>(), mul_adds.into());
        assert_eq!(nodes().map(|c| u128::from(c.flops)).sum::<u128>(), flops.into());
        let elements = nodes().map(|c| u128::from(c.access.elements())).sum::<u128>();
        assert_eq!(elements, access.elements().into());
        assert!(nodes().map(|c| u128::from(c.params)).sum::<u128>() <= params.into());
        assert!(CpuSession::activation_bytes(&graph, Keep::Output) > 0);
    }
}

/// Reads `bytes` as a file of profiles, and draws what it holds.
///
/// # Panics
/// As [`report`].
pub fn profiles(bytes: &[u8]) {
    match profile::read(file(bytes), &mut |warning| plain(&line(warning))) {
        Ok(profiles) => report(&profiles),
        Err(refused) => plain(&line(refused.to_string())),
    }
}

/// Draws the whole report of `profiles`, and reads it as its readers would.
///
/// # Panics
/// Where a part of it is not what it should be.
pub fn report(profiles: &[Profile]) {
    let measured = Measurements::of(profiles);
    let findings = Findings::of(&measured);
    let pages = report::pages(&findings).expect("a page");
    page(&pages.index);
    pages.networks.iter().for_each(|(_, text)| page(text));
    for chart in &pages.charts {
        let svg = chart.standalone();
        plain(&svg);
        let parsed = roxmltree::Document::parse(&svg).unwrap_or_else(|e| panic!("{e}: {svg}"));
        let unknown =
            parsed.descendants().find(|n| n.is_element() && !is_drawn(n.tag_name().name()));
        assert!(unknown.is_none(), "{unknown:?}");
    }
    table(&findings, profiles.iter().map(|p| p.ops.len()).sum());
    trace(&findings);
    let parts = [
        terminal::measurements,
        terminal::comparison,
        terminal::studies,
        terminal::verdicts,
        terminal::architectures,
    ];
    let texts =
        profiles.iter().map(|profile| terminal::measurement(profile, terminal::Extent::Full, 100));
    let texts = texts.chain(parts.iter().map(|part| part(&findings, 100)));
    texts.for_each(|text| plain(&lines(&text)));
}

/// The elements of a chart.
fn is_drawn(element: &str) -> bool {
    [
        "svg", "g", "line", "rect", "text", "tspan", "polyline", "polygon", "circle", "path",
        "title", "style", "desc",
    ]
    .contains(&element)
}

/// A page has no element but the lab's own, its script among them, and each tag is well formed.
fn page(text: &str) {
    plain(text);
    let (mut seen, mut scripts) = (BTreeSet::new(), 0);
    let mut emitter = DefaultEmitter::default();
    // What is in a script is no markup.
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(text, emitter) {
        match token.expect("a string has no errors of reading") {
            Token::StartTag(tag) => {
                let name = String::from_utf8(tag.name.to_vec()).expect("a page is UTF-8");
                let on = tag.attributes.keys().find(|name| name.starts_with(b"on"));
                assert!(on.is_none(), "{name} has a handler: {on:?}");
                if name == "script" {
                    assert!(tag.attributes.is_empty(), "a script from elsewhere");
                    scripts += 1;
                } else {
                    seen.insert(name);
                }
            }
            Token::Error(error) => panic!("{error:?} in {text}"),
            _ => {}
        }
    }
    assert!(scripts <= 1, "{scripts} scripts");
    let foreign = ["iframe", "img", "object", "embed", "form", "input", "base", "link"];
    assert!(foreign.iter().all(|name| !seen.contains(*name)), "{seen:?}");
}

/// The table has a row for each of so many operators, and no cell that a spreadsheet computes.
fn table(findings: &Findings<'_>, operators: usize) {
    let mut bytes = Vec::new();
    report::csv(findings, &mut bytes).expect("a table");
    let rows: Vec<_> = csv::Reader::from_reader(bytes.as_slice())
        .into_records()
        .map(|r| r.expect("a row"))
        .collect();
    assert_eq!(rows.len(), operators);
    for cell in rows.iter().flatten() {
        let number = cell.parse::<f64>().is_ok();
        assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
    }
}

/// No slice of a thread begins before the one before it has ended, as Perfetto counts: in whole
/// nanoseconds.
fn trace(findings: &Findings<'_>) {
    let text = report::trace(findings);
    let trace: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("a list of events");
    let ns = |value: &serde_json::Value| (value.as_f64().expect("a number") * 1e3) as i64;
    let mut ends = std::collections::HashMap::new();
    for event in events.iter().filter(|event| event["ph"] == "X") {
        let (start, length) = (ns(&event["ts"]), ns(&event["dur"]));
        let end = ends.entry((event["pid"].to_string(), event["tid"].to_string())).or_insert(0);
        assert!(start >= *end && length >= 0, "{event} begins before {end}");
        *end = start + length;
    }
}

/// Nothing in a text acts instead of being seen.
fn plain(text: &str) {
    let control = text.chars().find(|c| c.is_control() && *c != '\n');
    assert!(control.is_none(), "{control:?} in {text:?}");
}
