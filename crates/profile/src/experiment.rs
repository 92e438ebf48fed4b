//! Where a profile stands in a guideline's experiment.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use strum::{Display, IntoStaticStr};

/// A practical guideline of the ShuffleNetV2 paper (arXiv 1807.11164, section 3).
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    IntoStaticStr,
)]
pub enum Guideline {
    /// Equal input and output channels minimise memory access cost.
    G1,
    /// Much group convolution raises memory access cost.
    G2,
    /// Fragmentation lowers parallelism.
    G3,
    /// Element-wise operators are not negligible.
    G4,
}

impl Guideline {
    /// Every guideline.
    pub const ALL: [Self; 4] = [Self::G1, Self::G2, Self::G3, Self::G4];

    /// Its name as files and tables print it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A guideline's name that is none.
#[derive(Debug, thiserror::Error)]
#[error("no guideline {0:?}: expected one of g1, g2, g3, g4")]
pub struct UnknownGuideline(String);

impl FromStr for Guideline {
    type Err = UnknownGuideline;
    fn from_str(s: &str) -> Result<Self, UnknownGuideline> {
        let found = Self::ALL.into_iter().find(|g| g.name().eq_ignore_ascii_case(s));
        found.ok_or_else(|| UnknownGuideline(s.to_owned()))
    }
}

/// The point of an experiment that a profile was measured for. All points of one grid on one
/// device in one session were measured in turn, A B C A B C …: sample i of each [`whole_ns`](crate::Profile) was
/// taken in round i.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// What the experiment asks.
    pub guideline: Guideline,
    /// The set of points that it belongs to: the paper's are `gpu`, `arm`, or `paper` where it
    /// has one for both; others are ours.
    pub grid: String,
    /// The point as tables print it, e.g. `1:12`; the same at every multiplier.
    pub label: String,
    /// How much of what the guideline warns of it has: the ratio of channels (G1), groups (G2),
    /// fragments (G3), kinds of element-wise operators (G4). The least of a grid is its base.
    pub dose: f64,
    /// By how much its channels are multiplied.
    pub multiplier: f64,
    /// How often the network was run for one sample: 1, unless its parts are run one after another.
    pub runs: usize,
    /// Whether it is the base once more, prepared by itself: what two of one network differ by is no
    /// effect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub twin: bool,
    /// The run of the lab that measured it: when that began. Points are compared within a session only;
    /// older files do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}
