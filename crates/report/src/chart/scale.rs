//! From values to pixels, and where the ticks stand.

use plotters::coord::{
    ranged1d::{BoldPoints, Ranged},
    types::RangedCoordf64,
};

/// The least and the largest value that an axis ends at. Beyond them steps between ticks have no digits.
const ENDS: (f64, f64) = (1e-12, 1e300);

/// How many lengths of the axis beyond its ends a value is drawn at most: a pixel's coordinate is a small
/// whole number, whatever the value.
const BEYOND: f64 = 16.0;

/// A linear or logarithmic axis between two pixels. There is one for any values, and it has a pixel for
/// any: those that are no numbers lie at its start.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    from: f64,
    to: f64,
    pixels: (i32, i32),
    logarithmic: bool,
}

impl Scale {
    /// From 0 to `top`, or to 1 where that is nothing.
    pub fn linear(top: f64, pixels: (i32, i32)) -> Self {
        let to = if top > 0.0 { top.clamp(ENDS.0, ENDS.1) } else { 1.0 };
        Self { from: 0.0, to, pixels, logarithmic: false }
    }

    /// Over those of `values` that have a place on it, with a little air at both ends.
    pub fn log(values: impl Iterator<Item = f64>, pixels: (i32, i32)) -> Self {
        let placed = values.filter(|v| v.is_finite() && *v > 0.0);
        let (low, high) =
            placed.fold((f64::INFINITY, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low <= high { (low, high) } else { (1.0, 10.0) };
        // At least a factor of ten, so that a single value does not fill the axis.
        let air = (10.0 / (high / low)).sqrt().max(1.5);
        let [from, to] = [low / air, high * air].map(|end| end.clamp(ENDS.0, ENDS.1));
        // All values may lie beyond one end.
        let to = if from < to { to } else { to * 10.0 };
        Self { from, to, pixels, logarithmic: true }
    }

    /// The pixel of `value`.
    pub fn at(&self, value: f64) -> i32 {
        let position = |v: f64| if self.logarithmic { v.log10() } else { v };
        let (from, to) = (position(self.from), position(self.to));
        let share = ((position(value) - from) / (to - from)).clamp(-BEYOND, BEYOND);
        let (start, end) = self.pixels;
        // What is no number becomes 0.
        start + (share * f64::from(end - start)).round() as i32
    }

    /// The values at both ends.
    pub const fn ends(&self) -> (f64, f64) {
        (self.from, self.to)
    }

    /// The pixels at both ends.
    pub const fn pixels(&self) -> (i32, i32) {
        self.pixels
    }

    /// Round values to put ticks at: at most `n` on a linear axis; on a logarithmic one the powers
    /// of ten, with 2 and 5 between them where they are fewer than three.
    pub fn ticks(&self, n: usize) -> Vec<f64> {
        if !self.logarithmic {
            let points = RangedCoordf64::from(self.from..self.to).key_points(BoldPoints(n));
            // Steps that were added up are off in their last digits, which would be printed.
            let round = |t: f64| format!("{t:.12e}").parse().unwrap_or(t);
            return points.into_iter().map(round).collect();
        }
        let tens = self.steps(&[1.0]);
        if tens.len() < 3 { self.steps(&[1.0, 2.0, 5.0]) } else { tens }
    }

    /// `steps` times the powers of ten, where they are on the axis.
    fn steps(&self, steps: &[f64]) -> Vec<f64> {
        let decades = self.from.log10().floor() as i32..=self.to.log10().ceil() as i32;
        decades
            .flat_map(|d| steps.iter().map(move |s| s * 10f64.powi(d)))
            .filter(|t| (self.from..=self.to).contains(t))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{num::f64::ANY, prelude::*};

    #[test]
    fn ticks_are_round() {
        let ticks = Scale::linear(1.3, (231, 0)).ticks(8);
        assert_eq!(ticks, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2]);
    }

    /// Everything about an axis ends, stays small and is a number.
    fn is_total(scale: &Scale, value: f64) {
        for n in [0, 1, 5, 8] {
            let ticks = scale.ticks(n);
            assert!(ticks.len() <= 2000, "{} ticks", ticks.len());
            let (from, to) = scale.ends();
            assert!(from < to && to.is_finite(), "{scale:?}");
            for at in ticks.into_iter().chain([value]).map(|tick| scale.at(tick)) {
                assert!((-4000..=4000).contains(&at), "{at} {scale:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn an_axis_ends_for_any_values(values in prop::collection::vec(ANY, 0..4), at in ANY) {
            let top = values.first().copied().unwrap_or(0.0);
            is_total(&Scale::linear(top, (200, 10)), at);
            is_total(&Scale::log(values.into_iter(), (10, 200)), at);
        }
    }

    #[test]
    fn an_axis_ends_for_extreme_values() {
        let extremes = [0.0, -1.0, 5e-324, 1e-308, 1e-16, 1.0, 1e16, 1.797e308, f64::MAX];
        let all = extremes.into_iter().chain([f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
        for value in all.clone() {
            for other in all.clone() {
                is_total(&Scale::linear(value, (200, 10)), other);
                is_total(&Scale::log([value, other].into_iter(), (10, 200)), other);
            }
        }
        assert_eq!(Scale::linear(10.0, (5, 100)).at(f64::NAN), 5);
    }

    #[test]
    fn linear_ticks_are_round() {
        let scale = Scale::linear(873.0, (100, 0));
        assert_eq!(scale.ticks(5), [0.0, 200.0, 400.0, 600.0, 800.0]);
        assert_eq!((scale.at(0.0), scale.at(873.0)), (100, 0));
        assert_eq!(Scale::linear(0.0, (0, 10)).at(0.0), 0, "nothing measured is no division by 0");
    }

    #[test]
    fn logarithmic_ticks_are_round_and_never_few() {
        let wide = Scale::log([1.5, 2e4].into_iter(), (0, 100));
        assert_eq!(wide.ticks(5), [1.0, 10.0, 100.0, 1e3, 1e4]);
        let narrow = Scale::log([3.0].into_iter(), (0, 100));
        assert_eq!(narrow.ticks(5), [1.0, 2.0, 5.0]);
        assert_eq!(narrow.at(3.0), 50);
        assert!(!Scale::log(std::iter::empty(), (0, 100)).ticks(5).is_empty());
        let odd = Scale::log([0.0, 3.0, f64::INFINITY, f64::NAN].into_iter(), (0, 100));
        assert_eq!(odd.ticks(5), narrow.ticks(5));
    }
}
