//! The page's sections on the guidelines: the verdicts together, then chart, verdict, one plain
//! sentence and tables of each.

use super::{figure, note};
use crate::{
    chart::{Chart, Drawn, guideline},
    guidelines::{
        g3, g4,
        study::Study,
        tables::{self, FRAGMENTS, SAVINGS, conditions, says, sentence},
    },
    selection::{last, left_out},
    table::Table,
};
use maud::{Markup, html};
use profile::Guideline;

/// Most studies of one guideline that are drawn.
const DRAWN: usize = 64;

/// The sections of the guidelines that `studies` are of.
///
/// # Errors
/// Where plotters fails.
pub fn sections(studies: &[Study<'_>], charts: &mut Vec<Chart>) -> Drawn<Markup> {
    let mut sections = Vec::new();
    for guideline in Guideline::ALL {
        let all: Vec<&Study<'_>> = studies.iter().filter(|s| s.guideline == guideline).collect();
        let own = last(&all, DRAWN).iter().map(|study| section(study, charts));
        let own = own.collect::<Drawn<Vec<Markup>>>()?;
        let left_out =
            left_out(own.len(), all.len(), "studies, the last ones: verdicts.json has all");
        let costs = if guideline == Guideline::G3 { g3::costs(studies) } else { Vec::new() };
        if own.is_empty() && costs.is_empty() {
            continue;
        }
        sections.push(html! {
            section id=(guideline) {
                h2 { (guideline) ": " (says(guideline)) }
                @for study in own { (study) }
                (note(left_out.as_deref()))
                (titled(FRAGMENTS, costs.as_slice(), tables::fragments))
            }
            "\n"
        });
    }
    Ok(html! {
        @if !studies.is_empty() {
            section id="verdicts" {
                h2 { "The guidelines' verdicts" }
                (tables::verdicts(studies).html())
            }
            "\n"
        }
        @for section in sections { (section) }
    })
}

/// One study.
fn section(study: &Study<'_>, charts: &mut Vec<Chart>) -> Drawn<Markup> {
    let class = if study.disturbances().is_empty() { "note" } else { "warn" };
    Ok(html! {
        h3 { (study.place()) ", grid " (study.grid) ": " (study.judged.verdict.name()) }
        p class="account" { (sentence(study)) }
        (figure(guideline::chart(study)?, charts))
        (titled(SAVINGS, &g4::savings(study), tables::savings))
        p class=(class) { (conditions(study)) }
        details { summary { "The points as a table" } (tables::points(study).html()) }
        "\n"
    })
}

/// A table of `rows` under its title; nothing where there are none.
fn titled<T>(title: &str, rows: &[T], table: impl Fn(&[T]) -> Table) -> Markup {
    html! { @if !rows.is_empty() { p { (title) } (table(rows).html()) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn every_guideline_measured_has_its_section() {
        let mut profiles =
            fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]);
        profiles.extend(fixture::experiment(Guideline::G3, fixture::rasteriser(), [1.0; 4]));
        let mut charts = Vec::new();
        let html = sections(&Study::all(&profiles), &mut charts).unwrap().into_string();
        assert_eq!(charts.len(), 2);
        assert!(
            html.contains("id=\"G1\"") && html.contains("id=\"G3\"") && !html.contains("id=\"G2\"")
        );
        assert!(html.contains("real), 1 thread, grid arm: holds"), "{html}");
        assert!(html.contains("software-rendered), grid arm: no effect"), "{html}");
        assert!(
            html.contains("id=\"verdicts\"")
                && html.contains("timed in turn (monotonic clock), 40 rounds"),
            "{html}"
        );
        assert!(sections(&[], &mut charts).unwrap().into_string().is_empty());
    }
}
