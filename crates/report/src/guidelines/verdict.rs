//! From the rounds of an experiment to a verdict: does the guideline hold on this device?
//!
//! All points of a study were measured in turn, so the ratio of two points *within a round* is free
//! of whatever drifted between rounds. A point's slow-down is the median of that ratio over rounds,
//! at equal mult-adds. A curve's effect is the slow-down at its largest dose by a straight line
//! through the base (logarithm of the slow-down over the position on the dose axis), so that every
//! point has its say; the effect of the study is the geometric mean of its curves'. Its interval
//! comes from a seeded bootstrap over whole rounds.

use crate::{
    format::{percent, significant},
    stats::{bootstrap, median},
};
use serde::{Deserialize, Serialize};

/// What an effect must exceed to count, and stay within to be none: 5 % of the run time at the
/// largest dose. Less is not worth changing a network for.
pub const RELEVANT: f64 = 1.05;

/// What two runs of one program on a quiet machine may differ by beyond what the rounds of one run
/// show (where its buffers lie, for example): the interval is widened by so much on each side.
const REPEATABILITY: f64 = 1.01;

/// Slow-downs that differ by less are level when the trend is counted.
const LEVEL: f64 = 1.02;

/// Rounds below which nothing is judged.
const FEWEST_ROUNDS: usize = 6;

const SEED: u64 = 1807;

/// What the experiment says of the guideline on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// What the guideline warns of costs time.
    Holds,
    /// It saves time.
    Reversed,
    /// It does neither.
    NoEffect,
    /// The measurement does not tell.
    Inconclusive,
}

impl Verdict {
    /// The verdict as tables and sentences print it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Reversed => "reversed",
            Self::NoEffect => "no effect",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// One point of a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampled {
    /// Its place on the dose axis: 0 at the base, 1 at the largest dose.
    pub at: f64,
    /// Its mult-adds: times are compared per mult-add, because channel counts are whole numbers and
    /// "equal mult-adds" is met to a few per cent only.
    pub mul_adds: f64,
    /// Its time in each round, nanoseconds.
    pub rounds: Vec<f64>,
}

/// Points that are compared with each other; the first is the base.
pub type Samples = Vec<Sampled>;

/// The verdict, and what it follows from.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Fitted slow-down at the largest dose, and its 95 % interval; `None` where nothing can be
    /// compared.
    pub effect: Option<Effect>,
    /// Share of pairs of points whose slow-down rises with the dose, less the share of those whose
    /// slow-down falls: −1 to 1.
    pub trend: f64,
    /// Why this verdict, in one sentence.
    pub reason: String,
}

/// Judges a study of one or more curves.
pub fn judge(curves: &[Samples]) -> Judgement {
    let rounds = curves.iter().flatten().map(|point| point.rounds.len()).min().unwrap_or(0);
    let inconclusive =
        |reason| Judgement { verdict: Verdict::Inconclusive, effect: None, trend: 0.0, reason };
    if rounds < FEWEST_ROUNDS {
        let few = format!("only {rounds} rounds were measured: {FEWEST_ROUNDS} are the fewest");
        return inconclusive(few);
    }
    let curves: Vec<Curve> = curves.iter().map(|points| Curve::of(points, rounds)).collect();
    let all: Vec<usize> = (0..rounds).collect();
    let interval = |of: &dyn Fn(&[usize]) -> Option<f64>| -> Option<Effect> {
        let (low, high) = bootstrap(&all, SEED, of)?;
        Some((of(&all)?.exp(), (low.exp() / REPEATABILITY, high.exp() * REPEATABILITY)))
    };
    let mean = |r: &[usize]| {
        let effects: Option<Vec<f64>> = curves.iter().map(|c| c.effect(r)).collect();
        effects.map(|e| e.iter().sum::<f64>() / e.len() as f64)
    };
    let Some((size, ends)) = interval(&mean) else {
        return inconclusive("there is nothing to compare the base with".to_owned());
    };
    let each: Vec<Effect> = curves.iter().filter_map(|c| interval(&|r| c.effect(r))).collect();
    let trend = trend(&curves, &all);
    let (verdict, why) = decide(ends, trend, &each);
    let reason = format!(
        "at the largest dose {} × the time at equal mult-adds (95 % interval {} to {}, {rounds} \
         rounds){}{why}",
        significant(size),
        significant(ends.0),
        significant(ends.1),
        if why.is_empty() { "" } else { ": " },
    );
    Judgement { verdict, effect: Some((size, ends)), trend, reason }
}

/// A slow-down and its 95 % interval.
pub type Effect = (f64, (f64, f64));

