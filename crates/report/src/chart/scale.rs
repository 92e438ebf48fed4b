//! From values to pixels, and where the ticks stand: what plotters' axes are made of here.

use crate::format::{bytes, tick};
use plotters::coord::{
    ranged1d::{BoldPoints, KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter},
    types::RangedCoordf64,
};
use std::ops::Range;

/// The least and the largest value that an axis ends at. Beyond them steps between ticks have no digits.
const ENDS: (f64, f64) = (1e-12, 1e300);

/// How many lengths of the axis beyond its ends a value is drawn at most: a pixel's coordinate is a small
/// whole number, whatever the value.
const BEYOND: f64 = 16.0;

/// An axis. There is one for any values, and it has a pixel for any: those that are no numbers lie at its start.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    from: f64,
    to: f64,
    steps: Steps,
}

/// Where ticks stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Steps {
    /// Linear: at round values.
    Even,
    /// Linear: in the middle of each place, where there is a tick for all.
    Places,
    /// Logarithmic: at powers of ten, with 2 and 5 between them where they are fewer than three.
    Tens,
    /// Logarithmic: at bytes that are powers of four.
    Bytes,
}

impl Scale {
    /// From 0 to `top`, or to 1 where that is nothing.
    pub fn linear(top: f64) -> Self {
        Self::between(0.0, top)
    }

    /// From `from`, which is not above 0, to `to`, or to 1 above it where that is not more.
    pub fn between(from: f64, to: f64) -> Self {
        let from = if from < 0.0 { from.clamp(-ENDS.1, -ENDS.0) } else { 0.0 };
        let to = if to > 0.0 { to.clamp(ENDS.0, ENDS.1) } else { 0.0 };
        Self { from, to: if to > from { to } else { from + 1.0 }, steps: Steps::Even }
    }

    /// `n` places beside each other, a unit each.
    pub fn places(n: usize) -> Self {
        Self { from: 0.0, to: n.max(1) as f64, steps: Steps::Places }
    }

    /// `n` places, on a vertical axis from the top down.
    pub fn rows(n: usize) -> Self {
        Self { from: n.max(1) as f64, to: 0.0, steps: Steps::Places }
    }

    /// Over those of `values` that have a place on it, with a little air at both ends.
    pub fn log(values: impl Iterator<Item = f64>) -> Self {
        let placed = values.filter(|v| v.is_finite() && *v > 0.0);
        let (low, high) =
            placed.fold((f64::INFINITY, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low <= high { (low, high) } else { (1.0, 10.0) };
        // At least a factor of ten, so that a single value does not fill the axis.
        let air = (10.0 / (high / low)).sqrt().max(1.5);
        let [from, to] = [low / air, high * air].map(|end| end.clamp(ENDS.0, ENDS.1));
        // All values may lie beyond one end.
        let to = if from < to { to } else { to * 10.0 };
        Self { from, to, steps: Steps::Tens }
    }

    /// The same for sizes in bytes.
    pub fn bytes(sizes: &[u64]) -> Self {
        Self { steps: Steps::Bytes, ..Self::log(sizes.iter().map(|&size| size as f64)) }
    }

    /// What a value's distance on the axis is measured in.
    fn position(&self, value: f64) -> f64 {
        match self.steps {
            Steps::Even | Steps::Places => value,
            Steps::Tens | Steps::Bytes => value.log10(),
        }
    }

    /// At most `n` values to put ticks at where the axis is linear.
    fn ticks(&self, n: usize) -> Vec<f64> {
        match self.steps {
            Steps::Even => {
                let points = RangedCoordf64::from(self.from..self.to).key_points(BoldPoints(n));
                // Steps that were added up are off in their last digits, which would be printed.
                let round = |t: f64| format!("{t:.12e}").parse().unwrap_or(t);
                points.into_iter().map(round).collect()
            }
            Steps::Places => {
                let places = self.from.max(self.to) as usize;
                let middle = |place: usize| place as f64 + 0.5;
                if places <= n { (0..places).map(middle).collect() } else { Vec::new() }
            }
            Steps::Tens => {
                let tens = self.within(10, &[1.0]);
                if tens.len() < 3 { self.within(10, &[1.0, 2.0, 5.0]) } else { tens }
            }
            Steps::Bytes => self.within(4, &[1.0]),
        }
    }

    /// `steps` times the powers of `base`, where they are on the axis.
    fn within(&self, base: u32, steps: &[f64]) -> Vec<f64> {
        let base = f64::from(base);
        let powers = self.from.log(base).floor() as i32..=self.to.log(base).ceil() as i32;
        powers
            .flat_map(|power| steps.iter().map(move |step| step * base.powi(power)))
            .filter(|t| (self.from..=self.to).contains(t))
            .collect()
    }
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, &value: &f64, (start, end): (i32, i32)) -> i32 {
        let (from, to) = (self.position(self.from), self.position(self.to));
        let share = ((self.position(value) - from) / (to - from)).clamp(-BEYOND, BEYOND);
        // What is no number becomes 0.
        start + (share * f64::from(end - start)).round() as i32
    }

    /// There are no lines between ticks.
    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks(hint.bold_points()) }
    }

    fn range(&self) -> Range<f64> {
        self.from..self.to
    }
}

