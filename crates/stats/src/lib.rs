//! Medians, and how sure of them we are.
//!
//! Times on a shared machine are skewed and have outliers, so nothing here assumes a distribution:
//! the centre is the median, its interval comes from order statistics alone, the spread is the
//! median absolute deviation, and association is by rank. Where no formula is at hand, a seeded
//! bootstrap is.

#![forbid(unsafe_code)]

mod holm;
mod signed_rank;

pub use holm::holm_levels;
pub use signed_rank::Centre;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// Chance that an interval of this module misses the truth.
const ALPHA: f64 = 0.05;

/// Resamples of a bootstrap: enough for the 2.5 % tails to stand on fifty draws each.
const RESAMPLES: usize = 2000;

/// A median with its uncertainty, in the unit of the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The median.
    pub median: f64,
    /// 95 % interval of the median; `None` below six samples, where no pair of samples has it.
    pub interval: Option<(f64, f64)>,
    /// Median absolute deviation from the median, not scaled to any distribution.
    pub mad: f64,
    /// The samples below which 90 and 99 in a hundred lie, whatever their number.
    tail: [f64; 2],
    /// Number of samples.
    pub samples: usize,
}

impl Estimate {
    /// The estimate from `samples`, in any order; `None` where there are none.
    pub fn of(samples: &[u64]) -> Option<Self> {
        Self::of_values(samples.iter().map(|&s| s as f64).collect())
    }

    /// The same from `values` of any sign.
    pub fn of_values(values: Vec<f64>) -> Option<Self> {
        let mut sorted = values;
        sorted.sort_unstable_by(f64::total_cmp);
        let median = median(&sorted)?;
        let mut deviations: Vec<f64> = sorted.iter().map(|x| (x - median).abs()).collect();
        Some(Self {
            median,
            interval: interval(&sorted),
            tail: [quantile(&sorted, 0.90)?, quantile(&sorted, 0.99)?],
            mad: median_of(&mut deviations)?,
            samples: sorted.len(),
        })
    }

    /// The sample below which nine of ten lie; `None` where there are fewer than ten.
    pub fn p90(self) -> Option<f64> {
        (self.samples >= 10).then_some(self.tail[0])
    }

    /// The sample below which 99 of a hundred lie; `None` where there are fewer than a hundred.
    pub fn p99(self) -> Option<f64> {
        (self.samples >= 100).then_some(self.tail[1])
    }

    /// The larger distance from the median to an end of its interval: what stands after "±".
    pub fn half_width(&self) -> Option<f64> {
        self.interval.map(|(low, high)| (high - self.median).max(self.median - low))
    }
}

/// The median of values in ascending order; `None` where there are none.
pub fn median(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    Some(if sorted.len() % 2 == 1 { upper } else { (sorted[sorted.len() / 2 - 1] + upper) / 2.0 })
}

/// The median of values in any order, which are left in another; `None` where there are none.
pub fn median_of(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let even = values.len().is_multiple_of(2);
    let (below, &mut upper, _) = values.select_nth_unstable_by(values.len() / 2, f64::total_cmp);
    let lower = if even { below.iter().copied().fold(f64::NEG_INFINITY, f64::max) } else { upper };
    Some((lower + upper) / 2.0)
}

/// The value below which a share of values in ascending order lie, one of them; `None` where there are none.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = (share * sorted.len() as f64) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied()
}

/// Positive scalars of the least `loss` that steps from `start` lead to, by factors that become ever smaller, one
/// scalar after the other; only the first `free` of them change.
pub fn descend<const N: usize>(
    start: [f64; N],
    free: usize,
    loss: impl Fn(&[f64; N]) -> f64,
) -> [f64; N] {
    let (mut best, mut step) = (start, 2.0_f64);
    let mut least = loss(&best);
    while step > 1.001 {
        let before = least;
        for scalar in 0..free {
            for factor in [step, 1.0 / step] {
                let mut tried = best;
                tried[scalar] *= factor;
                let lost = loss(&tried);
                if lost < least {
                    (least, best) = (lost, tried);
                }
            }
        }
        if least >= before {
            step = step.sqrt();
        }
    }
    best
}

/// The 95 % interval of the median of values in ascending order, from order statistics alone; `None`
/// below six.
pub fn interval(sorted: &[f64]) -> Option<(f64, f64)> {
    median_ranks(sorted.len()).map(|(low, high)| (sorted[low], sorted[high]))
}

/// Positions (from 0, in ascending order) of the two samples that enclose the median with a chance
/// of at least 95 %, whatever the distribution; `None` where even the extremes do not.
///
/// The number of samples below the median is Binomial(n, ½), so the k-th smallest and the k-th
/// largest miss the median with chance 2·P(Binomial ≤ k − 1): k is the largest that keeps this at
/// or under 5 % (David & Nagaraja, Order Statistics, 7.1).
fn median_ranks(n: usize) -> Option<(usize, usize)> {
    // In logarithms, because ½ⁿ underflows for n above 1074.
    let mut log_term = -(n as f64) * std::f64::consts::LN_2;
    let mut missed = 0.0;
    let mut k = 0;
    while k < n {
        missed += 2.0 * log_term.exp();
        if missed > ALPHA {
            break;
        }
        log_term += ((n - k) as f64 / (k + 1) as f64).ln();
        k += 1;
    }
    (k > 0).then(|| (k - 1, n - k))
}

