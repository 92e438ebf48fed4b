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
    /// k − x.
    KMinus(f32),
    /// k / x.
    KOver(f32),
    /// xᵏ. Where k is neither a whole nor a half number, or a large one, x is kept within the normal 32-bit floats
    /// above 0.
    Pow(f32),
    /// ln x, x kept within the normal 32-bit floats above 0.
    Log,
    /// 2/√π ∫₀ˣ e^{−s²} ds.
    Erf,
    /// x / (1 + |x|).
    Softsign,
    /// x · sigmoid(β·x).
    Swish(f32),
    /// min(max(α·x + β, 0), 1): the hard-sigmoid of other frameworks, as (α, β).
    Ramp(f32, f32),
    /// x, but 0 up to α.
    ThresholdedRelu(f32),
    /// −1, 0 or 1.
    Sign,
    /// The largest whole number up to x.
    Floor,
    /// The smallest whole number from x on.
    Ceil,
    /// The nearest whole number, ties to even.
    Round,
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
            Self::KMinus(k) => f64::from(k) - x,
            Self::KOver(k) => f64::from(k) / x,
            Self::Pow(k) if halves(k).is_some() => x.powf(k.into()),
            Self::Pow(k) => above_zero(x).powf(k.into()),
            Self::Log => above_zero(x).ln(),
            Self::Erf => libm::erf(x),
            Self::Softsign => x / (1.0 + x.abs()),
            Self::Swish(beta) => x / (1.0 + (-f64::from(beta) * x).exp()),
            Self::Ramp(..) if x.is_nan() => x,
            Self::Ramp(a, b) => (f64::from(a) * x + f64::from(b)).clamp(0.0, 1.0),
            Self::ThresholdedRelu(a) if x <= a.into() => 0.0,
            Self::ThresholdedRelu(_) => x,
            Self::Sign if x == 0.0 => x,
            Self::Sign => x.signum(),
            Self::Floor => x.floor(),
            Self::Ceil => x.ceil(),
            Self::Round => x.round_ties_even(),
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
            Self::Silu | Self::Mish | Self::QuickGelu | Self::Swish(_) => Some(1.1),
            Self::Gelu | Self::GeluTanh | Self::Erf => Some(1.13),
            Self::HardSwish => Some(1.5),
            Self::Scale(k) | Self::Ramp(k, _) => Some(f64::from(k).abs()),
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
            | Self::Softsign
            | Self::KMinus(_)
            | Self::Abs => Some(1.0),
            Self::Exp
            | Self::Sqrt
            | Self::Square
            | Self::Reciprocal
            | Self::KOver(_)
            | Self::Pow(_)
            | Self::Log
            | Self::ThresholdedRelu(_)
            | Self::Sign
            | Self::Floor
            | Self::Ceil
            | Self::Round => None,
        }
    }

    /// How many times the rounding errors of a power are those of a product: its factors or, where it is e^{k·ln x},
    /// that exponent; 1 for other functions.
    fn condition(self, x: f64) -> f64 {
        match self {
            Self::Pow(k) if halves(k).is_some() => f64::from(k).abs().max(1.0),
            Self::Pow(k) => (f64::from(k) * above_zero(x).ln()).abs().max(1.0),
            _ => 1.0,
        }
    }

    /// The largest of the constants that are added on the way to its value.
    fn added(self) -> f64 {
        match self {
            Self::Ramp(_, shift) => 1.0 + f64::from(shift).abs(),
            Self::Log => 1.0,
            _ if self.slope().is_none() => 0.0,
            _ => 1.0,
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
            (_, None, _) => value.abs() * self.condition(x.value) + self.added(),
            (.., Some((_, negative, _))) => {
                value.abs().max(x.value.abs()).max(negative.abs().into())
            }
            _ => value.abs().max(x.value.abs()).max(self.added()),
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
            Self::KMinus(_) => "k_minus",
            Self::KOver(_) => "k_over",
            Self::Pow(_) => "pow",
            Self::Log => "log",
            Self::Erf => "erf",
            Self::Softsign => "softsign",
            Self::Swish(_) => "swish",
            Self::Ramp(..) => "hard_sigmoid",
            Self::ThresholdedRelu(_) => "thresholded_relu",
            Self::Sign => "sign",
            Self::Floor => "floor",
            Self::Ceil => "ceil",
            Self::Round => "round",
        }
    }
}

/// The largest exponent for which a power is computed by products.
pub(super) const MOST_FACTORS: f32 = 64.0;

/// The whole part of a power's exponent without its sign, and whether there is a half; `None` where the power is no
/// product of a few factors.
pub(super) fn halves(exponent: f32) -> Option<(u32, bool)> {
    let (whole, rest) = (exponent.abs().trunc(), exponent.abs().fract());
    let known = (rest == 0.0 || rest == 0.5) && whole <= MOST_FACTORS;
    known.then_some((whole as u32, rest == 0.5))
}

/// x, kept within the normal 32-bit floats above 0.
fn above_zero(x: f64) -> f64 {
    x.clamp(f32::MIN_POSITIVE.into(), f32::MAX.into())
}
