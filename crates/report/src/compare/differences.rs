//! In which things two sides differ.

use crate::analysis::Analysis;
use profile::{Profile, Side};
use serde::Serialize;

/// A thing in which the sides differ, and what each has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The thing.
    pub what: &'static str,
    /// What A has.
    pub a: String,
    /// What B has.
    pub b: String,
}

/// What may differ, and how a profile has it.
type Thing = (&'static str, fn(&Profile) -> String);

const THINGS: [Thing; 7] = [
    ("network", |p| p.model.clone()),
    ("input", Profile::inputs),
    ("level", Profile::lowering),
    ("device", |p| p.device.label()),
    ("threads", |p| p.threads.to_string()),
    ("commit", |p| p.build.commit.clone()),
    ("program", command),
];

/// The command that ran it.
fn command(profile: &Profile) -> String {
    let command = profile.side.as_ref().and_then(|side: &Side| side.command.clone());
    command.unwrap_or_else(|| "this build".to_owned())
}

/// The things in which `a` and `b` differ; none where both are the same.
pub fn differences(a: &Analysis, b: &Analysis) -> Vec<Difference> {
    let difference = |(what, of): Thing| {
        let (a, b) = (of(&a.profile), of(&b.profile));
        (a != b).then_some(Difference { what, a, b })
    };
    THINGS.into_iter().filter_map(difference).collect()
}
