//! Functions of one number.

use crate::Exact;

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UnaryFn {
    /// max(x, 0).
    Relu,
    /// min(max(x, 0), 6).
    Relu6,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ).
    Tanh,
    /// x · sigmoid(x), also called swish.
    Silu,
    /// min(max(x + 3, 0), 6) / 6 (MobileNetV3, arXiv 1905.02244).
    HardSigmoid,
    /// x · hard-sigmoid(x) (MobileNetV3).
    HardSwish,
    /// 1 − x: the carry gate of a highway network (arXiv 1505.00387).
    OneMinus,
    /// x · k: the constant scaling of a residual branch, as in Inception-ResNet.
    Scale(f32),
}

impl UnaryFn {
    /// The function's definition.
    pub fn exact(self, x: f64) -> f64 {
        match self {
            Self::Relu if x < 0.0 => 0.0,
            Self::Relu => x,
            Self::Relu6 => x.clamp(0.0, 6.0),
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Self::Tanh => x.tanh(),
            Self::Silu => x / (1.0 + (-x).exp()),
            Self::HardSigmoid => (x + 3.0).clamp(0.0, 6.0) / 6.0,
            Self::HardSwish => x * ((x + 3.0).clamp(0.0, 6.0) / 6.0),
            Self::OneMinus => 1.0 - x,
            Self::Scale(k) => x * f64::from(k),
        }
    }

    /// Between which values it clamps, where that is all it does.
    pub const fn bounds(self) -> Option<(f32, f32)> {
        match self {
            Self::Relu => Some((0.0, f32::INFINITY)),
            Self::Relu6 => Some((0.0, 6.0)),
            _ => None,
        }
    }

    /// The steepest that it gets: how much an error of its argument can grow.
    fn slope(self) -> f64 {
        match self {
            Self::Sigmoid => 0.25,
            Self::HardSigmoid => 1.0 / 6.0,
            Self::Silu => 1.1,
            Self::HardSwish => 1.5,
            Self::Scale(k) => f64::from(k).abs(),
            Self::Relu | Self::Relu6 | Self::Tanh | Self::OneMinus => 1.0,
        }
    }

    /// The function of a value that is known up to rounding.
    pub(crate) fn of(self, x: Exact) -> Exact {
        let value = self.exact(x.value);
        // Functions that add a constant, or take eˣ, are as exact as the largest term they pass.
        let own = match self.bounds() {
            Some(_) => 0.0,
            None => value.abs().max(x.value.abs()).max(1.0),
        };
        Exact { value, magnitude: own.max(self.slope() * x.magnitude), terms: x.terms }
    }

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Relu6 => "relu6",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Silu => "silu",
            Self::HardSigmoid => "hard_sigmoid",
            Self::HardSwish => "hard_swish",
            Self::OneMinus => "one_minus",
            Self::Scale(_) => "scale",
        }
    }
}
