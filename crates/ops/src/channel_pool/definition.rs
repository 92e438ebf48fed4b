//! Channel pool: each pixel's channels reduced to one, the two maps from which CBAM's spatial

/// What a pixel's channels are reduced to: N×C×H×W becomes N×1×H×W.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelPool {
    /// Their mean.
    Mean,
    /// The largest.
    Max,
}
