//! Networks on a GPU, on an ARM core and on x86 together: the paper's figure 2, drawn anew.

use super::{
    block::{Block, Role, Section},
    figure::Figure,
};
use crate::{analysis::Analysis, group::grouped, paper, place::Place, selection::left_out};
use std::{cmp::Reverse, collections::HashSet};

/// Most networks of one picture.
const DRAWN: usize = 6;

const TITLE: &str = "GPU, ARM and x86 side by side";

const LEAD: &str = "Where the time of a network goes on devices of several kinds. Shares are of each device's own \
     time: no device is ranked.";

/// The section; none where no network ran on devices of two kinds.
pub fn section<'a>(networks: &[Vec<&'a Analysis>]) -> Option<Section<'a>> {
    let several = networks.iter().map(|group| latest(group)).filter(|group| kinds(group) > 1);
    let levels = grouped(several, |group| group[0].profile.lowering());
    let pictures: Vec<Block<'a>> = levels.into_iter().flat_map(pictures).collect();
    if pictures.is_empty() {
        return None;
    }
    let mut blocks =
        vec![Block::Heading(2, TITLE.to_owned()), Block::Paragraph(Role::Lead, LEAD.to_owned())];
    blocks.extend(pictures);
    let (id, entry) = (Some("kinds".to_owned()), Some(TITLE.to_owned()));
    Some(Section { id, entry, blocks })
}

/// The pictures of networks at one level: those of the paper's figure, and the others.
fn pictures(networks: Vec<Vec<&Analysis>>) -> Vec<Block<'_>> {
    let (papers, others) =
        networks.into_iter().partition(|group| !paper::figure2(&group[0].profile).is_empty());
    let papers = picture(papers, "The paper's figure 2, drawn anew", "figure-2");
    let others = picture(others, "Share of time by class, device beside device", "beside");
    [papers, others].concat()
}

fn picture<'a>(
    mut networks: Vec<Vec<&'a Analysis>>,
    title: &'static str,
    name: &'static str,
) -> Vec<Block<'a>> {
    let all = networks.len();
    networks.sort_by_key(|group| Reverse(kinds(group)));
    networks.truncate(DRAWN);
    let things = "networks, those of most kinds: the others' pictures stand in their sections";
    let note = left_out(networks.len(), all, things).map(Block::note);
    let chart = (all > 0).then_some(Block::Chart(Figure::Kinds { networks, title, name }));
    chart.into_iter().chain(note).collect()
}

/// The last measurement with times of each place.
fn latest<'a>(group: &[&'a Analysis]) -> Vec<&'a Analysis> {
    let timed = group.iter().copied().filter(|a| a.has_times());
    let places = grouped(timed, |a| Place::of(&a.profile));
    places.iter().filter_map(|place| place.last().copied()).collect()
}

/// On how many kinds of devices.
fn kinds(group: &[&Analysis]) -> usize {
    group.iter().map(|a| a.profile.device.kind).collect::<HashSet<_>>().len()
}
