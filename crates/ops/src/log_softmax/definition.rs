//! The operator.

/// The logarithm of a softmax over channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSoftmax;
