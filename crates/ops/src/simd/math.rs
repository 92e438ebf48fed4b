//! Functions of one number over [`Lanes`], made of their few operations.

use super::Lanes;
use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

/// ln 2^−126: below it eˣ is no normal number any more.
const SMALLEST_EXPONENT: f32 = -87.336_54;

/// ln 2 in two parts: the first has few enough bits that its product with a small integer is exact.
const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);

/// Coefficients of r⁶ down to 1: Taylor's series of eʳ up to r⁷, that last term replaced by the polynomial
/// of degree 5 that is nearest to it over |r| ≤ h = ln 2 / 2, with Chebyshev's r⁷ ≈ h⁷·(112t⁵ − 56t³ + 7t)/64,
/// t = r/h. What is left out is below 1e-8.
const COEFFICIENTS: [f32; 7] = {
    let h2 = std::f64::consts::LN_2 * std::f64::consts::LN_2 / 4.0;
    let seventh = 1.0 / (5040.0 * 64.0);
    [
        1.0 / 720.0,
        (1.0 / 120.0 + 112.0 * h2 * seventh) as f32,
        1.0 / 24.0,
        (1.0 / 6.0 - 56.0 * h2 * h2 * seventh) as f32,
        0.5,
        (1.0 + 7.0 * h2 * h2 * h2 * seventh) as f32,
        1.0,
    ]
};

/// eˣ within an ε; x is clamped to ±87.3, where it leaves the normal numbers.
#[inline(always)]
pub(crate) fn exp<L: Lanes>(x: L) -> L {
    let (near_one, k) = factors(x);
    near_one.times_power(k)
}

/// eʳ, and k, with eˣ = eʳ · 2ᵏ.
///
/// ```text
/// k = round(x / ln 2);  r = x − k·ln 2;  eˣ = eʳ · 2ᵏ
/// ```
#[inline(always)]
fn factors<L: Lanes>(x: L) -> (L, L) {
    // In this order what is no number stays none.
    let x = L::splat(-SMALLEST_EXPONENT).min(L::splat(SMALLEST_EXPONENT).max(x));
    let k = x.mul(L::splat(std::f32::consts::LOG2_E)).round();
    let r = x.fma(k, L::splat(-LN_2.0)).fma(k, L::splat(-LN_2.1));
    let mut sum = L::splat(COEFFICIENTS[0]);
    for coefficient in &COEFFICIENTS[1..] {
        sum = L::splat(*coefficient).fma(sum, r);
    }
    (sum, k)
}

/// 1 + eˣ.
#[inline(always)]
fn one_plus_exp<L: Lanes>(x: L) -> L {
    let (near_one, k) = factors(x);
    L::splat(1.0).fma(near_one, k.exp2_of_integer())
}

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(crate) fn sigmoid<L: Lanes>(x: L) -> L {
    L::splat(1.0).div(one_plus_exp(L::splat(0.0).sub(x)))
}

/// x / (1 + e⁻ˣ).
#[inline(always)]
pub(crate) fn silu<L: Lanes>(x: L) -> L {
    x.div(one_plus_exp(L::splat(0.0).sub(x)))
}

/// tanh x = 1 − 2 / (1 + e²ˣ), within a few ε of its range, not of its value.
#[inline(always)]
pub(crate) fn tanh<L: Lanes>(x: L) -> L {
    let one = L::splat(1.0);
    one.sub(L::splat(2.0).div(one_plus_exp(x.add(x))))
}

/// Coefficients of t⁵ down to 1, t = x², of P and Q with erf x ≈ x · P(t) / Q(t) over |x| ≤ 4: the fractions of such
/// degrees with the smallest relative error, 3e-8.
const ERROR_FUNCTION: [(f32, f32); 6] = [
    (1.986_748_9e-6, 3.741_984e-5),
    (2.845_662_5e-4, 1.185_588e-3),
    (3.883_426_2e-3, 1.520_742_2e-2),
    (5.310_200_6e-2, 1.153_508_6e-1),
    (1.935_472e-1, 5.048_593e-1),
    (FRAC_2_SQRT_PI, 1.0),
];

/// erf x = 2/√π ∫₀ˣ e^{−s²} ds, within a few ε.
#[inline(always)]
pub(crate) fn erf<L: Lanes>(x: L) -> L {
    // What is no number stays none, as above. From 4 on erf is 1.
    let x = L::splat(4.0).min(L::splat(-4.0).max(x));
    let t = x.mul(x);
    let (p, q) = ERROR_FUNCTION[0];
    let (mut above, mut below) = (L::splat(p), L::splat(q));
    for &(p, q) in &ERROR_FUNCTION[1..] {
        (above, below) = (L::splat(p).fma(above, t), L::splat(q).fma(below, t));
    }
    x.mul(above).div(below)
}

