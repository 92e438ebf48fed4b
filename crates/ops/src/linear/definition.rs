//! Fully connected: y(n, o) = b(o) + Σ w(o, i) · x(n, i), over N×C×1×1 inputs.

/// A fully connected operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// Output features.
    pub out: usize,
    /// Whether a bias is added.
    pub bias: bool,
}

impl Linear {
    /// To `out` features, with a bias.
    pub const fn new(out: usize) -> Self {
        Self { out, bias: true }
    }
}
