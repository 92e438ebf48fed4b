//! What a network would be if it obeyed a guideline of the ShuffleNetV2 paper: passes from graph to
//! graph, one a file.
//!
//! The price that a network pays to a guideline is measured, not modelled: the network, or one of
//! its operators, runs beside itself rewritten. A rewritten network computes something else; what it
//! keeps are mult-adds and the shapes of its input and output.

mod channels;
mod merged_branches;
mod without_element_wise;

pub use channels::{alone, with_balanced_channels, without_groups};
pub use merged_branches::{Merged, merged_branches};
pub use without_element_wise::without_element_wise;
