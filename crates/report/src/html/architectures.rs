//! The page's section on architectures: what each loses to each guideline, device by device.

use super::{figure, list, note};
use crate::{
    analysis::grouped,
    chart::{Chart, Drawn, scorecard},
    guidelines::architecture::{
        Architecture, FIGURES, all, claim, does_not_prove, figures, fusing, losses, prices,
        rewritings,
    },
    selection::{last, left_out},
};
use maud::{Markup, html};
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
pub fn section(profiles: &[Profile], charts: &mut Vec<Chart>) -> Drawn<Markup> {
    let found = all(profiles);
    if found.is_empty() {
        return Ok(Markup::default());
    }
    let places = grouped(found.iter(), |a| (a.measured_at(), a.level));
    let drawn = last(&places, PLACES);
    let things = "devices, the last ones: guidelines.json has all";
    let left_out = left_out(drawn.len(), places.len(), things);
    let fusing = fusing(&found);
    let caveats = Guideline::ALL.map(|g| format!("{g}: {}.", does_not_prove(g)));
    Ok(html! {
        section id=(ID) {
            h2 { (TITLE) }
            @for place in drawn { (one_place(place, charts)?) }
            (note(left_out.as_deref()))
            @if !fusing.is_empty() {
                h3 { "What fusing takes away of G4" }
                (list(&fusing))
            }
            h3 { "What the prices do not prove" }
            (list(&caveats))
        }
        "\n"
    })
}

fn one_place(all: &[&Architecture], charts: &mut Vec<Chart>) -> Drawn<Markup> {
    let place = last(all, NETWORKS);
    let first = place[0];
    let things = "networks, the last ones: guidelines.json has all";
    let left_out = left_out(place.len(), all.len(), things);
    let said = claim(place).into_iter().chain(losses(place));
    let scorecard = scorecard::chart(place)?.map(|chart| figure(chart, charts));
    let table = |title: &str, table: &Markup| html! { details { summary { (title) } (table) } };
    Ok(html! {
        h3 { (first.place) ", " (first.level) ", batch " (first.batch) }
        @for sentence in said { p class="account" { (sentence) } "\n" }
        (note(left_out.as_deref()))
        @if let Some(scorecard) = scorecard { (scorecard) }
        (table("The prices as a table", &prices(place).html()))
        (table(
            "What formulas and its own times say of each network",
            &html! { (figures(place).html()) (note(Some(FIGURES))) }
        ))
        (table("What was rewritten", &rewritings(place).html()))
    })
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
        let html = section(&profiles, &mut charts).unwrap().into_string();
        assert_eq!(charts.len(), 2, "a scorecard a device");
        for text in ["software-rendered", "real), 1 thread", "What the prices do not prove"] {
            assert!(html.contains(text), "{text} in {html}");
        }
        assert!(
            section(&[fixture::shufflenet_on(fixture::core(), 1)], &mut charts)
                .unwrap()
                .into_string()
                .is_empty()
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
