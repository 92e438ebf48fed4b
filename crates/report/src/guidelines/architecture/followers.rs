//! Who followed the guidelines, and what it brought: a paragraph on the networks of one place.

use super::{record::Architecture, sentences::noisy};
use crate::{
    format::{grouped, significant},
    proxy::{FEWEST, rank_correlation},
};
use profile::Guideline;
use stats::median_of;

/// Of its run, a network loses less to a guideline that it follows.
const FOLLOWED: f64 = 0.05;

/// Different values that a correlation needs: three networks or more then differ from the others. With fewer, more
/// than one resample of twenty may have none of them, and no order.
pub(super) const DIFFERENT: usize = 4;

/// Most networks that are named together.
const NAMED: usize = 4;

/// A network with the picoseconds that a mult-add takes in it.
type Timed<'a> = (f64, &'a Architecture);

/// The paragraph; `None` where fewer than [`FEWEST`] networks have times and prices.
pub fn followers(place: &[&Architecture]) -> Option<String> {
    let mut timed: Vec<Timed<'_>> =
        place.iter().filter_map(|&a| Some((a.mul_add_ps()?, a))).collect();
    timed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (&fastest, &slowest) = (timed.first()?, timed.last()?);
    let each: Vec<String> = Guideline::ALL.into_iter().filter_map(|g| brought(&timed, g)).collect();
    let networks: Vec<&Architecture> = timed.iter().map(|(_, a)| *a).collect();
    (!each.is_empty()).then(|| {
        format!(
            "Who of {} networks follows a guideline, surely losing less than {} % of its run to it, and what that \
             brings. {}. {}. A mult-add takes least time in {}, most in {}. Intervals are of 95 %; networks differ in more \
             than this, so no correlation proves a cause.{}",
            networks.len(),
            grouped(FOLLOWED * 100.0, 0),
            each.join(". "),
            in_all(&networks),
            extreme(fastest),
            extreme(slowest),
            noisy(&networks),
        )
    })
}

