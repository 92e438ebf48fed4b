//! Zero channels appended.

/// The input with zero channels appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelPad {
    /// Channels after padding.
    pub out: usize,
}
