//! What architectures show, in sentences that follow from the numbers.

use super::{Architecture, tables::price};
use crate::{
    format::{count, grouped, percent},
    guidelines::tables::says,
    stats::median,
};
use profile::{Guideline, Level};

/// One sentence a guideline: what the networks of one place lose to it, and which loses most.
/// Guidelines without a price are left out.
pub fn losses(place: &[&Architecture]) -> Vec<String> {
    Guideline::ALL.into_iter().filter_map(|guideline| loss(place, guideline)).collect()
}

fn loss(place: &[&Architecture], guideline: Guideline) -> Option<String> {
    let mut priced: Vec<(f64, &str)> = place
        .iter()
        .filter_map(|a| Some((a.axis(guideline).price_share?, a.model.as_str())))
        .collect();
    priced.sort_by(|a, b| a.0.total_cmp(&b.0));
    let shares: Vec<f64> = priced.iter().map(|p| p.0).collect();
    let (&(least, _), &(most, loser)) = (priced.first()?, priced.last()?);
    let what = format!("{guideline} ({})", says(guideline));
    Some(match priced.len() {
        1 => format!("{what}: {loser} loses {} of its run.", percent(most)),
        n => format!(
            "{what}: the {n} networks lose {} to {} of their run, {} in the median; {loser} loses \
             most.",
            percent(least),
            percent(most),
            percent(median(&shares)?),
        ),
    })
}

/// What fusing takes away of G4: a sentence for each network that was measured at one place at
/// levels folded and fused.
pub fn fusing(found: &[Architecture]) -> Vec<String> {
    let at = |level: Level| found.iter().filter(move |a| a.level == level);
    let sentence = |folded: &Architecture| {
        let same = |a: &&Architecture| {
            (&a.model, &a.place, a.batch) == (&folded.model, &folded.place, folded.batch)
        };
        let fused = at(Level::Fused).find(same)?;
        let run = |a: &Architecture| a.run_ms.map(|ms| format!("{} ms", grouped(ms, 2)));
        Some(format!(
            "{} on {}: of {} at level folded, {} % go to element-wise operators; of {} at level \
             fused, {} % do.",
            folded.model,
            folded.place,
            run(folded)?,
            price(&folded.g4.axis),
            run(fused)?,
            price(&fused.g4.axis),
        ))
    };
    at(Level::Folded).filter_map(sentence).collect()
}

/// The claim that ShuffleNetV2 obeys all four guidelines better than its rivals, held against what
/// each of them loses; `None` where one of them was not measured.
pub fn claim(place: &[&Architecture]) -> Option<String> {
    let family = |name: &'static str| {
        place.iter().copied().filter(move |a| {
            let rest = a.model.strip_prefix(name);
            rest.is_some_and(|rest| !rest.contains("se") && !rest.contains("residual"))
        })
    };
    let own = family("shufflenet_v2").min_by_key(|a| a.model.len())?;
    let distance = |a: &&Architecture| (a.mul_adds as f64 / own.mul_adds as f64).ln().abs();
    let nearest = |name| family(name).min_by(|a, b| distance(a).total_cmp(&distance(b)));
    let rivals = [nearest("shufflenet_v1")?, nearest("mobilenet_v2")?];
    let mut orders = Vec::new();
    let against = rivals.map(|rival| {
        let each = Guideline::ALL.map(|guideline| {
            let order = Order::of(own, rival, guideline);
            orders.push(order);
            let share =
                |a: &Architecture| a.axis(guideline).price_share.map_or("?".into(), percent);
            format!("{guideline} {} against {} ({})", share(own), share(rival), order.words())
        });
        format!("{} ({} mult-adds): {}", rival.model, count(rival.mul_adds), each.join(", "))
    });
    let truth = if orders.iter().all(|o| *o == Order::Less) {
        "is true here"
    } else if orders.contains(&Order::More) {
        "is not true here"
    } else {
        "is not shown here"
    };
    Some(format!(
        "The claim that ShuffleNetV2 obeys all four guidelines better than ShuffleNetV1 and \
         MobileNetV2 {truth}. {} ({} mult-adds) loses of its run, against {}.",
        own.model,
        count(own.mul_adds),
        against.join("; against "),
    ))
}

