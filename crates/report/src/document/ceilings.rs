//! What the measured devices can do at most.

use super::{
    block::{Block, Role, Section},
    figure::Figure,
};
use crate::{
    ceilings::{Ceilings, memory, peaks},
    findings::Findings,
    format::{counted, duration},
    selection::left_out,
};
use profile::{Calibration, Workgroups};

/// Most devices that are drawn.
const DRAWN: usize = 64;

const TITLE: &str = "What the devices can do";

/// The section, a part a device and thread count; none where nothing was calibrated.
pub fn section<'a>(findings: &Findings<'a>) -> Option<Section<'a>> {
    let lead = "Measured ceilings, by which operators are judged.".to_owned();
    let mut blocks = vec![Block::Paragraph(Role::Lead, lead)];
    let rendered = findings.calibrated.iter().take(DRAWN);
    for (a, ceilings) in rendered.filter_map(|a| Some((*a, a.ceilings.as_ref()?))) {
        blocks.extend(part(a.place(), ceilings, Some(Figure::Mountain(a))));
    }
    let all = findings.calibrated.len();
    blocks.extend(left_out(all.min(DRAWN), all, "devices, the last ones").map(Block::note));
    let (id, entry) = (Some("ceilings".to_owned()), Some(TITLE.to_owned()));
    let blocks = vec![Block::folded(TITLE.to_owned(), blocks)];
    (all > 0).then_some(Section { id, entry, blocks })
}

/// One device.
pub fn part<'a>(
    heading: String,
    ceilings: &Ceilings,
    mountain: Option<Figure<'a>>,
) -> Vec<Block<'a>> {
    let calibration = &ceilings.calibration;
    let mut blocks = vec![Block::part(heading)];
    blocks.extend(ceilings.caution().map(Block::warning));
    blocks.extend(mountain.map(Block::Chart));
    blocks.push(Block::Table(memory(ceilings)));
    blocks.push(Block::Table(peaks(calibration)));
    blocks.push(Block::note(starting(calibration)));
    blocks
}

/// What starting work takes, how much of it goes side by side, and how finely that is timed.
fn starting(calibration: &Calibration) -> String {
    let Calibration { dispatch_ns, dependent_ns, workgroups, resolution_ns, .. } = calibration;
    let dependent = dependent_ns.map_or(String::new(), |ns| {
        format!(", {} where it waits for what was started before", duration(ns))
    });
    let at_once = workgroups.as_ref().and_then(Workgroups::at_once).map_or(String::new(), |n| {
        format!(" {} that keep a unit busy run side by side.", counted(n as usize, "workgroup"))
    });
    let (start, step) = (duration(*dispatch_ns), duration(*resolution_ns));
    format!("Starting work: {start}{dependent}.{at_once} Clock: steps of {step}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn what_starts_work_and_how_much_goes_side_by_side_is_told() {
        let core = fixture::calibration();
        assert_eq!(starting(&core), "Starting work: 1.20 µs. Clock: steps of 10.0 ns.");
        let workgroups =
            Some(Workgroups { counts: vec![1, 2, 3, 4], ns: vec![9.0, 9.1, 9.2, 18.0] });
        let gpu = Calibration { dependent_ns: Some(2400.0), workgroups, ..core };
        assert_eq!(
            starting(&gpu),
            "Starting work: 1.20 µs, 2.40 µs where it waits for what was started before. 3 workgroups that keep a \
             unit busy run side by side. Clock: steps of 10.0 ns."
        );
    }
}
