//! How what networks lose to the guidelines goes with their years: a paragraph on the networks of one place.

use super::{
    followers::{DIFFERENT, different},
    record::Architecture,
    sentences::noisy,
};
use crate::{format::grouped, proxy::rank_correlation};
use profile::Guideline;

/// The paragraph; `None` where too few networks have years, or their years are too few.
pub fn history(place: &[&Architecture]) -> Option<String> {
    let dated: Vec<&Architecture> =
        place.iter().copied().filter(|a| a.year.is_some() && a.run_ms.is_some()).collect();
    let years = || dated.iter().filter_map(|a| a.year);
    let (first, last) = (years().min()?, years().max()?);
    let losses = Guideline::ALL.into_iter().filter_map(|guideline| {
        let goes = trend(&dated, |a| a.axis(guideline).price_share)?;
        Some(format!("what they lose to {guideline} {goes}"))
    });
    let time = trend(&dated, Architecture::mul_add_ps);
    let time = time.map(|goes| format!("the time of a mult-add {goes}"));
    let trends: Vec<String> = losses.chain(time).collect();
    (!trends.is_empty()).then(|| {
        format!(
            "{} networks of {first} to {last}: {}. Intervals are of 95 %.{}",
            dated.len(),
            trends.join("; "),
            noisy(&dated),
        )
    })
}

/// How a value goes with the year; `None` where it differs too seldom for a correlation.
fn trend(dated: &[&Architecture], value: impl Fn(&Architecture) -> Option<f64>) -> Option<String> {
    let pairs = dated.iter().filter_map(|a| Some((f64::from(a.year?), value(a)?)));
    let pairs: Vec<(f64, f64)> = pairs.collect();
    let few = |values: Vec<f64>| different(values) < DIFFERENT;
    if few(pairs.iter().map(|p| p.0).collect()) || few(pairs.iter().map(|p| p.1).collect()) {
        return None;
    }
    let (r, (low, high)) = rank_correlation(&pairs)?;
    let goes = match (low > 0.0, high < 0.0) {
        (true, _) => "grows with the year",
        (_, true) => "shrinks with the year",
        _ => "does not go with the year",
    };
    let [r, low, high] = [r, low, high].map(|r| grouped(r, 2));
    Some(format!("{goes} (rank correlation {r}, {low} to {high})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        guidelines::architecture::{axis::Axis, record},
        proxy::FEWEST,
    };

    /// So many networks, the i-th of the year 2010 + i, with `loss(i)` to G4.
    fn networks(n: usize, loss: fn(f64) -> f64) -> Vec<Architecture> {
        let network = |i: usize| {
            let mut a = record::fixture(&format!("net{i}"));
            (a.year, a.mul_adds) = (Some(2010 + i as u16), 1_000_000);
            a.g4.axis = Axis { price_share: Some(loss(i as f64)), ..Axis::default() };
            a
        };
        (0..n).map(network).collect()
    }

    fn message(networks: &[Architecture]) -> Option<String> {
        history(&networks.iter().collect::<Vec<_>>())
    }

    #[test]
    fn losses_are_held_against_the_years() {
        let grows = message(&networks(9, |i| 0.02 * i)).unwrap();
        assert_eq!(
            grows,
            "9 networks of 2010 to 2018: what they lose to G4 grows with the year (rank correlation 1.00, 1.00 to \
             1.00). Intervals are of 95 %."
        );
        let shrinks = message(&networks(9, |i| 0.5 - 0.02 * i)).unwrap();
        assert!(shrinks.contains("G4 shrinks with the year (rank correlation −1.00"), "{shrinks}");
        let neither = message(&networks(9, |i| (i * i * 7.0) % 11.0 / 20.0)).unwrap();
        assert!(neither.contains("G4 does not go with the year"), "{neither}");
    }

    #[test]
    fn few_networks_or_years_say_nothing() {
        assert_eq!(message(&networks(FEWEST - 1, |i| i)), None);
        assert_eq!(message(&networks(9, |_| 0.1)), None, "no loss differs");
        let mut alike = networks(9, |i| i);
        alike.iter_mut().for_each(|a| a.year = Some(2017));
        assert_eq!(message(&alike), None);
        alike.iter_mut().for_each(|a| a.year = None);
        assert_eq!(message(&alike), None);
        assert_eq!(message(&[]), None);
    }
}