/// The verdict from the effect's interval, the trend and each curve's own effect; with the reason
/// where it is not plain.
fn decide((low, high): (f64, f64), trend: f64, curves: &[Effect]) -> (Verdict, String) {
    let costs = curves.iter().filter(|(_, (low, _))| *low > RELEVANT).count();
    let saves = curves.iter().filter(|(_, (_, high))| *high < 1.0 / RELEVANT).count();
    if costs > 0 && saves > 0 {
        let why = format!("{costs} of {} channel multipliers lose and {saves} gain", curves.len());
        return (Verdict::Inconclusive, why);
    }
    let not_monotone = "the slow-down does not follow the dose".to_owned();
    if low > RELEVANT {
        return match trend > 0.0 {
            true => (Verdict::Holds, String::new()),
            false => (Verdict::Inconclusive, not_monotone),
        };
    }
    if high < 1.0 / RELEVANT {
        return match trend < 0.0 {
            true => (Verdict::Reversed, String::new()),
            false => (Verdict::Inconclusive, not_monotone),
        };
    }
    if low > 1.0 / RELEVANT && high < RELEVANT {
        return (Verdict::NoEffect, String::new());
    }
    let threshold = percent(RELEVANT - 1.0);
    (Verdict::Inconclusive, format!("the interval reaches across the {threshold} that count"))
}

/// The points of a curve that are compared with its base: position on the dose axis, and the
/// logarithm of the slow-down at equal mult-adds in each round.
struct Curve(Vec<(f64, Vec<f64>)>);

impl Curve {
    fn of(points: &[Sampled], rounds: usize) -> Self {
        let Some((base, others)) = points.split_first() else { return Self(Vec::new()) };
        Self(others.iter().map(|p| (p.at, log_slowdowns(base, p, rounds))).collect())
    }

    /// Logarithm of the slow-down at the largest dose over these `rounds`: the slope of the
    /// least-squares line through the base.
    fn effect(&self, rounds: &[usize]) -> Option<f64> {
        let mut sums = (0.0, 0.0);
        for (at, slower) in &self.0 {
            sums.0 += at * median_of(slower, rounds)?;
            sums.1 += at * at;
        }
        (sums.1 > 0.0).then(|| sums.0 / sums.1)
    }
}

/// Logarithm of the slow-down of `point` against `base` at equal mult-adds in each round.
fn log_slowdowns(base: &Sampled, point: &Sampled, rounds: usize) -> Vec<f64> {
    let work = (point.mul_adds / base.mul_adds).ln();
    let pairs = point.rounds.iter().zip(&base.rounds).take(rounds);
    pairs.map(|(point, base)| (point / base).ln() - work).collect()
}

/// The median of `values` over `rounds`, if it is a number.
fn median_of(values: &[f64], rounds: &[usize]) -> Option<f64> {
    let mut chosen: Vec<f64> = rounds.iter().map(|&r| values[r]).collect();
    chosen.sort_unstable_by(f64::total_cmp);
    median(&chosen).filter(|m| m.is_finite())
}

/// Slow-down of `point` against `base` at equal mult-adds, over all rounds that both have.
pub fn slowdown(base: &Sampled, point: &Sampled) -> Option<f64> {
    let logs = log_slowdowns(base, point, usize::MAX);
    median_of(&logs, &(0..logs.len()).collect::<Vec<_>>()).map(f64::exp)
}

