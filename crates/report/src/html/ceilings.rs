//! The section on what the measured devices can do at most.

use super::figure;
use crate::{
    ceilings,
    chart::{Chart, Drawn, mountain},
};
use maud::{Markup, html};
use profile::Profile;

/// A part a device and thread count that was calibrated; empty where none was.
///
/// # Errors
/// Where plotters fails.
pub fn section(profiles: &[Profile], charts: &mut Vec<Chart>) -> Drawn<Markup> {
    let place = |p: &Profile| (p.device.label(), p.machine.processors(), p.threads);
    let mut told = Vec::new();
    let mut parts = Vec::new();
    // The latest of each.
    for profile in profiles.iter().rev() {
        let Some(calibration) = profile.calibration.as_ref() else { continue };
        if told.contains(&place(profile)) {
            continue;
        }
        told.push(place(profile));
        let chart = mountain::chart(profile)?.map(|chart| figure(chart, charts));
        parts.push(html! {
            h3 { (profile.device.place(profile.threads)) }
            @if let Some(chart) = chart { (chart) }
            (ceilings::memory(calibration).html())
            (ceilings::peaks(calibration).html())
        });
    }
    if parts.is_empty() {
        return Ok(Markup::default());
    }
    Ok(html! {
        section id="ceilings" {
            h2 { "What the devices can do" }
            p class="lead" { "Measured ceilings, by which operators are judged." }
            @for part in parts { (part) }
        }
        "\n"
    })
}
