//! The operator.

use crate::Tensor;

/// x, but a·x below 0, with a learned a a channel or one for all (He et al. 2015, arXiv 1502.01852).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PRelu {
    /// Whether all channels have the same a.
    pub shared: bool,
}

impl PRelu {
    /// What channel `c` is multiplied by above 0 and below.
    pub(super) fn at(self, weights: &[Tensor], c: usize) -> (f64, f64) {
        (1.0, weights[0].at([0, if self.shared { 0 } else { c }, 0, 0]))
    }
}