impl ValueFormatter<f64> for Scale {
    fn format_ext(&self, &value: &f64) -> String {
        if self.steps == Steps::Bytes { bytes(value as u64) } else { tick(value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{num::f64::ANY, prelude::*};

    #[test]
    fn ticks_are_round() {
        let ticks = Scale::linear(1.3).ticks(8);
        assert_eq!(ticks, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2]);
    }

    /// Everything about an axis ends, stays small and is a number.
    fn is_total(scale: &Scale, value: f64) {
        for n in [0, 1, 5, 8] {
            let ticks = scale.ticks(n);
            assert!(ticks.len() <= 2000, "{} ticks", ticks.len());
            let Range { start, end } = scale.range();
            assert!(start < end && end.is_finite(), "{scale:?}");
            for at in ticks.into_iter().chain([value]).map(|tick| scale.map(&tick, (200, 10))) {
                assert!((-4000..=4000).contains(&at), "{at} {scale:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn an_axis_ends_for_any_values(values in prop::collection::vec(ANY, 0..4), at in ANY) {
            let top = values.first().copied().unwrap_or(0.0);
            is_total(&Scale::linear(top), at);
            is_total(&Scale::between(at, top), at);
            is_total(&Scale::log(values.into_iter()), at);
        }
    }

    #[test]
    fn an_axis_ends_for_extreme_values() {
        let extremes = [0.0, -1.0, 5e-324, 1e-308, 1e-16, 1.0, 1e16, 1.797e308, f64::MAX];
        let all = extremes.into_iter().chain([f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
        for value in all.clone() {
            for other in all.clone() {
                is_total(&Scale::linear(value), other);
                is_total(&Scale::between(value, other), other);
                is_total(&Scale::log([value, other].into_iter()), other);
            }
        }
        assert_eq!(Scale::linear(10.0).map(&f64::NAN, (5, 100)), 5);
    }

    #[test]
    fn linear_ticks_are_round() {
        let scale = Scale::linear(873.0);
        assert_eq!(scale.ticks(5), [0.0, 200.0, 400.0, 600.0, 800.0]);
        let at = |value| scale.map(&value, (100, 0));
        assert_eq!((at(0.0), at(873.0)), (100, 0));
        assert_eq!(Scale::between(-1.0, 1.0).ticks(5), [-1.0, -0.5, 0.0, 0.5, 1.0]);
        let none = Scale::linear(0.0).map(&0.0, (0, 10));
        assert_eq!(none, 0, "nothing measured is no division by 0");
    }

    #[test]
    fn logarithmic_ticks_are_round_and_never_few() {
        let wide = Scale::log([1.5, 2e4].into_iter());
        assert_eq!(wide.ticks(5), [1.0, 10.0, 100.0, 1e3, 1e4]);
        let narrow = Scale::log([3.0].into_iter());
        assert_eq!(narrow.ticks(5), [1.0, 2.0, 5.0]);
        assert_eq!(narrow.map(&3.0, (0, 100)), 50);
        assert!(!Scale::log(std::iter::empty()).ticks(5).is_empty());
        let odd = Scale::log([0.0, 3.0, f64::INFINITY, f64::NAN].into_iter());
        assert_eq!(odd.ticks(5), narrow.ticks(5));
    }

    #[test]
    fn places_have_ticks_for_all_or_for_none() {
        assert_eq!(Scale::places(2).ticks(2), [0.5, 1.5]);
        assert!(Scale::places(2).ticks(1).is_empty());
        // The first row is the upper one: pixels begin at the bottom.
        assert_eq!([0.0, 2.0].map(|row| Scale::rows(2).map(&row, (40, 0))), [0, 40]);
    }

    #[test]
    fn bytes_have_ticks_at_powers_of_four() {
        let scale = Scale::bytes(&[1 << 11, 1 << 15]);
        let numbers: Vec<String> = scale.ticks(8).iter().map(|t| scale.format_ext(t)).collect();
        assert_eq!(numbers, ["4 KiB", "16 KiB"]);
    }
}
