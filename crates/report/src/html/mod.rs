//! The page: everything about a set of measurements in one file that needs nothing else.
//!
//! Where many networks were measured, what is said operator by operator moves to a page a network,
//! so that the first page stays light.

mod architectures;
mod ceilings;
mod guidelines;

use crate::{
    analysis::{Analysis, by_network, by_place},
    chart::{
        Chart, Drawn, class_shares, file_name, models, mul_adds, operators, palette, proxies,
        roofline,
    },
    guidelines::{
        records::{Record, of_studies},
        study::Study,
    },
    selection::{Selection, last, left_out, network},
    sentences, tables,
    text::TOP,
};
use indexmap::IndexSet;
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
    let (mut charts, mut networks) = (Vec::new(), Vec::new());
    let mut body = contents(profiles, &groups) + &measured(profiles, &selection);
    body += &ceilings::section(profiles, &mut charts)?;
    body += &guidelines::sections(&studies, &mut charts)?;
    body += &architectures::section(profiles, &mut charts)?;
    for place in by_place(&analyses) {
        body += &across_networks(&latest(&place), &mut charts)?;
    }
    for (i, group) in groups.iter().enumerate() {
        let overview = overview(group, &mut charts)?;
        let by_operator = by_operator(group, &mut charts)?;
        let rest = if groups.len() > ON_ONE_PAGE {
            let name = file_name(&[&group[0].network()]);
            let path = format!("networks/{name}.html");
            let link = format!("<p><a href=\"{path}\">Operator by operator</a></p>\n");
            let back = "<p><a href=\"../index.html\">All networks</a></p>\n";
            networks.push((path, document(&(back.to_owned() + &overview + &by_operator))));
            link
        } else {
            let open = if groups.len() <= UNFOLDED { " open" } else { "" };
            format!(
                "<details{open}><summary>Operator by operator</summary>{by_operator}</details>\n"
            )
        };
        body += &format!("<section id=network-{i}>{overview}{rest}</section>\n");
    }
    Ok(Pages { index: document(&body), networks, charts, verdicts: of_studies(&studies) })
}

/// `text` with the signs replaced that mean something in HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn document(body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=en>\n<head><meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\n\
         <title>{TITLE}</title>\n<style>{CSS}{}</style></head>\n<body>\n\
         <header><h1>{TITLE}</h1>\n<p class=lead>Operator by operator: what each must compute, what \
         memory it must touch, how long it took on which device, and how sure that is.</p></header>\n\
         {body}{HOW_TO_READ}<p class=note>{}</p>\n</body>\n</html>\n",
        palette::style(),
        escape(&sentences::conventions()),
    )
}

