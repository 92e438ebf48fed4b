//! A batch norm at inference.

use crate::Tensor;

/// A batch norm that stands alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    /// Added to the variance.
    pub epsilon: f32,
    /// Whether γ is trained; where it is not, it is 1 and no parameter.
    pub scale: bool,
    /// What drawn values of γ are multiplied by: less than 1 at the end of a residual branch, so
    /// that the activations of deep networks stay of one size.
    pub gain: f32,
}

impl Default for BatchNorm {
    /// ε = 1e-5, γ trained and drawn around 1.
    fn default() -> Self {
        Self { epsilon: 1e-5, scale: true, gain: 1.0 }
    }
}

impl BatchNorm {
    /// (a, b) of channel `c` with y = a·x + b, from γ, β, μ, σ².
    pub(super) fn at(&self, norm: &[Tensor], c: usize) -> (f64, f64) {
        let [gamma, beta, mean, variance] = std::array::from_fn(|i| norm[i].at([0, c, 0, 0]));
        let a = gamma / (variance + f64::from(self.epsilon)).sqrt();
        (a, beta - a * mean)
    }
}
