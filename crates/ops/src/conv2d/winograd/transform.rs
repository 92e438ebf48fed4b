//! The transforms of Winograd's algorithm along one axis.
//!
//! F(m, 3) makes m outputs of a kernel of 3 from m + 2 inputs with m + 2 multiplications: inputs and
//! weights, taken as polynomials, are evaluated at m + 1 points and at infinity, multiplied there
//! and interpolated back (Lavin and Gray 2016, arXiv 1509.09308).

use crate::simd::Lanes;
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// F(`OUT`, 3) on `IN` = `OUT` + 2 inputs. Implementations of the generic methods are
/// `#[inline(always)]`.
pub(in crate::conv2d) trait Transform<const IN: usize, const OUT: usize>:
    Send + Sync + 'static
{
    /// Operations of [`Self::weights`], [`Self::inputs`] and [`Self::outputs`], a multiply-add being two.
    const FLOPS: [usize; 3];
    /// How many times larger rounding errors are than those of a plain sum, over two axes: the root mean
    /// square of the transforms' factors.
    const TOLERANCE: f64;
    /// The points beside 0 and ∞, each with its negative: the positive one, and the product of either's
    /// differences from all other points.
    const PAIRS: &'static [(f64, f64)];
    /// Three taps at the points.
    fn weights<L: Lanes>(taps: [L; 3]) -> [L; IN];
    /// Three taps at one point.
    fn weight<L: Lanes>(taps: [L; 3], point: usize) -> L;
    /// Inputs at the points.
    fn inputs<L: Lanes>(x: [L; IN]) -> [L; IN];
    /// From products at the points to outputs.
    fn outputs<L: Lanes>(products: [L; IN]) -> [L; OUT];

    /// The matrix of [`Self::weights`], a row a point.
    fn weight_matrix() -> [[f64; 3]; IN] {
        let mut rows = vec![[1.0, 0.0, 0.0]];
        for &pair in Self::PAIRS {
            let [a, b, c] = parabola_factors(pair);
            rows.extend([[a, b, c], [a, -b, c]]);
        }
        rows.push([0.0, 0.0, 1.0]);
        std::array::from_fn(|point| rows[point])
    }
}

/// The matrix of a transform of vectors that is given as a function: a row an output.
pub(in crate::conv2d) fn matrix<const N: usize, const M: usize>(
    of: fn([f32; N]) -> [f32; M],
) -> [[f32; N]; M] {
    let column = |i| of(std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 }));
    let columns: [[f32; M]; N] = std::array::from_fn(column);
    std::array::from_fn(|row| columns.map(|column| column[row]))
}

/// What of a + b·x + c·x² at p, over the product of the differences from all other points, the three have.
fn parabola_factors((p, differences): (f64, f64)) -> [f64; 3] {
    [1.0, p, p * p].map(|power| power / differences)
}

/// a + b·x + c·x² at p and at −p, over the product of either's differences from all other points.
#[inline(always)]
fn parabola<L: Lanes>([a, b, c]: [L; 3], pair: (f64, f64)) -> [L; 2] {
    let [of_a, of_b, of_c] = parabola_factors(pair).map(|factor| L::splat(factor as f32));
    let even = a.mul(of_a).fma(c, of_c);
    let odd = b.mul(of_b);
    [even.add(odd), even.sub(odd)]
}

/// F(2, 3) at 0, 1, −1, ∞.
pub(in crate::conv2d) struct F2x3;

impl Transform<4, 2> for F2x3 {
    const FLOPS: [usize; 3] = [6, 4, 4];
    const TOLERANCE: f64 = 1.7;
    const PAIRS: &'static [(f64, f64)] = &[(1.0, 2.0)];

    #[inline(always)]
    fn weights<L: Lanes>(taps: [L; 3]) -> [L; 4] {
        let [one, back] = parabola(taps, Self::PAIRS[0]);
        [taps[0], one, back, taps[2]]
    }

    #[inline(always)]
    fn weight<L: Lanes>(taps: [L; 3], point: usize) -> L {
        match point {
            0 => taps[0],
            1 => parabola(taps, Self::PAIRS[0])[0],
            2 => parabola(taps, Self::PAIRS[0])[1],
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
pub(in crate::conv2d) struct F4x3;

impl Transform<6, 4> for F4x3 {
    const FLOPS: [usize; 3] = [12, 20, 16];
    const TOLERANCE: f64 = 7.2;
    const PAIRS: &'static [(f64, f64)] = &[(FRAC_1_SQRT_2, -1.5), (SQRT_2, 6.0)];

    #[inline(always)]
    fn weights<L: Lanes>(taps: [L; 3]) -> [L; 6] {
        let [near, near_back] = parabola(taps, Self::PAIRS[0]);
        let [far, far_back] = parabola(taps, Self::PAIRS[1]);
        [taps[0], near, near_back, far, far_back, taps[2]]
    }

    #[inline(always)]
    fn weight<L: Lanes>(taps: [L; 3], point: usize) -> L {
        match point {
            0 => taps[0],
            1 => parabola(taps, Self::PAIRS[0])[0],
            2 => parabola(taps, Self::PAIRS[0])[1],
            3 => parabola(taps, Self::PAIRS[1])[0],
            4 => parabola(taps, Self::PAIRS[1])[1],
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

    #[test]
    fn the_matrix_of_weights_is_theirs() {
        let rounded = |row: [f64; 3]| row.map(|x| x as f32);
        assert_eq!(F2x3::weight_matrix().map(rounded), matrix(F2x3::weights::<f32>));
        assert_eq!(F4x3::weight_matrix().map(rounded), matrix(F4x3::weights::<f32>));
    }

    /// An output sums over the points, for independent errors of one size in taps and inputs, the squares
    /// of the three transforms' factors; a plain sum of three products has three.
    fn growth<T: Transform<IN, OUT>, const IN: usize, const OUT: usize>() -> f64 {
        let squares = |row: &[f32]| row.iter().map(|x| x * x).sum::<f32>();
        let weights = matrix(T::weights::<f32>).map(|row| squares(&row));
        let inputs = matrix(T::inputs::<f32>).map(|row| squares(&row));
        let of_output = |row: [f32; IN]| {
            (0..IN).map(|p| row[p].powi(2) * weights[p] * inputs[p]).sum::<f32>() / 3.0
        };
        f64::from(matrix(T::outputs::<f32>).map(of_output).into_iter().fold(0.0, f32::max))
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
