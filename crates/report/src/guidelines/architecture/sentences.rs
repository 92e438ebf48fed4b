//! What architectures show, in sentences that follow from the numbers.

use super::{record::Architecture, tables::price};
use crate::{
    format::{grouped, percent},
    guidelines::tables::statement,
};
use profile::{Guideline, Level};
use stats::median;
use std::collections::HashMap;

/// One sentence a guideline: what the networks of one place lose to it, and which loses most, where its
/// interval says so. Guidelines without a price are left out.
pub fn losses(place: &[&Architecture]) -> Vec<String> {
    Guideline::ALL.into_iter().filter_map(|guideline| loss(place, guideline)).collect()
}

fn loss(place: &[&Architecture], guideline: Guideline) -> Option<String> {
    let price = |a: &Architecture| a.axis(guideline).price_share;
    let mut priced: Vec<(f64, &Architecture)> =
        place.iter().filter_map(|&a| Some((price(a)?, a))).collect();
    priced.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (shares, priced): (Vec<f64>, Vec<&Architecture>) = priced.into_iter().unzip();
    let (&least, &most) = (shares.first()?, shares.last()?);
    let message = match priced.as_slice() {
        [only] if most < 0.0 => format!("{} gains {} of its run", only.model, percent(-most)),
        [only] => format!("{} loses {} of its run", only.model, percent(most)),
        all => format!(
            "the {} networks lose {} to {} of their run{}, {} in the median; {}",
            all.len(),
            percent(least),
            percent(most),
            if least < 0.0 { " (below 0 they gain)" } else { "" },
            percent(median(&shares)?),
            loser(all, guideline),
        ),
    };
    Some(format!("{guideline} ({}): {message}.{}", statement(guideline), noisy(&priced)))
}

/// Which of several networks, in the order of their prices, loses most, where intervals tell.
fn loser(priced: &[&Architecture], guideline: Guideline) -> String {
    let interval = |a: &&Architecture| a.axis(guideline).price_share_ci;
    let [others @ .., last] = priced else { return String::new() };
    let next = others.iter().map(|a| interval(a).map_or(f64::INFINITY, |ci| ci[1]));
    let next = next.fold(f64::NEG_INFINITY, f64::max);
    let surest = priced.iter().filter_map(interval).map(|ci| ci[0]).fold(0.0, f64::max);
    match interval(last) {
        Some([low, _]) if low > next.max(0.0) => format!("{} loses most", last.model),
        _ if surest > 0.0 => "intervals do not tell which loses most".to_owned(),
        _ => "no interval shows a loss".to_owned(),
    }
}

/// What fusing takes away of G4: a sentence for each network that was measured at one place at
/// levels folded and fused.
pub fn fusing<'a>(found: &'a [Architecture]) -> Vec<String> {
    let at = |level: Level| found.iter().filter(move |a| a.level == level);
    let which =
        |a: &'a Architecture| (a.model.as_str(), a.measured_at(), a.apart.input, a.apart.seed);
    let mut fused: HashMap<_, Vec<&Architecture>> = HashMap::new();
    at(Level::Fused).for_each(|a| fused.entry(which(a)).or_default().push(a));
    let sentence = |folded: &'a Architecture, fused: &Architecture| {
        let run = |a: &Architecture| a.run_ms.map(|ms| format!("{} ms", grouped(ms, 2)));
        Some(format!(
            "{}: of {} at level folded, {} % go to element-wise operators; of {} at level {}, {} % do.",
            folded.apart.behind(format!("{} on {}", folded.model, folded.place)),
            run(folded)?,
            price(&folded.g4.axis),
            run(fused)?,
            fused.apart.lowering(fused.level),
            price(&fused.g4.axis),
        ))
    };
    let pairs = |folded| {
        let fused = fused.get(&which(folded)).into_iter().flatten();
        fused.filter_map(move |fused| sentence(folded, fused))
    };
    at(Level::Folded).flat_map(pairs).collect()
}

