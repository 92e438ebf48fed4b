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
    /// x + k.
    Offset(f32),
    /// min(max(x, low), high).
    Clip(f32, f32),
    /// x, but a·x below 0.
    LeakyRelu(f32),
    /// x · Φ(x), Φ the normal distribution function (arXiv 1606.08415).
    Gelu,
    /// GELU by its approximation ½x · (1 + tanh(√(2/π) · (x + 0.044715x³))).
    GeluTanh,
    /// GELU by its approximation x · sigmoid(1.702x).
    QuickGelu,
    /// x, but α·(eˣ − 1) below 0 (arXiv 1511.07289).
    Elu(f32),
    /// λ · ELU(x) with fixed α and λ (arXiv 1706.02515).
    Selu,
    /// x, but α·(e^{x/α} − 1) below 0 (arXiv 1704.07483).
    Celu(f32),
    /// ln(1 + eˣ).
    Softplus,
    /// x · tanh(ln(1 + eˣ)) (arXiv 1908.08681).
    Mish,
    /// |x|.
    Abs,
    /// eˣ, kept within the normal 32-bit floats.
    Exp,
    /// √x.
    Sqrt,
    /// x².
    Square,
    /// 1 / x.
    Reciprocal,
}

/// Factor of SELU's negative branch, λ·α.
const SELU_NEGATIVE: f32 = 1.758_099_3;

/// Factor λ of SELU's positive branch.
const SELU_POSITIVE: f32 = 1.050_701;

/// Largest x for which eˣ and e⁻ˣ are normal 32-bit floats.
const LARGEST_EXPONENT: f64 = 87.336_54;

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
            Self::Offset(k) => x + f64::from(k),
            Self::Clip(..) if x.is_nan() => x,
            Self::Clip(low, high) => x.max(low.into()).min(high.into()),
            Self::LeakyRelu(a) if x < 0.0 => f64::from(a) * x,
            Self::LeakyRelu(_) => x,
            Self::Gelu => 0.5 * x * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2),
            Self::GeluTanh => {
                let z = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
                x / (1.0 + (-2.0 * z).exp())
            }
            Self::QuickGelu => x / (1.0 + (-1.702 * x).exp()),
            Self::Elu(_) | Self::Selu | Self::Celu(_) => {
                let (positive, negative, inner) = self.branches().unwrap_or_default();
                if x < 0.0 {
                    f64::from(negative) * (x * f64::from(inner)).exp_m1()
                } else {
                    f64::from(positive) * x
                }
            }
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Self::Mish => x * Self::Softplus.exact(x).tanh(),
            Self::Abs => x.abs(),
            Self::Exp if x.is_nan() => x,
            Self::Exp => x.clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT).exp(),
            Self::Sqrt => x.sqrt(),
            Self::Square => x * x,
            Self::Reciprocal => 1.0 / x,
        }
    }

    /// (p, n, k) of functions that are p·x above 0 and n·(e^{k·x} − 1) below.
    pub(super) const fn branches(self) -> Option<(f32, f32, f32)> {
        match self {
            Self::Elu(alpha) => Some((1.0, alpha, 1.0)),
            Self::Selu => Some((SELU_POSITIVE, SELU_NEGATIVE, 1.0)),
            Self::Celu(alpha) => Some((1.0, alpha, 1.0 / alpha)),
            _ => None,
        }
    }

    /// Between which values it clamps, where that is all it does.
    pub const fn bounds(self) -> Option<(f32, f32)> {
        match self {
            Self::Relu => Some((0.0, f32::INFINITY)),
            Self::Relu6 => Some((0.0, 6.0)),
            Self::Clip(low, high) => Some((low, high)),
            _ => None,
        }
    }

    /// The steepest that it gets: how much an error of its argument can grow. `None` where there is no such
    /// bound.
    fn slope(self) -> Option<f64> {
        match self {
            Self::Sigmoid => Some(0.25),
            Self::HardSigmoid => Some(1.0 / 6.0),
            Self::Silu | Self::Mish | Self::QuickGelu => Some(1.1),
            Self::Gelu | Self::GeluTanh => Some(1.13),
            Self::HardSwish => Some(1.5),
            Self::Scale(k) => Some(f64::from(k).abs()),
            Self::LeakyRelu(a) => Some(f64::from(a).abs().max(1.0)),
            Self::Elu(_) | Self::Selu | Self::Celu(_) => {
                let (positive, negative, inner) = self.branches()?;
                Some(f64::from(positive.max((negative * inner).abs())))
            }
            Self::Relu
            | Self::Relu6
            | Self::Tanh
            | Self::OneMinus
            | Self::Offset(_)
            | Self::Clip(..)
            | Self::Softplus
            | Self::Abs => Some(1.0),
            Self::Exp | Self::Sqrt | Self::Square | Self::Reciprocal => None,
        }
    }

    /// Whether it may be the end of another operator, whose rounding errors it grows by no more than a bound.
    pub(crate) fn ends_others(self) -> bool {
        self.slope().is_some()
    }

    /// The function of a value that is known up to rounding; that is exact where the slope has no bound.
    pub(crate) fn of(self, x: Exact) -> Exact {
        let value = self.exact(x.value);
        // Functions that add a constant, or take eˣ, are as exact as the largest term they pass.
        let own = match (self.bounds(), self.slope(), self.branches()) {
            (Some(_), ..) => 0.0,
            (_, None, _) => value.abs(),
            (.., Some((_, negative, _))) => {
                value.abs().max(x.value.abs()).max(negative.abs().into())
            }
            _ => value.abs().max(x.value.abs()).max(1.0),
        };
        let grown = self.slope().map_or(0.0, |slope| slope * x.magnitude);
        Exact { value, magnitude: own.max(grown), terms: x.terms }
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
            Self::Offset(_) => "offset",
            Self::Clip(..) => "clip",
            Self::LeakyRelu(_) => "leaky_relu",
            Self::Gelu => "gelu",
            Self::GeluTanh => "gelu_tanh",
            Self::QuickGelu => "quick_gelu",
            Self::Elu(_) => "elu",
            Self::Selu => "selu",
            Self::Celu(_) => "celu",
            Self::Softplus => "softplus",
            Self::Mish => "mish",
            Self::Abs => "abs",
            Self::Exp => "exp",
            Self::Sqrt => "sqrt",
            Self::Square => "square",
            Self::Reciprocal => "reciprocal",
        }
    }
}