/// Spearman's rank correlation of pairs (x, y): Pearson's correlation of their ranks, ties sharing
/// the mean of theirs. `None` below three pairs, or where one side is constant.
pub fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    if pairs.len() < 3 {
        return None;
    }
    let x = ranks(pairs.iter().map(|p| p.0));
    let y = ranks(pairs.iter().map(|p| p.1));
    // Ranks of n values have the same mean with and without ties.
    let mean = (pairs.len() + 1) as f64 / 2.0;
    let product = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let norm = (product(&x, &x) * product(&y, &y)).sqrt();
    (norm > 0.0).then(|| product(&x, &y) / norm)
}

/// Rank of each value, from 1; equal values get the mean of the ranks that they fill.
fn ranks(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let values: Vec<f64> = values.collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = start as f64 + (tied.len() + 1) as f64 / 2.0;
        for &i in tied {
            ranks[i] = rank;
        }
        start += tied.len();
    }
    ranks
}

/// The 95 % percentile-bootstrap interval of `statistic` over `items`, the same for the same
/// `seed`. Resamples on which the statistic is undefined are left out; `None` where all are.
pub fn bootstrap<T: Clone>(
    items: &[T],
    seed: u64,
    statistic: impl Fn(&[T]) -> Option<f64>,
) -> Option<(f64, f64)> {
    bootstrap_each(items, seed, |items| statistic(items).map(|value| vec![value]))?.pop()
}

