//! Batch normalisation at inference: y = γ·(x − μ)/√(σ² + ε) + β per channel (Ioffe and Szegedy

use crate::Tensor;

/// A batch norm that stands alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    /// Added to the variance.
    pub epsilon: f32,
    /// Whether γ is trained; where it is not, it is 1 and no parameter.
    pub scale: bool,
    /// What drawn values of γ are multiplied by: less than 1 at the end of a residual branch, so
    /// that the activations of deep networks stay of one size.
    pub gain: f32,
}

impl Default for BatchNorm {
    /// ε = 1e-5, γ trained and drawn around 1.
    fn default() -> Self {
        Self { epsilon: 1e-5, scale: true, gain: 1.0 }
    }
}

impl BatchNorm {
    /// Per channel (a, b) with y = a·x + b, from γ, β, μ, σ².
    pub(crate) fn scale_and_shift(&self, norm: &[Tensor]) -> Vec<(f64, f64)> {
        (0..norm[0].shape().c)
            .map(|c| {
                let [gamma, beta, mean, variance] =
                    std::array::from_fn(|i| norm[i].at([0, c, 0, 0]));
                let a = gamma / (variance + f64::from(self.epsilon)).sqrt();
                (a, beta - a * mean)
            })
            .collect()
    }

    /// The weights [kernel, bias] of a convolution or linear operator that computes what `own`
    /// followed by this norm does. Of the kernel there may be a part.
    pub(crate) fn fold_into(&self, mut own: Vec<Tensor>, norm: &[Tensor]) -> Vec<Tensor> {
        let scale_and_shift = self.scale_and_shift(norm);
        for o in own[0].rows() {
            let (a, _) = scale_and_shift[o];
            own[0].row_mut(o).iter_mut().for_each(|w| *w = (f64::from(*w) * a) as f32);
        }
        for (bias, (a, b)) in own[1].data_mut().iter_mut().zip(scale_and_shift) {
            *bias = (f64::from(*bias) * a + b) as f32;
        }
        own
    }
}