fn contents(profiles: &[Profile], networks: &[Vec<&Analysis<'_>>]) -> String {
    let link = |id: String, text: &str| format!("<li><a href=#{id}>{}</a></li>\n", escape(text));
    let mut links = link("measured".to_owned(), "What was measured");
    if profiles.iter().any(|p| p.experiment.is_some()) {
        links += &link("verdicts".to_owned(), "The guidelines' verdicts");
    }
    for guideline in Guideline::ALL {
        let about = |p: &Profile| p.experiment.as_ref().is_some_and(|e| e.guideline == guideline);
        if profiles.iter().any(about) {
            links += &link(guideline.to_string(), guideline.name());
        }
    }
    if profiles.iter().any(|p| p.comparison.is_some()) {
        links += &link(architectures::ID.to_owned(), architectures::TITLE);
    }
    for (i, group) in networks.iter().enumerate() {
        links += &link(format!("network-{i}"), &group[0].network());
    }
    links += &link("how-to-read".to_owned(), "How to read this");
    format!("<nav><ul>{links}</ul></nav>\n")
}

/// What ran, on which machine, built from what, how it was asked to measure.
fn measured(profiles: &[Profile], networks: &Selection<'_>) -> String {
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
    let facts: String = facts.iter().map(|f| format!("<li>{}</li>\n", escape(f))).collect();
    let table = match networks.all.as_slice() {
        [] => String::new(),
        all => tables::measurements(all.iter().copied()).html(),
    };
    format!(
        "<section id=measured><h2>What was measured</h2>\n{table}<ul class=facts>{facts}</ul>\
         </section>\n"
    )
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
fn across_networks(all: &[&Analysis<'_>], charts: &mut Vec<Chart>) -> Drawn<String> {
    let group = last(all, COMPARED);
    let ranked = proxies::chart(group)?.into_iter();
    let drawn = ranked.chain(models::charts(group)?).chain(class_shares::networks(group)?);
    let figures: String = drawn.map(|chart| figure(chart, charts)).collect();
    if figures.is_empty() {
        return Ok(figures);
    }
    let p = group[0].profile;
    let table = tables::shares(group, "network", |a| a.profile.model.clone()).html();
    let note = left_out(group.len(), all.len(), "networks, the last ones")
        .map_or(String::new(), |said| format!("<p class=note>{}</p>\n", escape(&said)));
    Ok(format!(
        "<section><h2>Every network on {}, {}, batch {}</h2>\n{note}{figures}<details><summary>The shares \
         as a table</summary>{table}</details></section>\n",
        escape(&group[0].place()),
        p.lowering(),
        p.batch,
    ))
}

/// One network on every device that ran it, in short.
fn overview(group: &[&Analysis<'_>], charts: &mut Vec<Chart>) -> Drawn<String> {
    let p = group[0].profile;
    let shares = class_shares::devices(group)?.map_or(String::new(), |c| figure(c, charts));
    let table = match group {
        [_] => String::new(),
        _ => tables::shares(group, "device", |a| a.place() + a.noisy()).html(),
    };
    Ok(format!(
        "<h2>{}</h2>\n<p class=lead>Input {}, level {}: {}.</p>\n{shares}{table}",
        escape(&p.model),
        p.input,
        p.lowering(),
        sentences::level(p.level),
    ))
}

/// One network on every device that ran it, operator by operator.
fn by_operator(group: &[&Analysis<'_>], charts: &mut Vec<Chart>) -> Drawn<String> {
    group.iter().map(|a| measurement(a, charts)).collect()
}

/// One network on one device.
fn measurement(a: &Analysis<'_>, charts: &mut Vec<Chart>) -> Drawn<String> {
    let account = a.account().map(|account| sentences::account(&account));
    let summary: String = [sentences::whole_run(a), account]
        .into_iter()
        .flatten()
        .map(|line| format!("<p class=account>{}</p>\n", escape(&line)))
        .collect();
    let facts: String = [
        (Some(sentences::verification(a)), !a.profile.verification.passed),
        (Some(sentences::noise(a)), !a.profile.noise.reasons.is_empty()),
        (Some(sentences::timing(a)), !a.profile.timing.note.is_empty()),
        (sentences::memory(a), false),
        (sentences::instrumentation(a), false),
    ]
    .into_iter()
    .filter_map(|(line, warn)| {
        let class = if warn { " class=warn" } else { "" };
        line.map(|line| format!("<li{class}>{}</li>\n", escape(&line)))
    })
    .collect();
    let drawn = [operators::chart(a)?, mul_adds::chart(a)?, roofline::chart(a)?];
    let figures: String = drawn.into_iter().flatten().map(|c| figure(c, charts)).collect();
    let place = escape(&a.place());
    let caution = a.caution().map_or_else(String::new, |c| caution(&c));
    let top = match a.slowest(TOP) {
        slowest if slowest.is_empty() => String::new(),
        slowest => {
            format!("<h4>Top by time · {place}</h4>{}{caution}", tables::operators(slowest).html())
        }
    };
    let bounds = match a.bounds() {
        sums if sums.is_empty() => String::new(),
        sums => format!("<h4>By bound · {place}</h4>{}{caution}", tables::bounds(&sums).html()),
    };
    Ok(format!(
        "<h3>{} on {place}</h3>\n{summary}<ul class=facts>{facts}</ul>\n{figures}\
         <h4>By class · {place}</h4>{}{caution}{bounds}{top}\
         <details><summary>All {} operators · {place}</summary>{}{caution}</details>\n",
        escape(&a.profile.model),
        tables::classes(&a.classes()).html(),
        a.ops.len(),
        tables::operators(&a.ops).html(),
    ))
}

/// A warning that stands beside what is judged by ceilings.
fn caution(text: &str) -> String {
    format!("<p class=warn>{}</p>\n", escape(text))
}

fn figure(chart: Chart, charts: &mut Vec<Chart>) -> String {
    let html = format!("<figure>{}</figure>\n", chart.inline());
    charts.push(chart);
    html
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
            page.matches("were measured on a busy machine").count()
        };
        assert_eq!(told(&profile), 0);
        profile.calibration.as_mut().unwrap().reasons = vec!["other programs".to_owned()];
        assert_eq!(told(&profile), 4 + 2 + 1);
    }
}
