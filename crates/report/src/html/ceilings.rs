//! The section on what the measured devices can do at most.

use super::{caution, escape, figure};
use crate::{
    ceilings,
    chart::{Chart, Drawn, mountain},
};
use profile::Profile;

/// A part a device and thread count that was calibrated; empty where none was.
///
/// # Errors
/// Where plotters fails.
pub fn section(profiles: &[Profile], charts: &mut Vec<Chart>) -> Drawn<String> {
    let place = |p: &Profile| (p.device.label(), p.machine.processors(), p.threads);
    let mut told = Vec::new();
    let mut parts = String::new();
    // The latest of each.
    for profile in profiles.iter().rev() {
        let Some(calibration) = profile.calibration.as_ref() else { continue };
        if told.contains(&place(profile)) {
            continue;
        }
        told.push(place(profile));
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
    Ok(format!(
        "<section id=ceilings><h2>What the devices can do</h2>\n<p class=lead>Measured ceilings, by \
         which operators are judged.</p>\n{parts}</section>\n"
    ))
}
