//! A concatenation and a channel shuffle in one.

/// A concatenation of two maps of one shape, then a channel shuffle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcatShuffle {
    /// Groups whose channels are interleaved.
    pub groups: usize,
}
