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

/// A map out of memory of `pitch` quads a pixel, in which its channel c is channel `at(c)`.
#[cfg(feature = "gpu")]
pub(super) fn gathered(
    shape: Shape,
    pitch: usize,
    at: impl Fn(usize) -> usize,
    data: &[f32],
) -> Tensor {
    let pixels = data.chunks_exact(4 * pitch).take(shape.pixels());
    let data = pixels.flat_map(|pixel| (0..shape.c).map(|c| pixel[at(c)]));
    Tensor::from_nhwc(shape, data.collect())
}
