//! The transforms of Winograd's algorithm along one axis.
//!
//! F(m, 3) makes m outputs of a kernel of 3 from m + 2 inputs with m + 2 multiplications: inputs and
//! weights, taken as polynomials, are evaluated at m + 1 points and at infinity, multiplied there
//! and interpolated back (Lavin and Gray 2016, arXiv 1509.09308).

use crate::simd::Lanes;
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// F(`OUT`, 3) on `IN` = `OUT` + 2 inputs. Implementations of the generic methods are
/// `#[inline(always)]`.
pub(super) trait Transform<const IN: usize, const OUT: usize>:
    Send + Sync + 'static
{
    /// Operations of [`Self::inputs`] and of [`Self::outputs`], a multiply-add being two.
    const FLOPS: [usize; 2];
    /// Three taps at the points.
    fn weights(taps: [f64; 3]) -> [f64; IN];
    /// Inputs at the points.
    fn inputs<L: Lanes>(x: [L; IN]) -> [L; IN];
    /// From products at the points to outputs.
    fn outputs<L: Lanes>(products: [L; IN]) -> [L; OUT];
}

/// F(2, 3) at 0, 1, −1, ∞.
pub(super) struct Two;

impl Transform<4, 2> for Two {
    const FLOPS: [usize; 2] = [4, 4];

    fn weights([a, b, c]: [f64; 3]) -> [f64; 4] {
        [a, (a + b + c) / 2.0, (a - b + c) / 2.0, c]
    }

    #[inline(always)]
    fn inputs<L: Lanes>([a, b, c, d]: [L; 4]) -> [L; 4] {
        [a.sub(c), b.add(c), c.sub(b), b.sub(d)]
    }

    #[inline(always)]
    fn outputs<L: Lanes>([a, b, c, d]: [L; 4]) -> [L; 2] {
        [a.add(b).add(c), b.sub(c).sub(d)]
    }
}

/// F(4, 3) at 0, √½, −√½, √2, −√2, ∞: points whose powers and differences stay close to 1, which
/// makes rounding errors several times smaller than the usual 0, ±1, ±2, ∞ do.
pub(super) struct Four;

impl Transform<6, 4> for Four {
    const FLOPS: [usize; 2] = [20, 16];

    fn weights([a, b, c]: [f64; 3]) -> [f64; 6] {
        // Over the product of a point's differences from all others.
        let at = |p: f64, differences: f64| (a + b * p + c * p * p) / differences;
        let (near, far) = (FRAC_1_SQRT_2, SQRT_2);
        [a, at(near, -1.5), at(-near, -1.5), at(far, 6.0), at(-far, 6.0), c]
    }

    #[inline(always)]
    fn inputs<L: Lanes>([a, b, c, d, e, f]: [L; 6]) -> [L; 6] {
        let splat = |x: f64| L::splat(x as f32);
        let less = |from: L, x: L, factor: f64| from.fma(x, splat(-factor));
        let (even, odd) = (less(e, c, 2.0), less(d, b, 2.0).mul(splat(FRAC_1_SQRT_2)));
        let (even_far, odd_far) = (less(e, c, 0.5), less(d, b, 0.5).mul(splat(SQRT_2)));
        [
            less(a.add(e), c, 2.5),
            even.add(odd),
            even.sub(odd),
            even_far.add(odd_far),
            even_far.sub(odd_far),
            less(b.add(f), d, 2.5),
        ]
    }

    #[inline(always)]
    fn outputs<L: Lanes>([a, b, c, d, e, f]: [L; 6]) -> [L; 4] {
        let splat = |x: f64| L::splat(x as f32);
        let (even, even_far) = (b.add(c), d.add(e));
        let odd = b.sub(c).mul(splat(FRAC_1_SQRT_2));
        let odd_far = d.sub(e).mul(splat(SQRT_2));
        [
            a.add(even).add(even_far),
            odd.add(odd_far),
            even.mul(splat(0.5)).fma(even_far, splat(2.0)),
            f.fma(odd, splat(0.5)).fma(odd_far, splat(2.0)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// F(`OUT`, 3) of small whole numbers against the sum that it stands for.
    fn agrees<T: Transform<IN, OUT>, const IN: usize, const OUT: usize>() {
        let taps = [3.0, -1.0, 2.0];
        let x: [f32; IN] = std::array::from_fn(|i| (i * i) as f32 - 4.0);
        let (at, weights) = (T::inputs(x), T::weights(taps));
        let y = T::outputs(std::array::from_fn(|i| at[i] * weights[i] as f32));
        for (o, y) in y.into_iter().enumerate() {
            let exact: f64 = (0..3).map(|k| taps[k] * f64::from(x[o + k])).sum();
            assert!((f64::from(y) - exact).abs() < 1e-4, "output {o}: {y} for {exact}");
        }
    }

    #[test]
    fn outputs_are_those_of_the_kernel() {
        agrees::<Two, 4, 2>();
        agrees::<Four, 6, 4>();
    }
}
