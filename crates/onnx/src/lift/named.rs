//! Operators of maps that are no nodes of ONNX's: passes call them so between finding and reading them.

/// A layer norm over the channels of a map.
pub(super) const LAYER_NORM: &str = "LayerNormalization over channels";

/// A group norm with a weight a channel, or none.
pub(super) const GROUP_NORM: &str = "GroupNormalization of channels";

/// A channel shuffle.
pub(super) const SHUFFLE: &str = "channel shuffle";
