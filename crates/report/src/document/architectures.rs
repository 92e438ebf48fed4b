//! What each network loses to each guideline, device by device.

use super::{
    block::{Block, Medium, Part, Section},
    figure::Figure,
};
use crate::{
    group::grouped,
    guidelines::architecture::{
        claims::claims,
        followers::followers,
        history::history,
        price::does_not_prove,
        record::Architecture,
        sentences::{fusing, losses},
        tables::{FIGURES, figures, prices, rewritings},
    },
    selection::{last, left_out},
    sentences::MODELLED,
};
use profile::Guideline;

/// Most places that are drawn, and most networks of one.
const PLACES: usize = 64;
const NETWORKS: usize = 256;

const TITLE: &str = "Every architecture on the four axes";

/// The section; none where no network was compared with itself rewritten.
pub fn section(found: &[Architecture]) -> Option<Section<'_>> {
    let places = grouped(found.iter(), |a| (a.measured_at(), a.level, &a.apart));
    let rendered = last(&places, PLACES);
    let mut blocks = vec![Block::Heading(2, TITLE.to_owned())];
    blocks.extend(rendered.iter().zip(0..).map(|(place, i)| Block::Part(one_place(place, i == 0))));
    let things = "devices, the last ones: guidelines.json has all";
    blocks.extend(left_out(rendered.len(), places.len(), things).map(Block::note));
    let fusing = fusing(found);
    if !fusing.is_empty() {
        blocks.push(Block::part("What fusing takes away of G4"));
        blocks.push(Block::facts(fusing));
    }
    blocks.push(Block::part("What the prices do not prove"));
    blocks.push(Block::facts(Guideline::ALL.map(|g| format!("{g}: {}.", does_not_prove(g)))));
    let (id, entry) = (Some("architectures".to_owned()), Some(TITLE.to_owned()));
    (!found.is_empty()).then_some(Section { id, entry, blocks })
}

/// What follows from the prices of a place; nothing does where they are modelled.
fn messages(place: &[&Architecture]) -> Vec<String> {
    if place[0].modelled {
        return vec![MODELLED.to_owned()];
    }
    let found = claims(place).into_iter().chain(losses(place));
    found.chain(followers(place)).chain(history(place)).collect()
}

fn one_place<'a>(all: &[&'a Architecture], open: bool) -> Part<'a> {
    let mut place = last(all, NETWORKS).to_vec();
    place.sort_by_key(|a| a.age());
    let place = place.as_slice();
    let first = place[0];
    let title = format!("{}, {}", first.place, first.setting());
    let mut blocks: Vec<Block<'a>> = messages(place).into_iter().map(Block::finding).collect();
    let things = "networks, the last ones: guidelines.json has all";
    blocks.extend(left_out(place.len(), all.len(), things).map(Block::note));
    blocks.push(Block::Chart(Figure::Scorecard(place.to_vec())));
    let fold = |title: &str, blocks| Block::Fold(title.to_owned(), blocks);
    let explained = vec![Block::Table(figures(place)), Block::note(FIGURES)];
    blocks.extend([
        fold("The prices as a table", vec![Block::Table(prices(place))]),
        fold("What formulas and its own times say of each network", explained),
        fold("What was rewritten", vec![Block::Table(rewritings(place))]).only(Medium::Page),
    ]);
    Part { depth: 3, title, open, blocks }
}
