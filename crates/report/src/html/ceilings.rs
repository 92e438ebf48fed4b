//! The section on what the measured devices can do at most.

use super::{caution, figure, note};
use crate::{
    ceilings,
    chart::{Chart, Drawn, mountain},
    place::Place,
    selection::left_out,
};
use maud::{Markup, html};
use profile::Profile;
use std::collections::HashSet;

/// Most devices that are drawn.
const DRAWN: usize = 64;

/// A part a device and thread count that was calibrated; empty where none was.
///
/// # Errors
/// Where plotters fails.
pub fn section(profiles: &[Profile], charts: &mut Vec<Chart>) -> Drawn<Markup> {
    let mut told = HashSet::new();
    let mut parts = Vec::new();
    // The latest of each.
    for profile in profiles.iter().rev() {
        let Some(calibration) = profile.calibration.as_ref() else { continue };
        if !told.insert(Place::of(profile)) || told.len() > DRAWN {
            continue;
        }
        let chart = mountain::chart(profile)?.map(|chart| figure(chart, charts));
        parts.push(html! {
            h3 { (profile.device.place(profile.threads)) }
            (caution(ceilings::caution(calibration).as_deref()))
            @if let Some(chart) = chart { (chart) }
            (ceilings::memory(calibration).html())
            (ceilings::peaks(calibration).html())
        });
    }
    if parts.is_empty() {
        return Ok(Markup::default());
    }
    let left_out = left_out(told.len().min(DRAWN), told.len(), "devices, the last ones");
    Ok(html! {
        section id="ceilings" {
            h2 { "What the devices can do" }
            p class="lead" { "Measured ceilings, by which operators are judged." }
            @for part in parts { (part) }
            (note(left_out.as_deref()))
        }
        "\n"
    })
}
