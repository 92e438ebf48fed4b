//! What a group norm is.

use crate::ChannelAffine;

/// y = γ·(x − μ)/√(σ² + ε) + β, μ and σ² the mean and variance of a group of channels of an image (Wu and He 2018,
/// arXiv 1803.08494). With a group for each channel it is instance normalisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupNorm {
    /// How many groups of neighbouring channels.
    pub groups: usize,
    /// Added to the variance.
    pub epsilon: f32,
    /// γ and β, a value a channel each.
    pub affine: ChannelAffine,
}

impl GroupNorm {
    /// So many groups, with ε = 1e-5, γ and β.
    pub const fn new(groups: usize) -> Self {
        Self { groups, epsilon: 1e-5, affine: ChannelAffine::BOTH }
    }
}