/// ½x · (1 + erf(x/√2)), within a few ε of x.
#[inline(always)]
pub(crate) fn gelu<L: Lanes>(x: L) -> L {
    let half = x.mul(L::splat(0.5));
    half.fma(half, erf(x.mul(L::splat(FRAC_1_SQRT_2))))
}

/// ½x · (1 + tanh(√(2/π) · (x + 0.044715x³))) = x / (1 + e⁻²ᶻ), z what tanh is taken of.
#[inline(always)]
pub(crate) fn gelu_tanh<L: Lanes>(x: L) -> L {
    const LINEAR: f32 = -2.0 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
    let exponent = x.mul(L::splat(LINEAR).fma(L::splat(LINEAR * 0.044_715), x.mul(x)));
    x.div(one_plus_exp(exponent))
}

/// x · sigmoid(1.702x).
#[inline(always)]
pub(crate) fn quick_gelu<L: Lanes>(x: L) -> L {
    swish(x, L::splat(1.702))
}

/// x · sigmoid(βx).
#[inline(always)]
pub(crate) fn swish<L: Lanes>(x: L, beta: L) -> L {
    x.div(one_plus_exp(L::splat(0.0).sub(beta).mul(x)))
}

/// Coefficients of u⁸ down to 1 of the polynomial nearest to ln(1 + u)/u over 0 ..= 1 in relative error, 3e-8.
const LOGARITHM: [f32; 9] = [
    5.232_694_4e-3,
    -2.950_524_4e-2,
    7.822_597e-2,
    -1.366_324_8e-1,
    1.910_600_8e-1,
    -2.484_298_2e-1,
    3.331_909_7e-1,
    -4.999_949_3e-1,
    1.0,
];

/// ln(1 + u) for u in 0 ..= 1, within a few ε.
#[inline(always)]
fn ln_1p<L: Lanes>(u: L) -> L {
    let mut sum = L::splat(LOGARITHM[0]);
    for coefficient in &LOGARITHM[1..] {
        sum = L::splat(*coefficient).fma(sum, u);
    }
    u.mul(sum)
}

/// ln x within a few ε; x is clamped to the normal numbers above 0.
///
/// ```text
/// x = m · 2ᵏ, √½ ≤ m < √2;  s = (m − 1) / (m + 1);  ln x = k·ln 2 + 2·(s + s³/3 + s⁵/5 + …)
/// ```
#[inline(always)]
pub(crate) fn ln<L: Lanes>(x: L) -> L {
    // What is no number stays none, as above, though the bits of its mantissa make one.
    let x = L::splat(f32::MAX).min(L::splat(f32::MIN_POSITIVE).max(x));
    let (m, k) = x.mantissa_and_exponent();
    let s = m.sub(L::splat(1.0)).div(m.add(L::splat(1.0)));
    let t = s.mul(s);
    let mut sum = L::splat(2.0 / 9.0);
    for term in [2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0, 2.0] {
        sum = L::splat(term).fma(sum, t);
    }
    let low = x.sub(x).fma(k, L::splat(LN_2.1)).fma(s, sum);
    low.fma(k, L::splat(LN_2.0))
}

/// |x|.
#[inline(always)]
pub(crate) fn absolute<L: Lanes>(x: L) -> L {
    L::splat(0.0).sub(x).max(x)
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^{−|x|}).
#[inline(always)]
pub(crate) fn softplus<L: Lanes>(x: L) -> L {
    let power = exp(L::splat(0.0).sub(absolute(x)));
    L::splat(0.0).max(x).add(ln_1p(power))
}

/// x · tanh(ln(1 + eˣ)) = x · n / (n + 2), n = w·(w + 2), w = eˣ.
#[inline(always)]
pub(crate) fn mish<L: Lanes>(x: L) -> L {
    // From 20 on the fraction is 1.
    let w = exp(L::splat(20.0).min(x));
    let n = w.mul(w.add(L::splat(2.0)));
    x.mul(n.div(n.add(L::splat(2.0))))
}

