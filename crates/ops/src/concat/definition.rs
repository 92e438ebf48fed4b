//! Concatenation of any number of maps along the channels.

/// The channels of every input, one input after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concat;
