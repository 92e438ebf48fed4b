//! All networks of one device together.

use super::{
    block::{Block, Section},
    figure::Figure,
};
use crate::{findings::Across, proxy::Proxy, selection::left_out, tables};

/// The section; none where too few networks have times to compare any.
pub fn section<'a>(across: &'a Across<'a>) -> Option<Section<'a>> {
    let has_shares = across.group.iter().filter(|a| a.operators_ns() > Some(0.0)).count() > 1;
    if !has_shares && across.timed.len() < 3 {
        return None;
    }
    let (first, p) = (across.group[0], &across.group[0].profile);
    let title = format!("Every network on {}, {}, batch {}", first.place(), p.lowering(), p.batch);
    let mut blocks = vec![Block::Heading(2, title)];
    blocks.extend(
        left_out(across.group.len(), across.all, "networks, the last ones").map(Block::note),
    );
    blocks.push(Block::Chart(Figure::Networks(across)));
    let shares = tables::shares(&across.group, "network", |a| a.profile.model.clone());
    blocks.push(Block::Fold("The shares as a table".to_owned(), vec![Block::Table(shares)]));
    blocks.push(Block::Chart(Figure::Proxies(across)));
    let models = Proxy::ALL.map(|proxy| Block::Chart(Figure::Model(across, proxy)));
    blocks.push(Block::Fold(
        "Time against each of them, network by network".to_owned(),
        models.into(),
    ));
    Some(Section { blocks, ..Section::default() })
}
