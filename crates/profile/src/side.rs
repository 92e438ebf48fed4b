//! What a profile was measured against: another network, level, device or program.

use serde::{Deserialize, Serialize};

/// Which of two sides that were compared a profile is. Both were measured in turn, sitting by sitting: in each,
/// both were prepared anew and then run A B, B A, A B, …. Sample i of each list of either side was taken in
/// round i.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The run of the lab that measured both: when that began. Both sides of a pair have the same.
    pub session: String,
    /// Which of the two it is.
    pub letter: Letter,
    /// Rounds of a sitting: so many samples in a row are of one.
    pub rounds: usize,
    /// The command that ran it, where that was another build of the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// A side.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Letter {
    /// What B is held against.
    A,
    /// What is held against it.
    B,
}
