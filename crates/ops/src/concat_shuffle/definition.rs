//! Two maps concatenated and their channels shuffled, in one step: what level `fused` makes of a

/// A concatenation of two maps of one shape, then a channel shuffle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcatShuffle {
    /// Groups whose channels are interleaved.
    pub groups: usize,
}
