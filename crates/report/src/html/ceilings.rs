//! The section on what the measured devices can do at most.

use super::{caution, escape, figure};
use crate::{
    ceilings,
    chart::{Chart, Drawn, mountain},
    place::Place,
    selection::left_out,
};
use profile::Profile;
use std::collections::HashSet;

/// Most devices that are drawn.
const DRAWN: usize = 64;

/// A part a device and thread count that was calibrated; empty where none was.
///
/// # Errors
/// Where plotters fails.
pub fn section(profiles: &[Profile], charts: &mut Vec<Chart>) -> Drawn<String> {
    let mut told = HashSet::new();
    let mut parts = String::new();
    // The latest of each.
    for profile in profiles.iter().rev() {
        let Some(calibration) = profile.calibration.as_ref() else { continue };
        if !told.insert(Place::of(profile)) || told.len() > DRAWN {
            continue;
        }
        let chart = mountain::chart(profile)?.map_or(String::new(), |chart| figure(chart, charts));
        let title = profile.device.place(profile.threads);
        let caution = ceilings::caution(calibration).map_or_else(String::new, |c| caution(&c));
        parts += &format!(
            "<h3>{}</h3>\n{caution}{chart}{}{}",
            escape(&title),
            ceilings::memory(calibration).html(),
            ceilings::peaks(calibration).html(),
        );
    }
    if parts.is_empty() {
        return Ok(parts);
    }
    if let Some(said) = left_out(told.len().min(DRAWN), told.len(), "devices, the last ones") {
        parts += &format!("<p class=note>{}</p>\n", escape(&said));
    }
    Ok(format!(
        "<section id=ceilings><h2>What the devices can do</h2>\n<p class=lead>Measured ceilings, by \
         which operators are judged.</p>\n{parts}</section>\n"
    ))
}
