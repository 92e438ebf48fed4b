//! The page as its readers' programs see it, and beside what the terminal says.
#![allow(clippy::unwrap_used, reason = "a broken page should end the test")]

#[path = "../src/fixture.rs"]
mod fixture;

use profile::{Guideline, Profile};
use report::{Findings, Measurements, Pages, terminal, validation};
use scraper::{ElementRef, Html, Selector};
use std::slice::from_ref;

fn pages(profiles: &[Profile]) -> Pages {
    report::pages(&Findings::of(&Measurements::of(profiles))).unwrap()
}

fn page(profiles: &[Profile]) -> Html {
    Html::parse_document(&pages(profiles).index)
}

fn select<'p>(page: &'p Html, selector: &str) -> Vec<ElementRef<'p>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    select(page, selector).iter().map(|element| element.text().collect()).collect()
}

fn attributes<'p>(page: &'p Html, selector: &str, name: &str) -> Vec<&'p str> {
    select(page, selector).iter().filter_map(|element| element.attr(name)).collect()
}

/// Points of two guidelines on two devices, networks beside themselves rewritten, and a calibrated one.
fn all() -> Vec<Profile> {
    let mut profiles = fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]);
    profiles.extend(fixture::experiment(Guideline::G3, fixture::rasteriser(), [1.0; 4]));
    profiles.extend(fixture::compared("shufflenet_v2", fixture::rasteriser()));
    profiles.extend(fixture::compared("shufflenet_v1", fixture::core()));
    profiles.push(fixture::calibrated());
    profiles
}

#[test]
fn sections_stand_in_their_order_and_the_contents_lead_to_them() {
    let page = page(&all());
    let sections = [
        "answers",
        "network-0",
        "network-1",
        "kinds",
        "verdicts",
        "architectures",
        "G1",
        "G3",
        "ceilings",
        "measured",
        "how-to-read",
    ];
    assert_eq!(attributes(&page, "section", "id"), sections);
    let links = attributes(&page, "nav a", "href");
    assert!(links.iter().copied().eq(sections.map(|section| format!("#{section}"))), "{links:?}");
}

#[test]
fn what_an_emulator_ran_has_no_section_that_the_contents_could_lead_to() {
    let page = page(&fixture::experiment(Guideline::G1, fixture::emulated(), [1.0; 4]));
    assert_eq!(attributes(&page, "nav a", "href"), ["#measured", "#how-to-read"]);
}

#[test]
fn what_a_model_computed_stands_beside_how_far_models_are_from_real_cores() {
    let page = page(&fixture::experiment(Guideline::G1, fixture::modelled(), [1.0; 4]));
    assert!(attributes(&page, "nav a", "href").contains(&"#models"));
    let rows = select(&page, "#models > .part > .table tbody tr").len();
    assert_eq!(rows, validation::recorded().len());
}

#[test]
fn each_study_has_its_verdict_conditions_and_points() {
    let page = page(&all());
    let headings = texts(&page, "#G1 h3, #G3 h3");
    let [g1, g3] = headings.as_slice() else { panic!("{headings:?}") };
    assert!(g1.ends_with("real), 1 thread, grid arm: holds"), "{g1}");
    assert!(g3.ends_with("software-rendered), grid arm: no effect"), "{g3}");
    let notes = texts(&page, "#G1 p.note");
    assert!(notes[0].contains("timed in turn (monotonic clock), 40 rounds"), "{notes:?}");
    assert_eq!(select(&page, "#G1 figure svg").len(), 1);
    assert_eq!(select(&page, "#G1 details details tbody tr").len(), 12);
    let verdicts = texts(&page, "#verdicts td.loss, #verdicts td.none");
    assert!(
        verdicts[0].starts_with("holds, ") && verdicts[1].starts_with("no effect"),
        "{verdicts:?}"
    );
    assert_eq!(select(&page, "#verdicts details tbody tr").len(), 2);
}

#[test]
fn a_network_compared_with_itself_has_its_place() {
    let page = page(&all());
    let headings = texts(&page, "#architectures h3");
    let [first, second, last] = headings.as_slice() else { panic!("{headings:?}") };
    assert!(first.contains("software-rendered") && second.contains("real), 1 thread"));
    assert_eq!(last, "What the prices do not prove");
    assert_eq!(select(&page, "#architectures figure").len(), 2, "a scorecard a device");
    assert_eq!(select(&page, "#architectures details details").len(), 2 * 3);
}

/// By the tables of shares and of ceilings, the roofline and the mountain.
#[test]
fn wherever_ceilings_judge_stands_that_they_were_disturbed() {
    let mut profile = fixture::calibrated();
    let told = |profile: &Profile| {
        let page = page(from_ref(profile));
        let charts = texts(&page, "svg").concat();
        (select(&page, "p.warn").len(), charts.matches("were measured on a disturbed").count())
    };
    assert_eq!(told(&profile), (0, 0));
    profile.calibration.as_mut().unwrap().reasons = vec!["other programs".to_owned()];
    assert_eq!(told(&profile), (4 + 1, 2));
}

/// Both are renderings of one document: no line of the terminal's is missing on the page.
#[test]
fn what_the_terminal_says_of_a_measurement_stands_on_its_page() {
    let profile = fixture::calibrated();
    let page = page(from_ref(&profile));
    let message = texts(&page, "h2, h3, h4, p, li, summary");
    let cells = texts(&page, "td");
    let screen = terminal::measurement(&profile, terminal::Extent::Full, 1_000_000);
    for line in screen.lines().filter(|line| !line.is_empty() && !line.starts_with(['─', ' '])) {
        assert!(message.iter().any(|text| text.trim() == line), "{line}");
    }
    let rows = screen.lines().filter(|line| line.starts_with(' '));
    let names = rows.map(|row| row.trim().split("  ").next().unwrap());
    for name in names.filter(|name| !["operator", "class", "bound"].contains(name)) {
        assert!(cells.iter().any(|cell| cell == name), "{name}");
    }
}
