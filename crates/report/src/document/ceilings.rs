//! What the measured devices can do at most.

use super::{
    block::{Block, Medium, Role, Section},
    figure::Figure,
};
use crate::{
    ceilings::{Ceilings, memory, peaks},
    findings::Findings,
    format::duration,
    selection::left_out,
};

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
    let steps = format!(
        "Starting work: {}. Clock: steps of {}.",
        duration(calibration.dispatch_ns),
        duration(calibration.resolution_ns),
    );
    blocks.push(Block::note(steps).only(Medium::Terminal));
    blocks
}
