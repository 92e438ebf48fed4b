//! How far modelled cores are from real ones.

use super::block::{Block, Role, Section};
use crate::{
    findings::Findings,
    validation::{NOTE, Row, cases, recorded, table},
};
use profile::Rendering;

const TITLE: &str = "How far the models are from real cores";

/// The section; none where nothing was modelled.
pub fn section<'a>(findings: &Findings<'a>) -> Option<Section<'a>> {
    let modelled = |rendering| rendering == Rendering::Modelled;
    findings.analyses.iter().find(|a| modelled(a.profile.device.rendering))?;
    let rows = recorded();
    let lead =
        "What was published of real cores, and what the models say of the same: `probe validate`.";
    let mut blocks = vec![
        Block::Paragraph(Role::Lead, lead.to_owned()),
        Block::Table(table(&rows)),
        Block::note(NOTE),
    ];
    let listed = rows.iter().filter(|row| !row.cases.is_empty() && row.model != "naive");
    let listed: Vec<Block<'a>> = listed.flat_map(of_row).collect();
    blocks.push(Block::Fold("Network by network".to_owned(), listed));
    let (id, entry) = (Some("models".to_owned()), Some(TITLE.to_owned()));
    Some(Section { id, entry, blocks: vec![Block::folded(TITLE.to_owned(), blocks)] })
}

/// The cases of a row under its name.
fn of_row<'a>(row: &Row) -> [Block<'a>; 2] {
    let title = format!("{}: {}, {}", row.what, row.device, row.model);
    [Block::Heading(4, title), Block::Table(cases(row))]
}