fn trend(curves: &[Curve], rounds: &[usize]) -> f64 {
    let (mut sum, mut pairs) = (0.0, 0.0);
    for Curve(others) in curves {
        let slower = others.iter().filter_map(|(at, s)| Some((*at, median_of(s, rounds)?)));
        let points: Vec<(f64, f64)> = std::iter::once((0.0, 0.0)).chain(slower).collect();
        for (i, a) in points.iter().enumerate() {
            for b in points[i + 1..].iter().filter(|b| b.0 != a.0) {
                let rise = (b.1 - a.1) * (b.0 - a.0).signum();
                pairs += 1.0;
                sum += if rise.abs() < LEVEL.ln() { 0.0 } else { rise.signum() };
            }
        }
    }
    if pairs > 0.0 { sum / pairs } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{
        ChaCha8Rng,
        rand_core::{Rng, SeedableRng},
    };

    /// Times of three curves (multipliers) of four points: the slow-down at dose `at` is
    /// `effect^at`, every time has skewed noise of about `noise`, and the machine slows down by a
    /// third over the rounds.
    fn study(effect: f64, noise: f64, rounds: usize, seed: u64) -> Vec<Samples> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut uniform = move || (f64::from(rng.next_u32()) + 0.5) / 2f64.powi(32);
        let mut time = |mean: f64, round: usize| {
            let drift = 1.0 + round as f64 / rounds as f64 / 3.0;
            // Exponential: most samples are near the least, some far above.
            mean * drift * (1.0 - noise * uniform().ln())
        };
        let mul_adds = [1.0, 0.989, 0.990, 0.949];
        [1e5, 4e5, 1.6e6]
            .into_iter()
            .map(|base| {
                [0.0, 0.28, 0.72, 1.0]
                    .into_iter()
                    .zip(mul_adds)
                    .map(|(at, mul_adds)| Sampled {
                        at,
                        mul_adds,
                        rounds: (0..rounds)
                            .map(|r| time(base * mul_adds * effect.powf(at), r))
                            .collect(),
                    })
                    .collect()
            })
            .collect()
    }

    /// How often each verdict falls in `draws` studies.
    fn verdicts(effect: f64, noise: f64, rounds: usize, draws: u64) -> [usize; 4] {
        let mut counts = [0; 4];
        for seed in 0..draws {
            let verdict = judge(&study(effect, noise, rounds, seed)).verdict;
            counts[verdict as usize] += 1;
        }
        counts
    }

    #[test]
    fn a_true_effect_is_found() {
        for effect in [1.15, 1.5, 2.5] {
            let counts = verdicts(effect, 0.02, 15, 100);
            assert_eq!(counts[Verdict::Holds as usize], 100, "{effect}: {counts:?}");
        }
        let [holds, reversed, none, _] = verdicts(1.3, 0.3, 15, 100);
        assert!(holds >= 95 && reversed == 0 && none == 0, "{holds} of 100 in much noise");
    }

    #[test]
    fn a_reversed_effect_is_found() {
        for effect in [0.85, 0.5] {
            let counts = verdicts(effect, 0.02, 15, 100);
            assert_eq!(counts[Verdict::Reversed as usize], 100, "{effect}: {counts:?}");
        }
    }

    #[test]
    fn nothing_is_not_called_an_effect() {
        let [.., none, _] = verdicts(1.0, 0.02, 15, 100);
        assert_eq!(none, 100);
        for noise in [0.1, 0.5, 2.0] {
            let [holds, reversed, ..] = verdicts(1.0, noise, 15, 200);
            assert!(holds + reversed <= 6, "noise {noise}: {holds} + {reversed} of 200");
        }
    }

    #[test]
    fn noise_gives_inconclusive_and_says_why() {
        for (effect, noise) in [(1.0, 1.0), (1.05, 0.3), (0.97, 1.0)] {
            let [.., inconclusive] = verdicts(effect, noise, 10, 100);
            assert!(inconclusive >= 90, "{effect} ± {noise}: {inconclusive} of 100");
        }
        let judged = judge(&study(1.0, 1.0, 10, 3));
        assert!(judged.reason.contains("reaches across the 5.0 % that count"), "{judged:?}");
        let judged = judge(&study(2.0, 0.0, 5, 3));
        assert!(judged.reason.contains("only 5 rounds"), "{judged:?}");
    }

    /// Ten repeats of one study: each has its own noise, and its own standing differences of up to
    /// 1 % between points, as between two runs of one program.
    #[test]
    fn ten_repeats_on_a_quiet_machine_agree() {
        for effect in [0.8, 0.9, 1.0, 1.02, 1.1, 1.3, 2.0] {
            let mut seen = Vec::new();
            for repeat in 0..10 {
                let mut curves = study(effect, 0.01, 15, repeat);
                let mut rng = ChaCha8Rng::seed_from_u64(100 + repeat);
                for point in curves.iter_mut().flatten() {
                    let standing = 1.0 + 0.01 * f64::from(rng.next_u32()) / 2f64.powi(32);
                    point.rounds.iter_mut().for_each(|t| *t *= standing);
                }
                seen.push(judge(&curves).verdict);
            }
            assert!(seen.iter().all(|v| *v == seen[0]), "{effect}: {seen:?}");
            assert_ne!(seen[0], Verdict::Inconclusive, "{effect}");
        }
    }

    #[test]
    fn drift_between_rounds_cancels() {
        let judged = judge(&study(1.4, 0.0, 12, 1));
        let (size, (low, high)) = judged.effect.unwrap();
        assert!((size - 1.4).abs() < 1e-9, "{judged:?}");
        assert!((low - 1.4 / 1.01).abs() < 1e-9 && (high - 1.4 * 1.01).abs() < 1e-9);
        assert_eq!(judged.trend, 1.0);
    }

    #[test]
    fn curves_that_contradict_each_other_are_no_verdict() {
        let mut curves = study(1.5, 0.01, 12, 1);
        curves[2] = study(0.6, 0.01, 12, 2).remove(2);
        let judged = judge(&curves);
        assert_eq!(judged.verdict, Verdict::Inconclusive);
        assert!(judged.reason.contains("2 of 3 channel multipliers lose and 1 gain"), "{judged:?}");
    }

    #[test]
    fn a_peak_in_the_middle_is_no_trend() {
        let mut curves = study(1.0, 0.0, 12, 1);
        curves.iter_mut().for_each(|c| c[1].rounds.iter_mut().for_each(|t| *t *= 3.0));
        let judged = judge(&curves);
        assert_eq!(judged.verdict, Verdict::Inconclusive);
        assert!(judged.reason.contains("does not follow the dose"), "{judged:?}");
    }

    #[test]
    fn nothing_to_compare_is_said() {
        assert!(judge(&[]).reason.contains("only 0 rounds"));
        let base = Sampled { at: 0.0, mul_adds: 1.0, rounds: vec![1.0; 9] };
        assert!(judge(&[vec![base.clone()]]).reason.contains("nothing to compare"));
        let zero = Sampled { at: 1.0, rounds: vec![0.0; 9], ..base.clone() };
        assert!(judge(&[vec![base, zero]]).reason.contains("nothing to compare"));
    }
}
