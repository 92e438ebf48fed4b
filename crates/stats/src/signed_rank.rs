//! The centre of a symmetric distribution from few samples, by Wilcoxon's signed ranks.
//!
//! The median's interval by order statistics asks only which side of a value each sample lies on. Where
//! samples scatter alike to both sides, as differences of two sides measured in turn do, their sizes count
//! as well: sixteen samples then reach levels that a correction for many comparisons asks for. Nothing but
//! the symmetry is assumed (Hollander, Wolfe & Chicken, Nonparametric Statistical Methods, 3.1 to 3.3).

use crate::median;

/// Samples, and what they say of their distribution's centre.
#[derive(Clone, Debug, PartialEq)]
pub struct Centre {
    /// The mean of each pair of samples, a sample with itself included, in ascending order.
    means: Vec<f64>,
    /// Chance that at most so many of these lie below the centre, by their number.
    chances: Vec<f64>,
}

impl Centre {
    /// That of `samples`, in any order; `None` where there are none. It takes the cube of their number.
    pub fn of(samples: &[f64]) -> Option<Self> {
        let pairs = samples.iter().enumerate();
        let mut means: Vec<f64> = pairs
            .flat_map(|(i, a)| samples[i..].iter().map(move |b| f64::midpoint(*a, *b)))
            .collect();
        means.sort_unstable_by(f64::total_cmp);
        (!samples.is_empty()).then(|| Self { means, chances: chances(samples.len()) })
    }

    /// The centre (Hodges and Lehmann's estimate).
    pub fn estimate(&self) -> f64 {
        median(&self.means).unwrap_or(f64::NAN)
    }

    /// The interval that misses the centre with a chance of at most `alpha`; `None` where even the extremes
    /// miss it more often.
    pub fn interval(&self, alpha: f64) -> Option<(f64, f64)> {
        let outside = self.chances.iter().take_while(|chance| 2.0 * *chance <= alpha).count();
        let last = self.means.len().checked_sub(outside)?;
        (outside > 0 && outside <= last).then(|| (self.means[outside - 1], self.means[last]))
    }

    /// The chance of samples at least as far to one side of `value`, were that the centre: the least `alpha`
    /// whose interval leaves `value` out.
    pub fn p(&self, value: f64) -> f64 {
        let not_above = self.means.partition_point(|mean| *mean <= value);
        let not_below = self.means.len() - self.means.partition_point(|mean| *mean < value);
        (2.0 * self.chances[not_above.min(not_below)]).min(1.0)
    }
}

/// Chance that the ranks of the samples below the centre add up to at most so much, for each sum: each of the
/// ranks 1 to `n` is among them with a chance of one half.
fn chances(n: usize) -> Vec<f64> {
    let mut exactly = vec![0.0; n * (n + 1) / 2 + 1];
    exactly[0] = 1.0;
    for rank in 1..=n {
        for sum in (0..=rank * (rank + 1) / 2).rev() {
            let with = sum.checked_sub(rank).map_or(0.0, |rest| exactly[rest]);
            exactly[sum] = f64::midpoint(exactly[sum], with);
        }
    }
    let mut at_most = 0.0;
    exactly.iter_mut().for_each(|chance| {
        at_most += *chance;
        *chance = at_most;
    });
    exactly
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{
        ChaCha8Rng,
        rand_core::{Rng, SeedableRng},
    };

    /// Two-sided critical values at 5 % and 1 % of published tables of the signed-rank test.
    #[test]
    fn chances_agree_with_tables() {
        for (n, at_5, at_1) in [
            (6, 0, None),
            (8, 3, Some(0)),
            (10, 8, Some(3)),
            (16, 29, Some(19)),
            (20, 52, Some(37)),
        ] {
            let chances = chances(n);
            let largest = |alpha: f64| {
                chances.iter().take_while(|c| 2.0 * *c <= alpha).count().checked_sub(1)
            };
            assert_eq!((largest(0.05), largest(0.01)), (Some(at_5), at_1), "n = {n}");
            assert!((chances.last().unwrap() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn by_hand() {
        let centre = Centre::of(&[3.0, 1.0, 2.0, 10.0, 4.0, 5.0]).unwrap();
        // 21 means of pairs; the eleventh is 3.5.
        assert_eq!(centre.estimate(), 3.5);
        // Six samples: all on one side has chance 2/64.
        assert_eq!(centre.interval(0.05), Some((1.0, 10.0)));
        assert_eq!((centre.p(0.5), centre.p(3.5)), (2.0 / 64.0, 1.0));
        assert_eq!(Centre::of(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap().interval(0.05), None);
        assert_eq!(Centre::of(&[]), None);
        let tied = Centre::of(&[0.0; 12]).unwrap();
        assert_eq!((tied.interval(0.05), tied.p(0.0)), (Some((0.0, 0.0)), 1.0));
    }

    #[test]
    fn an_interval_leaves_out_what_its_level_refuses() {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let samples: Vec<f64> = (0..15).map(|_| f64::from(rng.next_u32() % 64) - 20.0).collect();
        let centre = Centre::of(&samples).unwrap();
        for alpha in [0.05, 0.01, 1e-3, 1e-4] {
            let (low, high) = centre.interval(alpha).unwrap();
            for half in -60..120 {
                let value = f64::from(half) / 2.0;
                let inside = (low..=high).contains(&value);
                assert_eq!(inside, centre.p(value) > alpha, "{value} at {alpha}: {low} {high}");
            }
        }
    }

    /// Laplace's distribution: heavier tails than the normal one's.
    #[test]
    fn an_interval_covers_the_centre_as_often_as_it_says() {
        let seed = 23;
        println!("seed {seed}");
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut exponential = move || -((f64::from(rng.next_u32()) + 0.5) / 2f64.powi(32)).ln();
        let draws = 2000_u32;
        for n in [6, 12, 16, 30] {
            let mut covered = 0;
            for _ in 0..draws {
                let samples: Vec<f64> =
                    (0..n).map(|_| 7.0 + exponential() - exponential()).collect();
                let (low, high) = Centre::of(&samples).unwrap().interval(0.05).unwrap();
                covered += u32::from((low..=high).contains(&7.0));
            }
            let coverage = f64::from(covered) / f64::from(draws);
            assert!((0.935..=0.985).contains(&coverage), "n = {n}: {coverage}");
        }
    }
}
