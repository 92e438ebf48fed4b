//! The operator.

/// A convolution along the channels of maps of one pixel, with zeros beyond them: efficient channel attention (Wang et al.
/// 2020, arXiv 1910.03151).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelConv {
    /// Its taps, an odd number.
    pub kernel: usize,
}
