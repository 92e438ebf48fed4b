//! Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3), scaled as

/// A local response normalisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalResponseNorm {
    /// Channels in the window: `size / 2` before the channel, the rest from it on.
    pub size: usize,
    /// α.
    pub alpha: f32,
    /// β.
    pub beta: f32,
    /// k.
    pub k: f32,
}

impl Default for LocalResponseNorm {
    /// AlexNet's constants: 5 channels, α = 1e-4, β = 0.75, k = 2.
    fn default() -> Self {
        Self { size: 5, alpha: 1e-4, beta: 0.75, k: 2.0 }
    }
}

impl LocalResponseNorm {
    /// The channels, out of `channels`, whose squares are summed for channel `c`.
    pub(crate) fn window(&self, c: usize, channels: usize) -> std::ops::Range<usize> {
        c.saturating_sub(self.size / 2)..(c + self.size.div_ceil(2)).min(channels)
    }
}