/// How many follow a guideline, and how what networks lose to it goes with the time of a mult-add.
fn brought(timed: &[Timed<'_>], guideline: Guideline) -> Option<String> {
    let price = |a: &Architecture| a.axis(guideline).price_share;
    let known: Vec<Timed<'_>> = timed.iter().copied().filter(|(_, a)| price(a).is_some()).collect();
    let pairs: Vec<(f64, f64)> =
        known.iter().filter_map(|(ps, a)| Some((price(a)?, *ps))).collect();
    let (following, others): (Vec<_>, Vec<_>) =
        known.iter().partition(|(_, a)| follows(a, guideline));
    let medians = middle(&following).zip(middle(&others));
    let medians = medians.map_or(String::new(), |(following, others)| {
        format!(", a mult-add in {following} ps in the median, the others in {others} ps")
    });
    let losses = pairs.iter().map(|(loss, _)| *loss).collect();
    let goes = if different(losses) < DIFFERENT { None } else { rank_correlation(&pairs) };
    let goes =
        goes.map_or_else(|| "too few losses differ for a correlation".to_owned(), correlated);
    let (n, of) = (following.len(), known.len());
    (of >= FEWEST).then(|| format!("{guideline}: {n} of {of} follow{medians}; {goes}"))
}

/// The median of the times of a mult-add; `None` where there are none.
fn middle(networks: &[Timed<'_>]) -> Option<String> {
    median_of(&mut networks.iter().map(|(ps, _)| *ps).collect::<Vec<_>>()).map(significant)
}

/// How many of the values differ.
pub(super) fn different(mut values: Vec<f64>) -> usize {
    values.sort_by(f64::total_cmp);
    values.dedup();
    values.len()
}

/// What a rank correlation with its interval says.
fn correlated((r, (low, high)): (f64, (f64, f64))) -> String {
    let goes = match (low > 0.0, high < 0.0) {
        (true, _) => "goes with less time a mult-add",
        (_, true) => "goes with more time a mult-add",
        _ => "does not show in the time of a mult-add",
    };
    let [r, low, high] = [r, low, high].map(|r| grouped(r, 2));
    format!("losing less to it {goes} (rank correlation {r}, {low} to {high})")
}

fn follows(a: &Architecture, guideline: Guideline) -> bool {
    a.axis(guideline).price_share_ci.is_some_and(|[_, high]| high < FOLLOWED)
}

/// Who follows all four.
fn in_all(networks: &[&Architecture]) -> String {
    let all = |a: &&&Architecture| Guideline::ALL.into_iter().all(|g| follows(a, g));
    let names: Vec<&str> = networks.iter().filter(all).map(|a| a.model.as_str()).collect();
    let named = names[..names.len().min(NAMED)].join(", ");
    match names.len() {
        0 => "None surely follows all four".to_owned(),
        1 => format!("{named} follows all four"),
        n if n > NAMED => format!("{named} and {} more follow all four", n - NAMED),
        _ => format!("{named} follow all four"),
    }
}

/// A network with the time of a mult-add and what it follows.
fn extreme((ps, a): Timed<'_>) -> String {
    let followed = Guideline::ALL.into_iter().filter(|g| follows(a, *g));
    let followed: Vec<&str> = followed.map(Guideline::name).collect();
    let follows = if followed.is_empty() { "none".to_owned() } else { followed.join(", ") };
    format!("{} ({} ps; follows {follows})", a.model, significant(ps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guidelines::architecture::{axis::Axis, record};

    fn axis(share: f64) -> Axis {
        Axis {
            price_share: Some(share),
            price_share_ci: Some([share - 0.01, share + 0.01]),
            ..Axis::default()
        }
    }

    /// So many networks: the i-th takes i + 1 milliseconds, obeys G2 and loses `loss(i)` to G4.
    fn networks(n: usize, loss: fn(f64) -> f64) -> Vec<Architecture> {
        let network = |i: usize| {
            let mut a = record::fixture(&format!("net{i}"));
            (a.mul_adds, a.run_ms) = (1_000_000, Some(i as f64 + 1.0));
            (a.g2.axis, a.g4.axis) = (axis(0.0), axis(loss(i as f64)));
            a
        };
        (0..n).map(network).collect()
    }

    fn message(networks: &[Architecture]) -> Option<String> {
        followers(&networks.iter().collect::<Vec<_>>())
    }

    #[test]
    fn losses_are_held_against_the_time_of_a_mult_add() {
        let dearer = message(&networks(9, |i| 0.02 * i)).unwrap();
        assert!(
            dearer.contains(
                "G2: 9 of 9 follow; too few losses differ for a correlation. G4: 2 of 9 follow, a mult-add in 1\u{202f}500 ps in \
                 the median, the others in 6\u{202f}000 ps; losing less to it goes with less \
                 time a mult-add (rank correlation 1.00, 1.00 to 1.00)."
            ),
            "{dearer}"
        );
        assert!(!dearer.contains("G1:") && !dearer.contains("G3:"), "they have no price: {dearer}");
        assert!(
            dearer.contains(
                "None surely follows all four. A mult-add takes least time in net0 (1\u{202f}000 ps; follows G2, G4), most \
                 in net8 (9\u{202f}000 ps; follows G2)."
            ),
            "{dearer}"
        );
        let cheaper = message(&networks(9, |i| 0.5 - 0.02 * i)).unwrap();
        assert!(
            cheaper.contains("goes with more time a mult-add (rank correlation −1.00"),
            "{cheaper}"
        );
        let neither = message(&networks(9, |i| (i * i * 7.0) % 11.0 / 20.0)).unwrap();
        let few = message(&networks(9, |i| (i / 4.0).floor())).unwrap();
        assert!(
            few.contains("G4: 0 of 9 follow") || few.contains("too few losses differ"),
            "{few}"
        );
        assert!(neither.contains("does not show in the time of a mult-add"), "{neither}");
    }

    #[test]
    fn few_networks_say_nothing() {
        assert_eq!(message(&networks(FEWEST - 1, |i| i)), None);
        assert!(message(&networks(FEWEST, |i| i)).is_some());
        let mut untimed = networks(FEWEST, |i| i);
        untimed[3].run_ms = None;
        assert_eq!(message(&untimed), None);
        untimed[3] = Architecture { mul_adds: 0, ..networks(1, |i| i).remove(0) };
        assert_eq!(message(&untimed), None, "what computes nothing has no time a mult-add");
        assert_eq!(message(&[]), None);
    }

    #[test]
    fn those_that_follow_all_are_named_and_many_are_counted() {
        let mut all = networks(FEWEST, |_| 0.0);
        all.iter_mut().for_each(|a| (a.g1, a.g3.axis) = (axis(0.0), axis(0.0)));
        assert!(
            message(&all).unwrap().contains(". net0, net1, net2, net3 and 4 more follow all four.")
        );
        // Whose interval is wide may lose more.
        all[2..].iter_mut().for_each(|a| a.g1.price_share_ci = Some([-0.1, 0.1]));
        assert!(message(&all).unwrap().contains(". net0, net1 follow all four."));
        all[1].g1.price_share_ci = None;
        all[7].noise = vec!["load".into()];
        let message = message(&all).unwrap();
        assert!(message.contains(". net0 follows all four."), "{message}");
        assert!(message.ends_with("Of these 8 runs 1 is NOISY."), "{message}");
    }
}
