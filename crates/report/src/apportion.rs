//! Parts that add up, as they are printed, to their sum as it is printed.

use crate::format::{NOTHING, grouped};

/// `parts` of `whole`, rounded to so many decimals that they add up to `whole` as it is rounded: each is
/// rounded down, then those with the largest remainders get a unit of the last digit more (Hamilton's
/// method). Parts that do not add up to `whole` are rounded each by itself.
pub fn apportioned(parts: &[f64], whole: f64, decimals: usize) -> Vec<f64> {
    let unit = 10_f64.powi(decimals as i32);
    let down: Vec<f64> = parts.iter().map(|part| (part * unit).floor()).collect();
    let missing = (rounded(whole, decimals) * unit).round() - down.iter().sum::<f64>();
    if !(0.0..=parts.len() as f64).contains(&missing) {
        return parts.iter().map(|&part| rounded(part, decimals)).collect();
    }
    let remainder = |i: usize| parts[i] * unit - down[i];
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|&a, &b| remainder(b).total_cmp(&remainder(a)));
    let mut found = down;
    order.iter().take(missing as usize).for_each(|&i| found[i] += 1.0);
    found.into_iter().map(|part| part / unit).collect()
}

/// Those of `values` that are there, in `unit`s with so many decimals, so that they add up to their sum as it
/// is printed; [`NOTHING`] for the others.
pub fn parts(
    values: impl IntoIterator<Item = Option<f64>>,
    unit: f64,
    decimals: usize,
) -> Vec<String> {
    let values: Vec<Option<f64>> = values.into_iter().collect();
    let present: Vec<f64> = values.iter().flatten().map(|value| value / unit).collect();
    let whole = values.iter().flatten().sum::<f64>() / unit;
    let mut printed = apportioned(&present, whole, decimals).into_iter();
    let mut text = |value: &Option<f64>| value.and_then(|_| printed.next());
    let texts = values.iter().map(|value| {
        text(value).map_or_else(|| NOTHING.to_owned(), |part| grouped(part, decimals))
    });
    texts.collect()
}

/// `value` as it is printed with so many decimals.
pub fn rounded(value: f64, decimals: usize) -> f64 {
    format!("{value:.decimals$}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_largest_remainders_get_what_is_missing() {
        assert_eq!(apportioned(&[1.4, 1.4, 1.2], 4.0, 0), [2.0, 1.0, 1.0]);
        assert_eq!(apportioned(&[100.0 / 3.0; 3], 100.0, 1), [33.4, 33.3, 33.3]);
        assert_eq!(apportioned(&[12.346, 0.007, -0.009], 12.344, 2), [12.34, 0.01, -0.01]);
        assert_eq!(apportioned(&[1.26, 1.0], 9.0, 1), [1.3, 1.0], "not its parts");
        assert_eq!(apportioned(&[], 0.0, 2), [0.0; 0]);
        assert!(apportioned(&[f64::NAN, 1.0], 1.0, 2)[0].is_nan());
    }

    proptest! {
        #[test]
        fn what_is_printed_adds_up(parts in prop::collection::vec(-1e6..1e6, 1..40)) {
            let whole: f64 = parts.iter().sum();
            let found = apportioned(&parts, whole, 2);
            let digits = |value: &f64| (value * 100.0).round() as i64;
            let sum: i64 = found.iter().map(digits).sum();
            prop_assert_eq!(sum, digits(&rounded(whole, 2)));
            for (found, part) in found.iter().zip(&parts) {
                prop_assert!((found - part).abs() < 0.01 + 1e-9, "{} for {}", found, part);
            }
        }
    }
}
