//! What tells studies apart that would read the same: of one guideline, grid and place.

use profile::{Guideline, Profile};
use serde::Serialize;
use std::collections::HashMap;

/// What a study differs in from others that would read the same; nothing where it is the only one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Apart {
    /// How its networks were lowered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Images a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<usize>,
    /// The session that measured it, where the file says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// Studies that would read the same: what the first of them is, and what others differ in from it.
struct Alike {
    first: Apart,
    level: bool,
    batch: bool,
    session: bool,
}

impl Apart {
    /// What tells each of the studies apart that have these measurements.
    pub fn all(studies: &[&Profile]) -> Vec<Self> {
        let mut alike: HashMap<_, Alike> = HashMap::new();
        for profile in studies {
            let first = Self::of(profile);
            let new = Alike { first, level: false, batch: false, session: false };
            alike.entry(key(profile)).or_insert(new).meet(&Self::of(profile));
        }
        let differing = |profile: &&Profile| {
            let (own, alike) = (Self::of(profile), &alike[&key(profile)]);
            Self {
                level: own.level.filter(|_| alike.level),
                batch: own.batch.filter(|_| alike.batch),
                session: own.session.filter(|_| alike.session),
            }
        };
        studies.iter().map(differing).collect()
    }

    /// All that a study could differ in.
    fn of(profile: &Profile) -> Self {
        let experiment = profile.experiment.as_ref();
        Self {
            level: Some(profile.lowering()),
            batch: Some(profile.batch),
            session: experiment.and_then(|e| e.session.clone()),
        }
    }

    /// `text`, and behind it what tells the study apart.
    pub fn behind(&self, text: String) -> String {
        let batch = self.batch.map(|batch| format!("batch {batch}"));
        let session = self.session.as_ref().map(|session| format!("session {session}"));
        let parts = [self.level.clone(), batch, session];
        parts.into_iter().flatten().fold(text, |text, part| format!("{text}, {part}"))
    }
}

impl Alike {
    fn meet(&mut self, other: &Apart) {
        self.level |= other.level != self.first.level;
        self.batch |= other.batch != self.first.batch;
        self.session |= other.session != self.first.session;
    }
}

/// What a study reads as.
fn key(profile: &Profile) -> (Option<(Guideline, &str)>, String) {
    let experiment = profile.experiment.as_ref();
    let asks = experiment.map(|e| (e.guideline, e.grid.as_str()));
    (asks, profile.device.place(profile.threads))
}
