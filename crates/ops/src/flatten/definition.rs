//! Maps as rows of features.

/// A map as a row of features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flatten;