/// [`bootstrap`] of several statistics over the same resamples: an interval each.
pub fn bootstrap_each<T: Clone>(
    items: &[T],
    seed: u64,
    statistics: impl Fn(&[T]) -> Option<Vec<f64>>,
) -> Option<Vec<(f64, f64)>> {
    if items.is_empty() {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    // The high half of a 64-bit product maps 32 random bits onto 0..n without a division.
    let mut pick = || ((u64::from(rng.next_u32()) * items.len() as u64) >> 32) as usize;
    let drawn: Vec<Vec<f64>> = (0..RESAMPLES)
        .filter_map(|_| {
            let resample: Vec<T> = (0..items.len()).map(|_| items[pick()].clone()).collect();
            statistics(&resample)
        })
        .collect();
    let tail = (drawn.len() as f64 * ALPHA / 2.0) as usize;
    let interval = |statistic: usize| {
        let mut drawn: Vec<f64> = drawn.iter().map(|values| values[statistic]).collect();
        drawn.sort_unstable_by(f64::total_cmp);
        (drawn[tail], drawn[drawn.len() - 1 - tail])
    };
    Some((0..drawn.first()?.len()).map(interval).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exponential draws: skewed, as times are. Their median is ln 2 times the mean.
    fn exponential(rng: &mut ChaCha8Rng, mean: f64) -> f64 {
        -mean * ((f64::from(rng.next_u32()) + 0.5) / 2f64.powi(32)).ln()
    }

    #[test]
    fn tails_are_samples_where_there_are_enough() {
        let of = |n: u64| Estimate::of(&(1..=n).rev().collect::<Vec<_>>()).unwrap();
        assert_eq!((of(9).p90(), of(10).p90(), of(99).p99()), (None, Some(10.0), None));
        assert_eq!((of(1000).p90(), of(1000).p99()), (Some(901.0), Some(991.0)));
    }

    #[test]
    fn median_of_odd_even_and_nothing() {
        assert_eq!(median(&[1.0, 5.0, 6.0]), Some(5.0));
        assert_eq!(median(&[1.0, 5.0, 6.0, 9.0]), Some(5.5));
        assert_eq!(median(&[]), None);
        assert_eq!(median_of(&mut [6.0, 1.0, 5.0]), Some(5.0));
        assert_eq!(median_of(&mut [9.0, 1.0, 6.0, 5.0]), Some(5.5));
        assert_eq!(median_of(&mut []), None);
        assert_eq!(Estimate::of(&[]), None);
    }

    #[test]
    fn quantiles_are_values_below_which_a_share_lies() {
        let values: Vec<f64> = (0..10).map(f64::from).collect();
        assert_eq!(
            [0.0, 0.5, 0.9, 1.0].map(|q| quantile(&values, q)),
            [0.0, 5.0, 9.0, 9.0].map(Some)
        );
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn descending_finds_the_least_and_keeps_what_is_not_free() {
        let loss = |[a, b, c]: &[f64; 3]| (a - 3.0).powi(2) + (b - 0.01).abs() + (c - 9.0).abs();
        let [a, b, c] = descend([1.0; 3], 2, loss);
        assert!((a - 3.0).abs() < 0.01 && (b - 0.01).abs() < 1e-4, "{a} {b}");
        assert_eq!(c, 1.0);
    }

    #[test]
    fn estimate_by_hand() {
        let e = Estimate::of(&[7, 1, 3, 100, 5, 4]).unwrap();
        assert_eq!(e.median, 4.5);
        // Six samples: the extremes miss with chance 2/64 = 3.1 %.
        assert_eq!(e.interval, Some((1.0, 100.0)));
        assert_eq!(e.half_width(), Some(95.5));
        // Deviations 0.5 0.5 1.5 2.5 3.5 95.5.
        assert_eq!(e.mad, 2.0);
        // Five samples: 2/32 = 6.3 %, so there is no 95 % interval.
        assert_eq!(Estimate::of(&[1, 2, 3, 4, 5]).unwrap().interval, None);
    }

    /// Positions from published tables of the sign-test interval at 95 %.
    #[test]
    fn ranks_agree_with_tables() {
        for (n, k) in [(6, 1), (8, 1), (9, 2), (10, 2), (20, 6), (25, 8), (50, 18), (100, 40)] {
            assert_eq!(median_ranks(n), Some((k - 1, n - k)), "n = {n}");
        }
        // n large enough for ½ⁿ to underflow: k is near n/2 − 0.98·√n.
        let (low, high) = median_ranks(4000).unwrap();
        assert_eq!(high, 3999 - low);
        assert!((low as f64 - (2000.0 - 0.98 * 4000f64.sqrt())).abs() < 2.0, "{low}");
    }

    #[test]
    fn interval_covers_the_median_as_often_as_it_says() {
        let draws = 1000_u32;
        for n in [6, 11, 30, 101, 400] {
            let mut rng = ChaCha8Rng::seed_from_u64(n as u64);
            let mut covered = 0;
            for _ in 0..draws {
                let samples: Vec<u64> =
                    (0..n).map(|_| exponential(&mut rng, 1e9).round() as u64).collect();
                let (low, high) = Estimate::of(&samples).unwrap().interval.unwrap();
                covered += u32::from((low..=high).contains(&(1e9 * std::f64::consts::LN_2)));
            }
            // 95 % less three standard errors; above it, the discrete ranks cost at most 3.5 %.
            let coverage = f64::from(covered) / f64::from(draws);
            assert!((0.93..=0.995).contains(&coverage), "n = {n}: {coverage}");
        }
    }

    #[test]
    fn interval_covers_a_coarse_timer_too() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let covered = (0..500)
            .filter(|_| {
                let samples: Vec<u64> =
                    (0..40).map(|_| (exponential(&mut rng, 3.0).round()) as u64).collect();
                let (low, high) = Estimate::of(&samples).unwrap().interval.unwrap();
                (low..=high).contains(&2.0)
            })
            .count();
        assert!(covered >= 470, "{covered} of 500");
    }

    #[test]
    fn spearman_of_known_orders() {
        let pairs = |y: &[f64]| -> Vec<(f64, f64)> {
            y.iter().enumerate().map(|(i, &y)| (i as f64, y)).collect()
        };
        assert_eq!(spearman(&pairs(&[1.0, 10.0, 1e3, 1e9])), Some(1.0));
        assert_eq!(spearman(&pairs(&[9.0, 7.0, 5.0])), Some(-1.0));
        // 1 − 6·Σd²/(n(n²−1)) with d = (1, −1, 0, 0): 1 − 12/60.
        assert!((spearman(&pairs(&[2.0, 1.0, 3.0, 4.0])).unwrap() - 0.8).abs() < 1e-12);
        // Ties: ranks of y are 1.5 1.5 3 4, r = 4.5/√(5·4.5).
        let r = spearman(&pairs(&[1.0, 1.0, 3.0, 4.0])).unwrap();
        assert!((r - 4.5 / 22.5f64.sqrt()).abs() < 1e-12, "{r}");
        assert_eq!(spearman(&pairs(&[2.0, 2.0, 2.0])), None);
        assert_eq!(spearman(&pairs(&[1.0, 2.0])), None);
    }

    #[test]
    fn spearman_of_independent_draws_is_near_zero() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mean = (0..300)
            .map(|_| {
                let pairs: Vec<(f64, f64)> = (0..20)
                    .map(|_| (exponential(&mut rng, 1.0), exponential(&mut rng, 1.0)))
                    .collect();
                spearman(&pairs).unwrap()
            })
            .sum::<f64>()
            / 300.0;
        // The standard error of the mean is 1/√(19·300).
        assert!(mean.abs() < 0.04, "{mean}");
    }

    #[test]
    fn bootstrap_is_seeded_and_covers() {
        let mean = |x: &[f64]| Some(x.iter().sum::<f64>() / x.len() as f64);
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut covered = 0;
        for seed in 0..200 {
            let items: Vec<f64> = (0..60).map(|_| exponential(&mut rng, 2.0)).collect();
            let (low, high) = bootstrap(&items, seed, mean).unwrap();
            assert_eq!(bootstrap(&items, seed, mean), Some((low, high)));
            covered += usize::from((low..=high).contains(&2.0));
        }
        // Percentile intervals of a skewed mean fall a little short of 95 %.
        assert!((176..=199).contains(&covered), "{covered} of 200");
        assert_eq!(bootstrap(&[], 1, mean), None);
        assert_eq!(bootstrap(&[1.0], 1, |_| None), None);
    }
}
