//! Ratios of simulated times: how often intervals cover, and how often verdicts are wrong.

use super::*;
use crate::compare::simulated::Machine;

/// Ratios of `tries` simulated operators of which B takes `ratio` times as long.
fn simulated(seed: u64, tries: usize, ratio: f64, rounds: usize) -> Vec<Ratio> {
    let mut machine = Machine::new(seed);
    let one = |_| {
        let [a, b] = machine.measure(&[(50_000.0, ratio)], 16, 10).remove(0);
        Ratio::of(&a, &b, rounds).unwrap()
    };
    (0..tries).map(one).collect()
}

fn share(ratios: &[Ratio], is: impl Fn(&Judged) -> bool) -> f64 {
    let judged = ratios.iter().map(|ratio| ratio.judged(ALPHA));
    judged.filter(is).count() as f64 / ratios.len() as f64
}

#[test]
fn by_hand() {
    // Six sittings of two rounds; B takes 1.1 to 1.2 times as long, but for a hiccup.
    let a = [100, 100, 200, 200, 100, 100, 100, 100, 100, 100, 100, 100];
    let b = [110, 120, 220, 240, 110, 120, 110, 120, 110, 120, 110, 900];
    let ratio = Ratio::of(&a, &b, 2).unwrap();
    assert_eq!(ratio.sittings, 6);
    let judged = ratio.judged(ALPHA);
    let low = (1.1_f64 * 1.2).sqrt();
    assert!((judged.ratio - low).abs() < 1e-9, "{judged:?}");
    let (from, to) = judged.interval.unwrap();
    assert!((from - low).abs() < 1e-9 && (to - (1.1_f64 * 9.0).sqrt()).abs() < 1e-9);
    assert_eq!(judged.verdict, Verdict::Slower);
    // Five sittings have no interval; the round beyond them is of none.
    let judged = Ratio::of(&a[..11], &b[..11], 2).unwrap().judged(ALPHA);
    assert_eq!((judged.interval, judged.verdict), (None, Verdict::NotKnown));
    assert_eq!(Ratio::of(&a[..1], &b[..1], 2), None);
    assert_eq!(Ratio::of(&[0; 12], &b, 2), None, "a view takes no time");
}

#[test]
fn what_an_interval_says() {
    let cases = [
        ((0.99, 1.01), Verdict::Same),
        ((1.001, 1.019), Verdict::Same),
        ((1.001, 1.03), Verdict::Slower),
        ((0.9, 0.999), Verdict::Faster),
        ((0.97, 1.01), Verdict::NotKnown),
    ];
    for (interval, expected) in cases {
        assert_eq!(verdict(interval), expected, "{interval:?}");
    }
}

#[test]
fn a_long_file_has_no_more_sittings_than_anybody_could_wait_for() {
    let times = vec![100; 100_000];
    let ratio = Ratio::of(&times, &times, 1).unwrap();
    assert!(ratio.sittings <= MOST_SITTINGS && ratio.sittings > MOST_SITTINGS / 2);
}

#[test]
fn intervals_cover_the_ratio_under_drift_neighbours_and_hiccups() {
    for (seed, ratio) in [(1, 1.0), (2, 1.03), (3, 0.8)] {
        let covered = share(&simulated(seed, 600, ratio, 10), |judged| {
            judged.interval.is_some_and(|(low, high)| (low..=high).contains(&ratio))
        });
        // 95 % less three standard errors.
        assert!(covered >= 0.923, "ratio {ratio}: {covered}");
    }
}

/// Rounds of a sitting share what preparing decided: each by itself, they would be sure of it.
#[test]
fn rounds_taken_for_sittings_would_be_wrong() {
    let covered = share(&simulated(4, 300, 1.0, 1), |judged| {
        judged.interval.is_some_and(|(low, high)| (low..=high).contains(&1.0))
    });
    assert!(covered < 0.85, "{covered}");
}

#[test]
fn equal_sides_differ_as_rarely_as_they_may() {
    let ratios = simulated(5, 600, 1.0, 10);
    let differs = |j: &Judged| matches!(j.verdict, Verdict::Faster | Verdict::Slower);
    let alarms = share(&ratios, differs);
    assert!(alarms <= 0.077, "{alarms}");
    let same = share(&ratios, |j| j.verdict == Verdict::Same);
    assert!(same > 0.8, "{same}");
    assert!(
        ratios.iter().all(|ratio| ratio.p(1.02) > ALPHA || !ratio.is_above(1.02)),
        "no gate shuts"
    );
}

#[test]
fn a_tenth_slower_is_found_every_time() {
    let ratios = simulated(6, 200, 1.1, 10);
    assert!(ratios.iter().all(|r| r.judged(ALPHA).verdict == Verdict::Slower));
    // Even at the level of one among a thousand operators.
    assert!(ratios.iter().all(|r| r.judged(ALPHA / 1000.0).verdict == Verdict::Slower));
    assert!(ratios.iter().all(|r| r.is_above(1.05) && r.p(1.05) <= ALPHA));
}
