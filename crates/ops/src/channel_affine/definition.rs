//! What it is, and how it becomes part of a convolution.

use crate::Tensor;

/// y = a·x + b, a and b a value a channel; where one is left out, it is 1 or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelAffine {
    /// Whether there is an a.
    pub scale: bool,
    /// Whether there is a b.
    pub shift: bool,
}

impl ChannelAffine {
    /// a·x: the layer scale of a residual branch (Touvron et al. 2021, arXiv 2103.17239).
    pub const SCALE: Self = Self { scale: true, shift: false };
    /// x + b.
    pub const SHIFT: Self = Self { scale: false, shift: true };
    /// a·x + b.
    pub const BOTH: Self = Self { scale: true, shift: true };
    /// x: for norms that end so.
    pub const NEITHER: Self = Self { scale: false, shift: false };

    /// (a, b) of channel `c`.
    pub(crate) fn at(self, weights: &[Tensor], c: usize) -> (f64, f64) {
        let value = |weight: usize| weights[weight].at([0, c, 0, 0]);
        let scale = if self.scale { value(0) } else { 1.0 };
        let shift = if self.shift { value(usize::from(self.scale)) } else { 0.0 };
        (scale, shift)
    }
}

/// The weights [kernel, bias] of a convolution or linear operator that computes what `own` and then a·x + b do,
/// (a, b) that of a channel. Of the kernel there may be a part.
pub(crate) fn fold_into(
    mut own: Vec<Tensor>,
    scale_and_shift: impl Fn(usize) -> (f64, f64),
) -> Vec<Tensor> {
    for o in own[0].rows() {
        let (a, _) = scale_and_shift(o);
        own[0].row_mut(o).iter_mut().for_each(|w| *w = (f64::from(*w) * a) as f32);
    }
    for (c, bias) in own[1].data_mut().iter_mut().enumerate() {
        let (a, b) = scale_and_shift(c);
        *bias = (f64::from(*bias) * a + b) as f32;
    }
    own
}
