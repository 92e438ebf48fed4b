//! Softmax over the channels of every pixel.

/// A softmax over channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Softmax;
