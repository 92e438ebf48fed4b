//! The page's section on architectures: what each loses to each guideline, device by device.

use super::{escape, figure};
use crate::{
    analysis::grouped,
    chart::{Chart, Drawn, scorecard},
    guidelines::architecture::{
        Architecture, FIGURES, all, claim, does_not_prove, figures, fusing, losses, prices,
        rewritings,
    },
    selection::{last, left_out},
};
use profile::{Guideline, Profile};

/// Most places that are drawn, and most networks of one.
const PLACES: usize = 64;
const NETWORKS: usize = 256;

/// The section's place in the page.
pub const ID: &str = "architectures";
/// The section's title.
pub const TITLE: &str = "Every architecture on the four axes";

/// The section; empty where no network was compared with itself rewritten.
///
/// # Errors
/// Where plotters fails.
pub fn section(profiles: &[Profile], charts: &mut Vec<Chart>) -> Drawn<String> {
    let found = all(profiles);
    let mut html = String::new();
    let places = grouped(found.iter(), |a| (a.measured_at(), a.level));
    for place in last(&places, PLACES) {
        html += &one_place(place, charts)?;
    }
    let things = "devices, the last ones: guidelines.json has all";
    html += &note(left_out(PLACES.min(places.len()), places.len(), things));
    if html.is_empty() {
        return Ok(html);
    }
    let fusing: String =
        fusing(&found).iter().map(|s| format!("<li>{}</li>\n", escape(s))).collect();
    if !fusing.is_empty() {
        html += &format!("<h3>What fusing takes away of G4</h3>\n<ul class=facts>{fusing}</ul>\n");
    }
    let caveats = Guideline::ALL.map(|g| format!("<li>{g}: {}.</li>\n", does_not_prove(g)));
    Ok(format!(
        "<section id={ID}><h2>{TITLE}</h2>\n{html}<h3>What the prices do not prove</h3>\n\
         <ul class=facts>{}</ul></section>\n",
        caveats.concat()
    ))
}

fn one_place(all: &[&Architecture], charts: &mut Vec<Chart>) -> Drawn<String> {
    let place = last(all, NETWORKS);
    let first = place[0];
    let things = "networks, the last ones: guidelines.json has all";
    let left_out = note(left_out(place.len(), all.len(), things));
    let title = format!("{}, {}, batch {}", first.place, first.level, first.batch);
    let said: String = claim(place)
        .into_iter()
        .chain(losses(place))
        .map(|sentence| format!("<p class=account>{}</p>\n", escape(&sentence)))
        .collect();
    let figure = scorecard::chart(place)?.map_or(String::new(), |chart| figure(chart, charts));
    let table = |title: &str, html: String| {
        format!("<details><summary>{title}</summary>{html}</details>\n")
    };
    Ok(format!(
        "<h3>{}</h3>\n{said}{left_out}{figure}{}{}{}",
        escape(&title),
        table("The prices as a table", prices(place).html()),
        table(
            "What formulas and its own times say of each network",
            figures(place).html() + &note(Some(FIGURES.to_owned()))
        ),
        table("What was rewritten", rewritings(place).html()),
    ))
}

fn note(said: Option<String>) -> String {
    said.map_or(String::new(), |said| format!("<p class=note>{}</p>\n", escape(&said)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_network_compared_with_itself_has_its_place() {
        let mut charts = Vec::new();
        let mut profiles = fixture::compared("shufflenet_v2", fixture::rasteriser());
        profiles.extend(fixture::compared("shufflenet_v1", fixture::core()));
        let html = section(&profiles, &mut charts).unwrap();
        assert_eq!(charts.len(), 2, "a scorecard a device");
        for text in ["software-rendered", "real), 1 thread", "What the prices do not prove"] {
            assert!(html.contains(text), "{text} in {html}");
        }
        assert!(
            section(&[fixture::shufflenet_on(fixture::core(), 1)], &mut charts).unwrap().is_empty()
        );
    }

    #[test]
    fn emulated_times_are_not_shown() {
        let profiles = fixture::compared("shufflenet_v2", fixture::emulated());
        let found = all(&profiles);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].run_ms, None);
        for guideline in Guideline::ALL {
            let axis = found[0].axis(guideline);
            assert_eq!((axis.price_ms, axis.price_share, axis.time_share), (None, None, None));
        }
    }
}
