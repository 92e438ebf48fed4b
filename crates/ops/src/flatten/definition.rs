//! Flatten: a map N×C×H×W as a row of features N×(C·H·W), numbered channel first as every framework

/// A map as a row of features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flatten;