/// How two networks' prices compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Less,
    More,
    Same,
    NotToldApart,
    Unknown,
}

impl Order {
    fn of(own: &Architecture, rival: &Architecture, guideline: Guideline) -> Self {
        let interval = |a: &Architecture| a.axis(guideline).price_share_ci;
        match interval(own).zip(interval(rival)) {
            None => Self::Unknown,
            Some((own, rival)) if own == rival => Self::Same,
            Some(([_, high], [low, _])) if high < low => Self::Less,
            Some(([low, _], [_, high])) if low > high => Self::More,
            Some(_) => Self::NotToldApart,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Less => "less",
            Self::More => "more",
            Self::Same => "the same",
            Self::NotToldApart => "not told apart",
            Self::Unknown => "not known",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guidelines::architecture::Axis;

    fn architecture(model: &str, mul_adds: u64, shares: [f64; 4]) -> Architecture {
        let [g1, g2, g3, g4] = shares.map(|share| Axis {
            price_share: Some(share),
            price_share_ci: Some([share - 0.01, share + 0.01]),
            ..Axis::default()
        });
        let mut a = Architecture { g1, ..super::super::fixture(model) };
        (a.mul_adds, a.g2.axis, a.g3.axis, a.g4.axis) = (mul_adds, g2, g3, g4);
        a
    }

    #[test]
    fn a_claim_is_true_not_true_or_not_shown() {
        let v2 = architecture("shufflenet_v2", 146, [0.0, 0.0, 0.02, 0.1]);
        let v1 = architecture("shufflenet_v1(groups=3)", 140, [0.1, 0.2, 0.05, 0.2]);
        let mobile = architecture("mobilenet_v2", 300, [0.1, 0.03, 0.05, 0.3]);
        let far = architecture("mobilenet_v2(width=2)", 3000, [0.0; 4]);
        let gated = architecture("shufflenet_v2_se", 146, [0.9; 4]);
        let said = claim(&[&gated, &far, &v2, &v1, &mobile]).unwrap();
        assert!(said.contains("is true here"), "{said}");
        assert!(said.contains("G1 0.0 % against 10.0 % (less)"), "{said}");
        assert!(said.contains("mobilenet_v2 (300 mult-adds)"), "{said}");
        let worse = architecture("mobilenet_v2", 300, [0.1, 0.03, 0.0, 0.3]);
        assert!(claim(&[&v2, &v1, &worse]).unwrap().contains("is not shown here"));
        let better = architecture("mobilenet_v2", 300, [0.1, 0.03, -0.03, 0.3]);
        let said = claim(&[&v2, &v1, &better]).unwrap();
        assert!(said.contains("is not true here") && said.contains("(more)"), "{said}");
        assert_eq!(claim(&[&v2, &v1]), None);
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
        let said = fusing(&[folded, alone, fused]);
        assert_eq!(said.len(), 1, "{said:?}");
        let words = "of 1.00 ms at level folded, 15.0 (14.0 to 16.0) % go to element-wise operators; \
                     of 0.50 ms at level fused, 3.0 (2.0 to 4.0) % do.";
        assert!(said[0].ends_with(words), "{said:?}");
    }

    #[test]
    fn losses_say_the_range_and_the_loser() {
        let a = architecture("a", 1, [0.0, 0.1, 0.2, 0.3]);
        let b = architecture("b", 1, [0.04, 0.0, 0.0, 0.0]);
        let said = losses(&[&a, &b]);
        assert_eq!(said.len(), 4);
        assert!(said[0].contains("0.0 % to 4.0 % of their run, 2.0 % in the median; b loses most"));
        assert!(losses(&[&a])[3].contains("a loses 30.0 % of its run"));
        assert!(losses(&[]).is_empty());
    }
}
