//! The page's sections on the guidelines: the verdicts together, then chart, verdict, one plain
//! sentence and tables of each.

use super::{escape, figure};
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
use profile::Guideline;

/// Most studies of one guideline that are drawn.
const DRAWN: usize = 64;

/// The sections of the guidelines that `studies` are of.
///
/// # Errors
/// Where plotters fails.
pub fn sections(studies: &[Study<'_>], charts: &mut Vec<Chart>) -> Drawn<String> {
    let mut html = String::new();
    if !studies.is_empty() {
        let table = tables::verdicts(studies).html();
        html +=
            &format!("<section id=verdicts><h2>The guidelines' verdicts</h2>\n{table}</section>\n");
    }
    for guideline in Guideline::ALL {
        let mut body = String::new();
        let own: Vec<&Study<'_>> = studies.iter().filter(|s| s.guideline == guideline).collect();
        let drawn = last(&own, DRAWN);
        for study in drawn {
            body += &section(study, charts)?;
        }
        let things = "studies, the last ones: verdicts.json has all";
        if let Some(said) = left_out(drawn.len(), own.len(), things) {
            body += &format!("<p class=note>{}</p>\n", escape(&said));
        }
        if guideline == Guideline::G3 {
            body += &titled(FRAGMENTS, g3::costs(studies).as_slice(), tables::fragments);
        }
        if !body.is_empty() {
            html += &format!(
                "<section id={guideline}><h2>{guideline}: {}</h2>\n{body}</section>\n",
                says(guideline)
            );
        }
    }
    Ok(html)
}

/// One study.
fn section(study: &Study<'_>, charts: &mut Vec<Chart>) -> Drawn<String> {
    let title = format!("{}, grid {}: {}", study.place(), study.grid, study.judged.verdict.name());
    Ok(format!(
        "<h3>{}</h3>\n<p class=account>{}</p>\n{}{}<p class={}>{}</p>\n\
         <details><summary>The points as a table</summary>{}</details>\n",
        escape(&title),
        escape(&sentence(study)),
        figure(guideline::chart(study)?, charts),
        titled(SAVINGS, &g4::savings(study), tables::savings),
        if study.disturbances().is_empty() { "note" } else { "warn" },
        escape(&conditions(study)),
        tables::points(study).html(),
    ))
}

/// A table of `rows` under its title; nothing where there are none.
fn titled<T>(title: &str, rows: &[T], table: impl Fn(&[T]) -> Table) -> String {
    match rows {
        [] => String::new(),
        rows => format!("<p>{}</p>\n{}", escape(title), table(rows).html()),
    }
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
        let html = sections(&Study::all(&profiles), &mut charts).unwrap();
        assert_eq!(charts.len(), 2);
        assert!(html.contains("id=G1") && html.contains("id=G3") && !html.contains("id=G2"));
        assert!(html.contains("real), 1 thread, grid arm: holds"), "{html}");
        assert!(html.contains("software-rendered), grid arm: no effect"), "{html}");
        assert!(
            html.contains("id=verdicts")
                && html.contains("timed in turn (monotonic clock), 40 rounds"),
            "{html}"
        );
        assert!(sections(&[], &mut charts).unwrap().is_empty());
    }
}
