//! Everything that is computed from measurements, once: pages, charts, texts and files show it.

use crate::{
    analysis::{Analysis, measured},
    compare::pair::Pair,
    group::{by_network, by_place, network},
    guidelines::{
        architecture::record::{Architecture, architectures},
        g3::{self, Costs},
        records::{Record, records},
        study::Study,
    },
    measurements::Measurements,
    place::Place,
    proxy::Ranking,
    selection::{Selection, last},
    sweep::Sweep,
    unused::unused,
};
use std::collections::HashSet;

/// Most networks of one device that are compared with each other.
const COMPARED: usize = 400;

/// What measurements say.
#[derive(Clone, Debug)]
pub struct Findings<'a> {
    /// Everything that was measured.
    pub(crate) analyses: &'a [Analysis],
    /// Networks that somebody would run.
    pub(crate) selection: Selection<'a>,
    /// Those that are drawn, network by network.
    pub(crate) networks: Vec<Vec<&'a Analysis>>,
    /// Those that are drawn, place by place.
    pub(crate) places: Vec<Across<'a>>,
    /// The latest calibrated measurement of each place, the latest first.
    pub(crate) calibrated: Vec<&'a Analysis>,
    /// Experiments, each with its verdict.
    pub(crate) studies: Vec<Study<'a>>,
    /// Where the time of fragments goes: the study that says so, and the costs.
    pub(crate) fragments: Vec<(usize, Costs)>,
    /// Networks on the axes of the guidelines, as `guidelines.json` has them.
    pub architectures: Vec<Architecture>,
    /// Sides that were measured in turn.
    pub pairs: Vec<Pair<'a>>,
    /// Networks over batches and sizes of input.
    pub(crate) sweeps: Vec<Sweep<'a>>,
    /// What was measured for a verdict or a price and is in none.
    unused: Vec<String>,
}

/// The networks of one place at one level and batch size, the last measurement of each.
#[derive(Clone, Debug)]
pub struct Across<'a> {
    /// The last of them, at most [`COMPARED`].
    pub group: Vec<&'a Analysis>,
    /// How many there are.
    pub all: usize,
    /// Those of the group whose runs have times, and which compute.
    pub timed: Vec<&'a Analysis>,
    /// How well proxies rank those.
    pub rankings: Vec<Ranking>,
}

impl<'a> Findings<'a> {
    /// What `measured` says.
    pub fn of(measured: &'a Measurements) -> Self {
        let analyses = measured.all();
        let selection = Selection::of(analyses);
        let studies = Study::all(analyses);
        let (architectures, sides) = architectures(analyses);
        Self {
            analyses,
            networks: by_network(&selection.rendered),
            places: by_place(&selection.rendered).iter().map(|place| Across::of(place)).collect(),
            calibrated: calibrated(analyses),
            fragments: g3::costs(&studies),
            unused: unused(analyses, &studies, sides),
            architectures,
            pairs: Pair::all(analyses),
            sweeps: Sweep::all(&selection.rendered),
            selection,
            studies,
        }
    }

    /// What was measured for a verdict or a price and is in none, each with its reason.
    pub fn unused(&self) -> &[String] {
        &self.unused
    }

    /// The verdicts of all experiments, as `verdicts.json` has them.
    pub fn verdicts(&self) -> Vec<Record> {
        records(&self.studies)
    }
}

impl<'a> Across<'a> {
    fn of(place: &[&'a Analysis]) -> Self {
        let latest = latest(place);
        let group = last(&latest, COMPARED).to_vec();
        let is_timed = |a: &&Analysis| {
            let runs = a.whole.is_some_and(|w| w.median > 0.0) && a.profile.mul_adds > 0;
            runs && measured(&a.profile)
        };
        let timed: Vec<&Analysis> = group.iter().copied().filter(is_timed).collect();
        Self { rankings: Ranking::all(&timed), all: latest.len(), timed, group }
    }
}

/// The last measurement of each network.
fn latest<'a>(group: &[&'a Analysis]) -> Vec<&'a Analysis> {
    let mut seen = HashSet::new();
    let last = group.iter().rev().filter(|a| seen.insert(network(&a.profile)));
    let mut found: Vec<_> = last.copied().collect();
    found.reverse();
    found
}

/// The latest calibrated measurement of each place, the latest first.
fn calibrated(analyses: &[Analysis]) -> Vec<&Analysis> {
    let mut told = HashSet::new();
    let calibrated = analyses.iter().rev().filter(|a| a.ceilings.is_some());
    calibrated.filter(|a| told.insert(Place::of(&a.profile))).collect()
}
