//! The operator.

/// The root of the sum of squares of each channel of a map: N×C×H×W becomes N×C×1×1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalL2Pool;
