//! What a profile was measured beside: a network or one of its operators, as it is and rewritten.

use crate::{Guideline, Shape};
use serde::{Deserialize, Serialize};

/// Which side of which comparison a profile is. A network is held against itself rewritten, to see
/// what it loses to a guideline. All sides of one comparison (one network or one operator, on one
/// device) were measured in turn, A B A B …: sample i of each [`whole_ns`](crate::Profile) was taken
/// in round i.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The network as it was asked for.
    pub network: String,
    /// The network's input, N, C, H, W.
    pub input: Shape,
    /// The operator of it that ran alone; absent where the whole network ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// How many operators like this one the network has; 1 for the whole network.
    pub times: usize,
    /// What was rewritten; absent on the side that was left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rewrite: Option<Rewrite>,
    /// On the network as it is: the guidelines under which it has nothing to rewrite, so that it
    /// loses nothing to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obeys: Vec<Guideline>,
}

/// A change that makes a network, or an operator, obey a guideline.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewrite {
    /// The guideline.
    pub guideline: Guideline,
    /// What is different, in words.
    pub changed: String,
}

impl Comparison {
    /// Whether the profile is of the whole network as it is.
    pub const fn is_network(&self) -> bool {
        self.operator.is_none() && self.rewrite.is_none()
    }
}