/// How much of what was said stands on noisy runs; nothing where none does.
pub(super) fn noisy(place: &[&Architecture]) -> String {
    match place.iter().filter(|a| !a.noise.is_empty()).count() {
        0 => String::new(),
        1 if place.len() == 1 => " This run is NOISY.".to_owned(),
        n if n == place.len() => " All these runs are NOISY.".to_owned(),
        1 => format!(" Of these {} runs 1 is NOISY.", place.len()),
        n => format!(" Of these {} runs {n} are NOISY.", place.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guidelines::architecture::{axis::Axis, record};

    fn architecture(model: &str, mul_adds: u64, shares: [f64; 4]) -> Architecture {
        let [g1, g2, g3, g4] = shares.map(|share| Axis {
            price_share: Some(share),
            price_share_ci: Some([share - 0.01, share + 0.01]),
            ..Axis::default()
        });
        let mut a = Architecture { g1, ..record::fixture(model) };
        (a.mul_adds, a.g2.axis, a.g3.axis, a.g4.axis) = (mul_adds, g2, g3, g4);
        a
    }

    #[test]
    fn fusing_is_told_of_networks_that_were_measured_both_ways() {
        let folded = architecture("a", 1, [0.0, 0.0, 0.0, 0.15]);
        let alone = architecture("b", 1, [0.0, 0.0, 0.0, 0.2]);
        let fused = Architecture {
            level: Level::Fused,
            run_ms: Some(0.5),
            ..architecture("a", 1, [0.0, 0.0, 0.0, 0.03])
        };
        let message = fusing(&[folded, alone, fused]);
        assert_eq!(message.len(), 1, "{message:?}");
        let words = "of 1.00 ms at level folded, 15.0 (14.0 to 16.0) % go to element-wise operators; \
                     of 0.50 ms at level fused, 3.0 (2.0 to 4.0) % do.";
        assert!(message[0].ends_with(words), "{message:?}");
    }

    #[test]
    fn nobody_loses_most_whose_interval_does_not_say_so() {
        let a = architecture("a", 1, [0.04, -0.1, 0.005, 0.0]);
        let b = architecture("b", 1, [0.05, 0.0, 0.0, 0.3]);
        let mut message = losses(&[&a, &b]);
        for (message, end) in message.iter().zip([
            "4.5 % in the median; intervals do not tell which loses most.",
            "lose −10.0 % to 0.0 % of their run (below 0 they gain), −5.0 % in the median; no interval shows a \
             loss.",
            "no interval shows a loss.",
            "b loses most.",
        ]) {
            assert!(message.ends_with(end), "{message}");
        }
        // The largest may be none, the next one is sure.
        let wide = Axis { price_share_ci: Some([-0.01, 0.11]), ..b.g1.clone() };
        let unsure = Architecture { g1: wide, ..b.clone() };
        assert!(losses(&[&a, &unsure])[0].ends_with("; intervals do not tell which loses most."));
        let noisy = Architecture { noise: vec!["load".into()], ..b };
        assert!(losses(&[&noisy])[3].ends_with("of its run. This run is NOISY."));
        message = losses(&[&a, &noisy]);
        assert!(
            message[3].ends_with("b loses most. Of these 2 runs 1 is NOISY."),
            "{}",
            message[3]
        );
        assert!(losses(&[&a])[1].ends_with("a gains 10.0 % of its run."));
    }

    #[test]
    fn losses_say_the_range_and_the_loser() {
        let a = architecture("a", 1, [0.0, 0.1, 0.2, 0.3]);
        let b = architecture("b", 1, [0.04, 0.0, 0.0, 0.0]);
        let message = losses(&[&a, &b]);
        assert_eq!(message.len(), 4);
        assert!(
            message[0].contains("0.0 % to 4.0 % of their run, 2.0 % in the median; b loses most")
        );
        assert!(losses(&[&a])[3].contains("a loses 30.0 % of its run"));
        assert!(losses(&[]).is_empty());
    }
}
