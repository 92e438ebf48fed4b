//! Channel pad: zero channels appended, the parameter-free shortcut of PyramidNet (Han et al. 2017,

/// The input with zero channels appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelPad {
    /// Channels after padding.
    pub out: usize,
}
