//! Verdicts on studies whose truth is known.

use super::*;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// Numbers between 0 and 1, never either.
fn uniform(seed: u64) -> impl FnMut() -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    move || (f64::from(rng.next_u32()) + 0.5) / 2f64.powi(32)
}

/// Times of three curves (multipliers) of four points: the slow-down at dose `at` is `effect^at`,
/// every time has skewed noise of about `noise`, and the machine slows down by a third over the
/// rounds. Two sessions of one network take the same time.
fn study(effect: f64, noise: f64, rounds: usize, seed: u64) -> Vec<Samples> {
    let mut uniform = uniform(seed);
    let mut times = |mean: f64| -> Vec<f64> {
        let drift = |round: usize| 1.0 + round as f64 / rounds as f64 / 3.0;
        // Exponential: most samples are near the least, some far above.
        (0..rounds).map(|r| mean * drift(r) * (1.0 - noise * uniform().ln())).collect()
    };
    let mul_adds = [1.0, 0.989, 0.990, 0.949];
    let curve = |(multiplier, base): (usize, f64)| {
        let points = [0.0, 0.28, 0.72, 1.0].into_iter().zip(mul_adds);
        let points = points.map(|(at, work)| {
            let rounds = times(base * work * effect.powf(at));
            Sampled { at, work, rounds }
        });
        Samples { name: format!("×{multiplier}"), points: points.collect(), twin: Some(1.0) }
    };
    [(1, 1e5), (2, 4e5), (4, 1.6e6)].into_iter().map(curve).collect()
}

fn judge(curves: &[Samples]) -> Judgement {
    super::judge(curves, "at equal mult-adds")
}

/// How often each verdict falls in `draws` studies.
fn verdicts(effect: f64, noise: f64, rounds: usize, draws: u64) -> [usize; 4] {
    let mut counts = [0; 4];
    for seed in 0..draws {
        counts[judge(&study(effect, noise, rounds, seed)).verdict as usize] += 1;
    }
    counts
}

#[test]
fn a_true_effect_is_found() {
    for effect in [1.15, 1.5, 2.5] {
        let counts = verdicts(effect, 0.02, 15, 200);
        assert_eq!(counts[Verdict::Holds as usize], 200, "{effect}: {counts:?}");
    }
    let [holds, reversed, none, _] = verdicts(1.3, 0.3, 15, 200);
    assert!(holds >= 190 && reversed == 0 && none == 0, "{holds} of 200 in much noise");
}

#[test]
fn a_reversed_effect_is_found() {
    for effect in [0.85, 0.5] {
        let counts = verdicts(effect, 0.02, 15, 200);
        assert_eq!(counts[Verdict::Reversed as usize], 200, "{effect}: {counts:?}");
    }
}

#[test]
fn nothing_is_not_called_an_effect() {
    let [.., none, _] = verdicts(1.0, 0.02, 15, 200);
    assert_eq!(none, 200);
    for noise in [0.1, 0.5, 2.0] {
        let [holds, reversed, ..] = verdicts(1.0, noise, 15, 300);
        assert!(holds + reversed <= 9, "noise {noise}: {holds} + {reversed} of 300");
    }
}

#[test]
fn noise_gives_inconclusive_and_says_why() {
    for (effect, noise) in [(1.0, 1.0), (1.05, 0.3), (0.97, 1.0)] {
        let [.., inconclusive] = verdicts(effect, noise, 10, 200);
        assert!(inconclusive >= 180, "{effect} ± {noise}: {inconclusive} of 200");
    }
    let judged = judge(&study(1.0, 1.0, 10, 3));
    assert!(judged.reason.contains("reaches across the 5.0 % that count"), "{judged:?}");
    let judged = judge(&study(2.0, 0.0, 5, 3));
    assert!(judged.reason.contains("only 5 rounds"), "{judged:?}");
}

/// The interval holds the true effect as often as it says, and is no wider than the noise.
#[test]
fn the_interval_covers_the_truth() {
    let covered = (0..300)
        .filter(|&seed| {
            let (_, (low, high)) = judge(&study(1.3, 0.1, 25, seed)).effect.unwrap();
            assert!(high / low < 1.2, "{low} to {high}");
            (low..=high).contains(&1.3)
        })
        .count();
    assert!(covered >= 280, "{covered} of 300");
}

