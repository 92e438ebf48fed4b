//! The operator.

use crate::Along;

/// The logarithm of a softmax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSoftmax(pub Along);
