//! The page: everything about a set of measurements in one file that needs nothing else.
//!
//! Where many networks were measured, what is said operator by operator moves to a page a network,
//! so that the first page stays light.

mod architectures;
mod ceilings;
mod guidelines;

use crate::{
    analysis::{Analysis, by_network, by_place},
    chart::{Chart, Drawn, class_shares, models, mul_adds, operators, palette, proxies, roofline},
    guidelines::{
        records::{Record, of_studies},
        study::Study,
    },
    names::{Name, told_apart},
    selection::{Selection, last, left_out, network},
    sentences, tables,
    text::TOP,
    visible,
};
use indexmap::IndexSet;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use profile::{Guideline, Profile};
use std::collections::HashSet;

const CSS: &str = include_str!("page.css");
const HOW_TO_READ: &str = include_str!("how_to_read.html");
const TITLE: &str = "Latency and memory access cost of convolutional networks";

/// Most networks that the first page shows operator by operator.
const ON_ONE_PAGE: usize = 12;
/// Most networks that it shows so without being asked.
const UNFOLDED: usize = 4;
/// Most networks of one device that are compared with each other.
const COMPARED: usize = 400;
/// Most machines, programs and ways to measure that are listed.
const FACTS: usize = 100;

/// The pages of a report and the charts in them.
#[derive(Clone, Debug)]
pub struct Pages {
    /// The first page.
    pub index: String,
    /// A page a network where they are many: path from the first page, and the page.
    pub networks: Vec<(String, String)>,
    /// All charts, in the order in which the pages show them.
    pub charts: Vec<Chart>,
    /// The verdicts on the guidelines: judging takes long, and once.
    pub verdicts: Vec<Record>,
}

/// The pages of `profiles`.
///
/// # Errors
/// Where plotters fails.
pub fn pages(profiles: &[Profile]) -> Drawn<Pages> {
    let studies = Study::all(profiles);
    let selection = Selection::of(profiles);
    let analyses: Vec<_> = selection.drawn.iter().map(|p| Analysis::of(p)).collect();
    let groups = by_network(&analyses);
    let many = groups.len() > ON_ONE_PAGE;
    let names: Vec<Name> = groups.iter().map(|g| Name::new(&[&g[0].network()], &[])).collect();
    let (mut charts, mut networks) = (Vec::new(), Vec::new());
    let before = html! {
        (contents(profiles, &groups))
        (measured(profiles, &selection))
        (ceilings::section(profiles, &mut charts)?)
        (guidelines::sections(&studies, &mut charts)?)
        (architectures::section(profiles, &mut charts)?)
        @for place in by_place(&analyses) { (across_networks(&latest(&place), &mut charts)?) }
    };
    let mut sections = Vec::new();
    for (group, name) in groups.iter().zip(told_apart(&names)) {
        let overview = overview(group, &mut charts)?;
        let by_operator = by_operator(group, &mut charts)?;
        let rest = if many {
            let path = format!("networks/{name}.html");
            let link = html! { p { a href=(path) { "Operator by operator" } } };
            let back = html! { p { a href="../index.html" { "All networks" } } };
            networks.push((path, document(&html! { (back) (overview) (by_operator) })));
            link
        } else {
            html! {
                details open[groups.len() <= UNFOLDED] {
                    summary { "Operator by operator" }
                    (by_operator)
                }
            }
        };
        sections.push(html! { (overview) (rest) });
    }
    let index = document(&html! {
        (before)
        @for (i, section) in sections.iter().enumerate() {
            section id={ "network-" (i) } { (section) }
            "\n"
        }
    });
    Ok(Pages { index, networks, charts, verdicts: of_studies(&studies) })
}

/// A page. Whatever text it holds was escaped when it became markup, and is made visible here.
fn document(body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { (TITLE) }
                style { (PreEscaped(CSS)) (PreEscaped(palette::style())) }
            }
            "\n"
            body {
                header {
                    h1 { (TITLE) }
                    p class="lead" {
                        "Operator by operator: what each must compute, what memory it must touch, how \
                         long it took on which device, and how sure that is."
                    }
                }
                "\n"
                (body)
                (PreEscaped(HOW_TO_READ))
                p class="note" { (sentences::conventions()) }
            }
        }
    };
    visible::lines(&page.into_string()).into_owned() + "\n"
}

