//! From values to pixels, and where the ticks stand.

use plotters::coord::{
    ranged1d::{BoldPoints, Ranged},
    types::RangedCoordf64,
};

/// A linear or logarithmic axis between two pixels.
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
        Self { from: 0.0, to: if top > 0.0 { top } else { 1.0 }, pixels, logarithmic: false }
    }

    /// Over those of `values` that have a place on it, with a little air at both ends.
    pub fn log(values: impl Iterator<Item = f64>, pixels: (i32, i32)) -> Self {
        let placed = values.filter(|v| v.is_finite() && *v > 0.0);
        let (low, high) =
            placed.fold((f64::INFINITY, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low <= high { (low, high) } else { (1.0, 10.0) };
        // At least a factor of ten, so that a single value does not fill the axis.
        let air = (10.0 / (high / low)).sqrt().max(1.5);
        Self { from: low / air, to: high * air, pixels, logarithmic: true }
    }

    /// The pixel of `value`.
    pub fn at(&self, value: f64) -> i32 {
        let position = |v: f64| if self.logarithmic { v.log10() } else { v };
        let (from, to) = (position(self.from), position(self.to));
        let share = (position(value) - from) / (to - from);
        let (start, end) = self.pixels;
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
            return RangedCoordf64::from(self.from..self.to).key_points(BoldPoints(n));
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
