//! Channels in quads, groups of four: how every activation lies on a GPU.

#[cfg(feature = "gpu")]
use crate::Tensor;
use profile::Shape;

/// Quads (groups of four, the last one padded) that hold `c` channels.
pub const fn quads(c: usize) -> usize {
    c.div_ceil(4)
}

/// Quads of an activation.
pub(crate) const fn vectors(s: Shape) -> usize {
    s.pixels() * quads(s.c)
}

/// A tensor's elements with each pixel's channels padded to quads.
#[cfg(feature = "gpu")]
pub(super) fn padded(x: &Tensor) -> Vec<f32> {
    let (c, pitch) = (x.shape().c, 4 * quads(x.shape().c));
    let mut data = vec![0.0; x.shape().pixels() * pitch];
    for (to, from) in data.chunks_exact_mut(pitch).zip(x.data().chunks_exact(c)) {
        to[..c].copy_from_slice(from);
    }
    data
}

/// The reverse of [`padded`].
#[cfg(feature = "gpu")]
pub(super) fn unpadded(shape: Shape, data: &[f32]) -> Tensor {
    let pitch = 4 * quads(shape.c);
    let data = data.chunks_exact(pitch).flat_map(|pixel| &pixel[..shape.c]).copied().collect();
    Tensor::from_nhwc(shape, data)
}
