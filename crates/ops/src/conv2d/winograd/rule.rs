//! Which convolutions Winograd's algorithm can take, and which it is worth it for.

use crate::Conv2d;

/// Pixels and channels that it takes for fewer multiplications to be less time. No vector of a CPU has more
/// lanes than so many channels.
const FEWEST_PIXELS: usize = 36;
const FEWEST_CHANNELS: usize = 16;

/// Whether the algorithm can take the convolution, group by group. A window that lies outside the map must
/// leave the bias alone, to the bit; a tile that is not all outside would leave rounding errors of others.
pub(in crate::conv2d) fn applies(conv: &Conv2d) -> bool {
    let plain = conv.stride == (1, 1) && conv.dilation == (1, 1);
    let windows_meet_the_map = conv.padding.largest() < 3;
    conv.kernel == (3, 3) && plain && windows_meet_the_map
}

/// Whether it is worth it for so many input channels and output pixels: with fewer pixels or channels,
/// transforms take longer than the multiplications that they save.
pub(in crate::conv2d) fn is_worth(conv: &Conv2d, inputs: usize, pixels: usize) -> bool {
    conv.out.min(inputs) / conv.groups >= FEWEST_CHANNELS && pixels >= FEWEST_PIXELS
}
