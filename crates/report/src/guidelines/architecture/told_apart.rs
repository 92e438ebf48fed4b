//! What tells studies of networks apart that would read the same: of one place and batch size.

use crate::{analysis::Analysis, place::Place};
use profile::{Level, Profile, Shape};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// What a study differs in from others of its place and batch size; nothing where all of them are alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct ToldApart {
    /// The input, where a network was measured at several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Shape>,
    /// Seed of weights and input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Passes of the level that were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without: Option<Vec<String>>,
}

/// The settings that studies of one place and batch size were measured with.
#[derive(Default)]
struct Met<'a> {
    inputs: HashMap<&'a str, HashSet<Shape>>,
    seeds: HashSet<u64>,
    without: HashSet<&'a [String]>,
}

impl ToldApart {
    /// What tells each of `networks` apart.
    pub fn all(networks: &[&Analysis]) -> Vec<Self> {
        let mut places: HashMap<_, Met<'_>> = HashMap::new();
        for a in networks {
            places.entry(place(a)).or_default().meet(&a.profile);
        }
        networks.iter().map(|a| places[&place(a)].differing(&a.profile)).collect()
    }

    /// `level`, and the passes of it that were left out.
    pub fn lowering(&self, level: Level) -> String {
        match self.without.as_deref() {
            None | Some([]) => level.to_string(),
            Some(passes) => format!("{level} without {}", passes.join(", ")),
        }
    }

    /// `text`, and behind it input and seed.
    pub fn behind(&self, text: String) -> String {
        let input = self.input.map(|input| format!("input {}×{}", input.h, input.w));
        let seed = self.seed.map(|seed| format!("seed {seed}"));
        [input, seed].into_iter().flatten().fold(text, |text, part| format!("{text}, {part}"))
    }
}

impl<'a> Met<'a> {
    fn meet(&mut self, profile: &'a Profile) {
        self.inputs.entry(&profile.model).or_default().insert(profile.input);
        self.seeds.insert(profile.settings.seed);
        self.without.insert(&profile.settings.without);
    }

    fn differing(&self, profile: &Profile) -> ToldApart {
        let several = self.inputs.values().any(|inputs| inputs.len() > 1);
        let settings = &profile.settings;
        ToldApart {
            input: several.then_some(profile.input),
            seed: (self.seeds.len() > 1).then_some(settings.seed),
            without: (self.without.len() > 1).then(|| settings.without.clone()),
        }
    }
}

fn place(a: &Analysis) -> (Place<'_>, usize) {
    (Place::of(&a.profile), a.profile.batch)
}
