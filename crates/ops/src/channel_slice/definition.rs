//! Channels a step apart.

/// Channels `start`, `start + step`, … of the input, `len` in all; a step below 0 goes backwards. Neighbours are
/// [`ChannelSplit`](crate::ChannelSplit)'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelSlice {
    /// First channel.
    pub start: usize,
    /// From each channel to the next.
    pub step: isize,
    /// Number of channels.
    pub len: usize,
}

impl ChannelSlice {
    /// The input channel that output channel `c` is, where the input has it.
    pub(crate) fn source(&self, c: usize, channels: usize) -> Option<usize> {
        let steps = isize::try_from(c).ok()?.checked_mul(self.step)?;
        self.start.checked_add_signed(steps).filter(|&c| c < channels)
    }
}
