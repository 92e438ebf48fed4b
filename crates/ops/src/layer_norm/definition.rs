//! What a layer norm is.

use crate::ChannelAffine;

/// y = γ·(x − μ)/√(σ² + ε) + β over the channels of each pixel, μ and σ² their mean and variance (Ba et al. 2016,
/// arXiv 1607.06450).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerNorm {
    /// Added to the variance.
    pub epsilon: f32,
    /// γ and β.
    pub affine: ChannelAffine,
}

impl Default for LayerNorm {
    /// ε = 1e-5, with γ and β.
    fn default() -> Self {
        Self { epsilon: 1e-5, affine: ChannelAffine::BOTH }
    }
}
