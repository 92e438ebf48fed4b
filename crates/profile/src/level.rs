//! How far a graph was lowered before it ran.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use strum::{Display, IntoStaticStr};

/// How a graph is lowered before it is costed or run; the least lowered is the least.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Level {
    /// As the paper's figure draws it: batch norm stands alone.
    Raw,
    /// Batch norm folded into the convolution before it: the ShuffleNetV2 paper's setting.
    #[default]
    Folded,
    /// As a runtime that fuses runs it: activations, additions and moves of data absorbed into
    /// their neighbours.
    Fused,
}

impl Level {
    /// Every level, least lowered first.
    pub const ALL: [Self; 3] = [Self::Raw, Self::Folded, Self::Fused];

    /// The level's name on the command line and in files.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A level's name that is none.
#[derive(Debug, thiserror::Error)]
#[error("no level {0:?}: expected one of raw, folded, fused")]
pub struct UnknownLevel(String);

impl FromStr for Level {
    type Err = UnknownLevel;
    fn from_str(s: &str) -> Result<Self, UnknownLevel> {
        Self::ALL.into_iter().find(|l| l.name() == s).ok_or_else(|| UnknownLevel(s.to_owned()))
    }
}
