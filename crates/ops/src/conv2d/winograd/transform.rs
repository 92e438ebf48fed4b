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
    /// Operations of [`Self::weights`], [`Self::inputs`] and [`Self::outputs`], a multiply-add being two.
    const FLOPS: [usize; 3];
    /// How many times larger rounding errors are than those of a plain sum, over two axes: the root mean
    /// square of the transforms' factors.
    const TOLERANCE: f64;
    /// Three taps at the points.
    fn weights<L: Lanes>(taps: [L; 3]) -> [L; IN];
    /// Three taps at one point.
    fn weight<L: Lanes>(taps: [L; 3], point: usize) -> L;
    /// Inputs at the points.
    fn inputs<L: Lanes>(x: [L; IN]) -> [L; IN];
    /// From products at the points to outputs.
    fn outputs<L: Lanes>(products: [L; IN]) -> [L; OUT];
}

/// a + b·x + c·x² at p and at −p, over the product of either's differences from all other points.
#[inline(always)]
fn parabola<L: Lanes>([a, b, c]: [L; 3], p: f64, differences: f64) -> [L; 2] {
    let over = |x: f64| (x / differences) as f32;
    let even = a.mul(L::splat(over(1.0))).fma(c, L::splat(over(p * p)));
    let odd = b.mul(L::splat(over(p)));
    [even.add(odd), even.sub(odd)]
}

/// F(2, 3) at 0, 1, −1, ∞.
pub(super) struct F2x3;

impl Transform<4, 2> for F2x3 {
    const FLOPS: [usize; 3] = [6, 4, 4];
    const TOLERANCE: f64 = 1.7;

    #[inline(always)]
    fn weights<L: Lanes>(taps: [L; 3]) -> [L; 4] {
        let [one, back] = parabola(taps, 1.0, 2.0);
        [taps[0], one, back, taps[2]]
    }

    #[inline(always)]
    fn weight<L: Lanes>(taps: [L; 3], point: usize) -> L {
        match point {
            0 => taps[0],
            1 => parabola(taps, 1.0, 2.0)[0],
            2 => parabola(taps, 1.0, 2.0)[1],
            _ => taps[2],
        }
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
pub(super) struct F4x3;

impl Transform<6, 4> for F4x3 {
    const FLOPS: [usize; 3] = [12, 20, 16];
    const TOLERANCE: f64 = 7.2;

    #[inline(always)]
    fn weights<L: Lanes>(taps: [L; 3]) -> [L; 6] {
        let [near, near_back] = parabola(taps, FRAC_1_SQRT_2, -1.5);
        let [far, far_back] = parabola(taps, SQRT_2, 6.0);
        [taps[0], near, near_back, far, far_back, taps[2]]
    }

    #[inline(always)]
    fn weight<L: Lanes>(taps: [L; 3], point: usize) -> L {
        match point {
            0 => taps[0],
            1 => parabola(taps, FRAC_1_SQRT_2, -1.5)[0],
            2 => parabola(taps, FRAC_1_SQRT_2, -1.5)[1],
            3 => parabola(taps, SQRT_2, 6.0)[0],
            4 => parabola(taps, SQRT_2, 6.0)[1],
            _ => taps[2],
        }
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
        let taps = [3.0_f32, -1.0, 2.0];
        let x: [f32; IN] = std::array::from_fn(|i| (i * i) as f32 - 4.0);
        let (at, weights) = (T::inputs(x), T::weights(taps));
        for (point, weight) in weights.into_iter().enumerate() {
            assert_eq!(weight, T::weight(taps, point), "point {point}");
        }
        let y = T::outputs(std::array::from_fn(|i| at[i] * weights[i]));
        for (o, y) in y.into_iter().enumerate() {
            let exact: f64 = (0..3).map(|k| f64::from(taps[k] * x[o + k])).sum();
            assert!((f64::from(y) - exact).abs() < 1e-4, "output {o}: {y} for {exact}");
        }
    }

    #[test]
    fn outputs_are_those_of_the_kernel() {
        agrees::<F2x3, 4, 2>();
        agrees::<F4x3, 6, 4>();
    }

    /// Column `i` of the matrix of a transform.
    fn column<const N: usize, const M: usize>(i: usize, f: fn([f32; N]) -> [f32; M]) -> [f32; M] {
        f(std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 }))
    }

    /// An output sums over the points, for independent errors of one size in taps and inputs, the squares
    /// of the three transforms' factors; a plain sum of three products has three.
    fn growth<T: Transform<IN, OUT>, const IN: usize, const OUT: usize>() -> f64 {
        let squares = |x: [f32; IN]| x.map(|x| x * x);
        let sum = |columns: &mut dyn Iterator<Item = [f32; IN]>| {
            columns.map(squares).fold([0.0; IN], |a, b| std::array::from_fn(|p| a[p] + b[p]))
        };
        let weights = sum(&mut (0..3).map(|i| column(i, T::weights::<f32>)));
        let inputs = sum(&mut (0..IN).map(|i| column(i, T::inputs::<f32>)));
        let of_output = |o: usize| {
            let factor = |p: usize| column::<IN, OUT>(p, T::outputs::<f32>)[o];
            (0..IN).map(|p| factor(p).powi(2) * weights[p] * inputs[p]).sum::<f32>() / 3.0
        };
        f64::from((0..OUT).map(of_output).fold(0.0, f32::max))
    }

    #[test]
    fn what_is_excused_is_what_the_transforms_amplify() {
        for (growth, excused) in
            [(growth::<F2x3, 4, 2>(), F2x3::TOLERANCE), (growth::<F4x3, 6, 4>(), F4x3::TOLERANCE)]
        {
            assert!((growth / excused - 1.0).abs() < 0.05, "{growth} where {excused} is excused");
        }
    }
}
