//! Channel split: one run of the channels. Splitting in two is two such operators.

/// Channels `start .. start + len` of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelSplit {
    /// First channel.
    pub start: usize,
    /// Number of channels.
    pub len: usize,
}
