//! Softmax over the channels of every pixel: y(c) = e^{x(c) − m} / Σ e^{x(i) − m}, m the largest.

/// A softmax over channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Softmax;