/// Ten repeats of one study: each has its own noise, and its own standing differences of up to 1 %
/// between points, as between two runs of one program.
#[test]
fn ten_repeats_on_a_quiet_machine_agree() {
    for effect in [0.8, 0.9, 1.0, 1.02, 1.1, 1.3, 2.0] {
        let mut seen = Vec::new();
        for repeat in 0..10 {
            let mut curves = study(effect, 0.01, 15, repeat);
            let mut standing = uniform(100 + repeat);
            for point in curves.iter_mut().flat_map(|c| &mut c.points) {
                let standing = 1.0 + 0.01 * standing();
                point.rounds.iter_mut().for_each(|t| *t *= standing);
            }
            seen.push(judge(&curves).verdict);
        }
        assert!(seen.iter().all(|v| *v == seen[0]), "{effect}: {seen:?}");
        assert_ne!(seen[0], Verdict::Inconclusive, "{effect}");
    }
}

/// A machine on which two sessions of one network differ by 15 % tells nothing of 10 %.
#[test]
fn what_does_not_repeat_is_no_verdict() {
    let mut curves = study(1.1, 0.01, 15, 1);
    assert_eq!(judge(&curves).verdict, Verdict::Holds);
    curves[1].twin = Some(1.0 / 1.15);
    let judged = judge(&curves);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!((judged.repeatability - 1.15).abs() < 1e-12);
    assert!(judged.reason.contains("two sessions of one network differ by 15.0 %"), "{judged:?}");
    curves.iter_mut().for_each(|c| c.twin = None);
    assert_eq!(judge(&curves).repeatability, LEAST_REPEATABILITY, "assumed where not measured");
}

#[test]
fn drift_between_rounds_cancels() {
    let judged = judge(&study(1.4, 0.0, 12, 1));
    let (size, (low, high)) = judged.effect.unwrap();
    assert!((size - 1.4).abs() < 1e-9, "{judged:?}");
    assert!((low - 1.4 / 1.01).abs() < 1e-9 && (high - 1.4 * 1.01).abs() < 1e-9);
    assert_eq!(judged.trend, 1.0);
    let each: Vec<&str> = judged.each.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(each, ["×1", "×2", "×4"]);
    assert!(judged.reason.contains("×1: 1.40, ×2: 1.40, ×4: 1.40"), "{judged:?}");
}

#[test]
fn curves_that_contradict_each_other_are_no_verdict() {
    let mut curves = study(1.5, 0.01, 12, 1);
    curves[2] = study(0.6, 0.01, 12, 2).remove(2);
    let judged = judge(&curves);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(judged.reason.contains("×1, ×2 lose time and ×4 gain it"), "{judged:?}");
}

#[test]
fn a_peak_in_the_middle_is_no_trend() {
    let mut curves = study(1.0, 0.0, 12, 1);
    let peaks = curves.iter_mut().flat_map(|c| &mut c.points[1].rounds);
    peaks.for_each(|t| *t *= 3.0);
    let judged = judge(&curves);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(judged.reason.contains("does not follow the dose"), "{judged:?}");
}

#[test]
fn nothing_to_compare_is_said() {
    assert!(judge(&[]).reason.contains("only 0 rounds"));
    let base = Sampled { at: 0.0, work: 1.0, rounds: vec![1.0; 9] };
    let zero = Sampled { at: 1.0, rounds: vec![0.0; 9], ..base.clone() };
    for points in [vec![base.clone()], vec![base, zero]] {
        let curve = Samples { name: String::new(), points, twin: None };
        assert!(judge(&[curve]).reason.contains("nothing to compare"));
    }
}

#[test]
fn a_slow_down_by_hand() {
    let rounds = |rounds: &[f64], work| Sampled { at: 0.0, work, rounds: rounds.to_vec() };
    let base = rounds(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0], 1.0);
    let point = rounds(&[2.0, 4.0, 8.0, 16.0, 32.0, 128.0], 1.0);
    let (size, ends) = slowdown(&base, &point).unwrap();
    let (low, high) = ends.unwrap();
    assert!((size - 2.0).abs() < 1e-12 && (low - 2.0).abs() < 1e-12 && (high - 4.0).abs() < 1e-12);
    let less = Sampled { work: 0.5, ..point };
    assert!(
        (slowdown(&base, &less).unwrap().0 - 4.0).abs() < 1e-12,
        "half the work: twice as slow"
    );
    assert_eq!(slowdown(&base, &rounds(&[2.0], 1.0)).unwrap().1, None, "one round has no interval");
    assert_eq!(slowdown(&base, &rounds(&[], 1.0)), None);
}