fn contents(profiles: &[Profile], networks: &[Vec<&Analysis<'_>>]) -> Markup {
    let about = |guideline: Guideline| {
        profiles.iter().any(|p| p.experiment.as_ref().is_some_and(|e| e.guideline == guideline))
    };
    let guidelines = Guideline::ALL.into_iter().filter(|&guideline| about(guideline));
    html! {
        nav {
            ul {
                (link("measured", "What was measured"))
                @if profiles.iter().any(|p| p.experiment.is_some()) {
                    (link("verdicts", "The guidelines' verdicts"))
                }
                @for guideline in guidelines { (link(guideline.name(), guideline.name())) }
                @if profiles.iter().any(|p| p.comparison.is_some()) {
                    (link(architectures::ID, architectures::TITLE))
                }
                @for (i, group) in networks.iter().enumerate() {
                    (link(&format!("network-{i}"), &group[0].network()))
                }
                (link("how-to-read", "How to read this"))
            }
        }
        "\n"
    }
}

/// A line of the contents.
fn link(id: &str, text: &str) -> Markup {
    html! { li { a href={ "#" (id) } { (text) } } "\n" }
}

/// What ran, on which machine, built from what, how it was asked to measure.
fn measured(profiles: &[Profile], networks: &Selection<'_>) -> Markup {
    let settings = profiles.iter().map(sentences::setting);
    // A side of a comparison has whatever its network's seconds left it.
    let asked = profiles.iter().filter(|p| p.comparison.is_none() || p.is_network());
    let all: IndexSet<String> = settings.chain(asked.map(sentences::asked_for)).collect();
    let all: Vec<String> = all.into_iter().collect();
    let mut facts = last(&all, FACTS).to_vec();
    facts.extend(left_out(facts.len(), all.len(), "settings, the last ones"));
    facts.extend(networks.left_out());
    let sides = profiles.iter().filter(|p| p.comparison.is_some() && !p.is_network()).count();
    if sides > 0 {
        facts.push(format!("{sides} sides of comparisons, in the section on architectures."));
    }
    let points = profiles.iter().filter(|p| p.experiment.is_some()).count();
    if points > 0 {
        facts.push(format!("{points} points of experiments, in the sections on the guidelines."));
    }
    html! {
        section id="measured" {
            h2 { "What was measured" }
            @if !networks.all.is_empty() {
                (tables::measurements(networks.all.iter().copied()).html())
            }
            (list(&facts))
        }
        "\n"
    }
}

/// A list of facts.
fn list(facts: &[String]) -> Markup {
    html! { ul class="facts" { @for fact in facts { li { (fact) } "\n" } } }
}

/// The last measurement of each network.
fn latest<'r, 'a>(group: &[&'r Analysis<'a>]) -> Vec<&'r Analysis<'a>> {
    let mut seen = HashSet::new();
    let last = group.iter().rev().filter(|a| seen.insert(network(a.profile)));
    let mut found: Vec<_> = last.copied().collect();
    found.reverse();
    found
}

/// All networks of one device together, where there are enough of them.
fn across_networks(all: &[&Analysis<'_>], charts: &mut Vec<Chart>) -> Drawn<Markup> {
    let group = last(all, COMPARED);
    let ranked = proxies::chart(group)?.into_iter();
    let drawn = ranked.chain(models::charts(group)?).chain(class_shares::networks(group)?);
    let figures: Vec<Markup> = drawn.map(|chart| figure(chart, charts)).collect();
    if figures.is_empty() {
        return Ok(Markup::default());
    }
    let p = group[0].profile;
    let left_out = left_out(group.len(), all.len(), "networks, the last ones");
    Ok(html! {
        section {
            h2 { "Every network on " (group[0].place()) ", " (p.lowering()) ", batch " (p.batch) }
            (note(left_out.as_deref()))
            @for figure in &figures { (figure) }
            details {
                summary { "The shares as a table" }
                (tables::shares(group, "network", |a| a.profile.model.clone()).html())
            }
        }
        "\n"
    })
}

/// One network on every device that ran it, in short.
fn overview(group: &[&Analysis<'_>], charts: &mut Vec<Chart>) -> Drawn<Markup> {
    let p = group[0].profile;
    let shares = class_shares::devices(group)?.map(|chart| figure(chart, charts));
    Ok(html! {
        h2 { (p.model) }
        p class="lead" {
            "Input " (p.input) ", level " (p.lowering()) ": " (sentences::level(p.level)) "."
        }
        "\n"
        @if let Some(shares) = shares { (shares) }
        @if group.len() > 1 { (tables::shares(group, "device", |a| a.place() + a.noisy()).html()) }
    })
}

/// One network on every device that ran it, operator by operator.
fn by_operator(group: &[&Analysis<'_>], charts: &mut Vec<Chart>) -> Drawn<Markup> {
    Ok(html! { @for a in group { (measurement(a, charts)?) } })
}

/// One network on one device.
fn measurement(a: &Analysis<'_>, charts: &mut Vec<Chart>) -> Drawn<Markup> {
    let account = a.account().map(|account| sentences::account(&account));
    let summary = [sentences::whole_run(a), account].into_iter().flatten();
    let facts = [
        (Some(sentences::verification(a)), !a.profile.verification.passed),
        (Some(sentences::noise(a)), !a.profile.noise.reasons.is_empty()),
        (Some(sentences::timing(a)), !a.profile.timing.note.is_empty()),
        (sentences::memory(a), false),
        (sentences::instrumentation(a), false),
    ];
    let facts = facts.into_iter().filter_map(|(line, warn)| Some((line?, warn.then_some("warn"))));
    let drawn = [operators::chart(a)?, mul_adds::chart(a)?, roofline::chart(a)?];
    let (place, slowest, bounds) = (a.place(), a.slowest(TOP), a.bounds());
    let caution = caution(a.caution().as_deref());
    Ok(html! {
        h3 { (a.profile.model) " on " (place) }
        @for line in summary { p class="account" { (line) } "\n" }
        ul class="facts" { @for (line, class) in facts { li class=[class] { (line) } "\n" } }
        @for chart in drawn.into_iter().flatten() { (figure(chart, charts)) }
        h4 { "By class · " (place) }
        (tables::classes(&a.classes()).html())
        (caution)
        @if !bounds.is_empty() {
            h4 { "By bound · " (place) }
            (tables::bounds(&bounds).html())
            (caution)
        }
        @if !slowest.is_empty() {
            h4 { "Top by time · " (place) }
            (tables::operators(slowest).html())
            (caution)
        }
        details {
            summary { "All " (a.ops.len()) " operators · " (place) }
            (tables::operators(&a.ops).html())
            (caution)
        }
        "\n"
    })
}

/// A warning that stands beside what is judged by ceilings, if there is one.
fn caution(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { p class="warn" { (text) } "\n" } }
}

/// A remark, if there is one.
fn note(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { p class="note" { (text) } "\n" } }
}

fn figure(chart: Chart, charts: &mut Vec<Chart>) -> Markup {
    let figure = html! { figure { (chart.inline()) } "\n" };
    charts.push(chart);
    figure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    /// By the tables of shares, the roofline and the mountain, and over the table of ceilings.
    #[test]
    fn wherever_ceilings_judge_stands_that_they_were_disturbed() {
        let mut profile = fixture::calibrated();
        let told = |profile: &Profile| {
            let page = pages(std::slice::from_ref(profile)).unwrap().index;
            page.matches("were measured on a disturbed machine").count()
        };
        assert_eq!(told(&profile), 0);
        profile.calibration.as_mut().unwrap().reasons = vec!["other programs".to_owned()];
        assert_eq!(told(&profile), 4 + 2 + 1);
    }
}
