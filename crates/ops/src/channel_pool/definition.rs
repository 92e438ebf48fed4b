//! Each pixel's channels reduced to one.

/// What a pixel's channels are reduced to: N×C×H×W becomes N×1×H×W.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelPool {
    /// Their mean.
    Mean,
    /// The largest.
    Max,
    /// Their sum.
    Sum,
    /// The root of the sum of their squares.
    L2,
}
