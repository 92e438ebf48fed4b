//! The page's sections on the guidelines: chart, verdict, one plain sentence, table.

use super::{escape, figure};
use crate::{
    chart::{Chart, Drawn, guideline},
    guidelines::{
        g3,
        study::Study,
        tables::{fragments, points, says, sentence},
    },
};
use profile::{Guideline, Profile};

/// The sections of the guidelines that `profiles` have experiments of.
///
/// # Errors
/// Where plotters fails.
pub fn sections(profiles: &[Profile], charts: &mut Vec<Chart>) -> Drawn<String> {
    let studies = Study::all(profiles);
    let mut html = String::new();
    for guideline in Guideline::ALL {
        let mut body = String::new();
        for study in studies.iter().filter(|s| s.guideline == guideline) {
            body += &section(study, charts)?;
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
    let judged = study.judge();
    let costs = g3::costs(study)
        .map_or(String::new(), |costs| format!("<p>{}</p>\n", escape(&fragments(&costs))));
    let title = format!("{}, grid {}: {}", study.place(), study.grid, judged.verdict.name());
    Ok(format!(
        "<h3>{}</h3>\n<p class=account>{}</p>\n{costs}{}<details><summary>The points as a \
         table</summary>{}</details>\n",
        escape(&title),
        escape(&sentence(study, &judged)),
        figure(guideline::chart(study)?, charts),
        points(study).html(),
    ))
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
        let html = sections(&profiles, &mut charts).unwrap();
        assert_eq!(charts.len(), 2);
        assert!(html.contains("id=G1") && html.contains("id=G3") && !html.contains("id=G2"));
        assert!(html.contains("real), 1 thread, grid arm: holds"), "{html}");
        assert!(html.contains("software-rendered), grid arm: no effect"), "{html}");
        assert!(sections(&[], &mut charts).unwrap().is_empty());
    }
}