/// 1/√x within 1.5 ε, without the unit that divides and takes roots; x is clamped to the normal numbers
/// above 0.
///
/// ```text
/// y ≈ 1/√x;  e = 1 − x·y²;  1/√x = y / √(1 − e) ≈ y · (1 + e/2 + 3e²/8)
/// ```
#[inline(always)]
pub(crate) fn inverse_sqrt<L: Lanes>(x: L) -> L {
    // What is no number stays none, as above.
    let x = L::splat(f32::MAX).min(L::splat(f32::MIN_POSITIVE).max(x));
    let y = x.inverse_sqrt_estimate();
    let e = L::splat(1.0).fma(L::splat(0.0).sub(x.mul(y)), y);
    y.fma(y.mul(e), L::splat(0.5).fma(L::splat(0.375), e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cpu::Function,
        simd::{Isa, Vectorised},
    };

    /// The largest relative error of a function at some places.
    struct Worst<'a, F> {
        function: F,
        exact: fn(f64) -> f64,
        at: &'a [f32],
    }

    impl<F: Function> Vectorised for Worst<'_, F> {
        type Output = f64;
        #[inline(always)]
        fn run<L: Lanes>(self) -> f64 {
            let mut worst = 0.0f64;
            for &x in self.at {
                let want = (self.exact)(f64::from(x));
                let got = f64::from(self.function.of(L::splat(x)).largest());
                worst = worst.max((got - want).abs() / want);
            }
            worst
        }
    }

    /// On every instruction set, in ε.
    fn worst(function: impl Function, exact: fn(f64) -> f64, at: &[f32]) -> f64 {
        let of_isa = |isa: Isa| isa.run(Worst { function, exact, at });
        Isa::for_tests().into_iter().map(of_isa).fold(0.0, f64::max) / f64::from(f32::EPSILON)
    }

    #[derive(Clone, Copy)]
    struct Exp;

    impl Function for Exp {
        #[inline(always)]
        fn of<L: Lanes>(self, x: L) -> L {
            exp(x)
        }
    }

    #[derive(Clone, Copy)]
    struct InverseSqrt;

    impl Function for InverseSqrt {
        #[inline(always)]
        fn of<L: Lanes>(self, x: L) -> L {
            inverse_sqrt(x)
        }
    }

    #[derive(Clone, Copy)]
    struct ErrorFunction;

    impl Function for ErrorFunction {
        #[inline(always)]
        fn of<L: Lanes>(self, x: L) -> L {
            erf(x)
        }
    }

    #[derive(Clone, Copy)]
    struct Softplus;

    impl Function for Softplus {
        #[inline(always)]
        fn of<L: Lanes>(self, x: L) -> L {
            softplus(x)
        }
    }

    #[test]
    fn erf_and_softplus_are_within_a_few_epsilons() {
        let positive: Vec<f32> = (1..=50_000).map(|i| i as f32 * 1e-4).collect();
        let of_erf = worst(ErrorFunction, libm::erf, &positive);
        assert!(of_erf <= 4.0, "{of_erf} ε");
        let range: Vec<f32> = (-8_000..=8_000).map(|i| i as f32 * 1e-2).collect();
        let of_softplus = worst(Softplus, |x| x.exp().ln_1p(), &range);
        assert!(of_softplus <= 4.0, "{of_softplus} ε");
    }

    #[derive(Clone, Copy)]
    struct Logarithm;

    impl Function for Logarithm {
        #[inline(always)]
        fn of<L: Lanes>(self, x: L) -> L {
            ln(x)
        }
    }

    #[test]
    fn ln_is_within_a_few_epsilons_near_1_and_far_from_it() {
        let near = (1..=40_000).map(|i| 1.0 + i as f32 * 1e-4);
        let far = (1..=380).map(|i| 10_f32.powf(i as f32 * 0.1));
        let above: Vec<f32> = near.chain(far).collect();
        let worst_above = worst(Logarithm, f64::ln, &above);
        assert!(worst_above <= 4.0, "{worst_above} ε");
    }

    #[test]
    fn exp_is_within_an_epsilon_over_its_range() {
        let range: Vec<f32> = (-17_400..=17_400).map(|i| i as f32 * 5e-3).collect();
        let worst = worst(Exp, f64::exp, &range);
        assert!(worst <= 1.0, "{worst} ε");
    }

    #[test]
    fn inverse_sqrt_is_within_its_bound_over_two_octaves_and_far_from_1() {
        let octaves = (0..30_000).map(|i| 1.0 + i as f32 * 1e-4);
        let at: Vec<f32> = octaves.flat_map(|x| [1e-37, 1.0, 1e37].map(|s: f32| s * x)).collect();
        let worst = worst(InverseSqrt, |x| 1.0 / x.sqrt(), &at);
        assert!(worst <= 1.5, "{worst} ε");
    }

    #[test]
    fn beyond_its_range_exp_stays_finite_and_positive() {
        for x in [-1e30f32, -88.0, 88.0, 1e30] {
            let y = exp(x);
            assert!(y.is_finite() && y > 0.0 && !y.is_subnormal(), "exp({x}) = {y}");
        }
    }
}
