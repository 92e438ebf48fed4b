//! Channel shuffle: the C channels, seen as a groups × (C/groups) matrix, transposed (Zhang et al.

/// A channel shuffle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelShuffle {
    /// Groups whose channels are interleaved.
    pub groups: usize,
}

impl ChannelShuffle {
    /// The input channel that output channel `c` of `channels` comes from.
    pub const fn source(self, c: usize, channels: usize) -> usize {
        (c % self.groups) * (channels / self.groups) + c / self.groups
    }
}
