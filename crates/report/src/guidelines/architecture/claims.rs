//! What papers claim of their networks, held against what was measured at one place.

use super::{record::Architecture, sentences::noisy};
use crate::{
    format::{count, grouped, percent},
    guidelines::verdict::LEAST_REPEATABILITY,
};
use profile::Guideline;

/// A claim of a paper.
struct Claim {
    /// What it says, after "The claim that".
    says: &'static str,
    /// What decides it.
    evidence: Evidence,
}

/// Networks that are compared, and what of them. A family is how the names of its networks begin.
enum Evidence {
    /// A family loses less to every guideline than its rivals.
    Losses { own: &'static str, rivals: &'static [&'static str] },
    /// A family takes less time a mult-add than its rivals.
    Rates { own: &'static str, rivals: &'static [&'static str] },
    /// A family's networks take less time as they are deployed than as they are trained.
    Deployed { family: &'static str },
}

const CLAIMS: [Claim; 4] = [
    // Ma et al. 2018, arXiv 1807.11164.
    Claim {
        says: "ShuffleNetV2 obeys all four guidelines better than ShuffleNetV1 and MobileNetV2",
        evidence: Evidence::Losses {
            own: "shufflenet_v2",
            rivals: &["shufflenet_v1", "mobilenet_v2"],
        },
    },
    // Chen et al. 2023, arXiv 2303.03667.
    Claim {
        says: "FasterNet, with partial convolutions, does more FLOPs a second than MobileNetV2, \
               ShuffleNetV2 and GhostNet with depthwise ones",
        evidence: Evidence::Rates {
            own: "fasternet",
            rivals: &["mobilenet_v2", "shufflenet_v2", "ghostnet"],
        },
    },
    // Ding et al. 2021, arXiv 2101.03697.
    Claim {
        says: "RepVGG runs faster deployed, with its branches merged, than as it is trained",
        evidence: Evidence::Deployed { family: "repvgg" },
    },
    // Vasu et al. 2022, arXiv 2206.04040.
    Claim {
        says: "MobileOne runs faster deployed, with its branches merged, than as it is trained",
        evidence: Evidence::Deployed { family: "mobileone" },
    },
];

/// Guidelines that merging branches can obey.
const MERGING: [Guideline; 3] = [Guideline::G2, Guideline::G3, Guideline::G4];

/// What the networks of one place say for or against a claim.
struct Found<'a> {
    orders: Vec<Order>,
    message: String,
    networks: Vec<&'a Architecture>,
}

/// A sentence or two for each claim whose networks were measured.
pub fn claims(place: &[&Architecture]) -> Vec<String> {
    CLAIMS.iter().filter_map(|claim| claim.judged(place)).collect()
}

impl Claim {
    fn judged(&self, place: &[&Architecture]) -> Option<String> {
        let Found { orders, message, networks } = match self.evidence {
            Evidence::Losses { own, rivals } => losses(place, own, rivals)?,
            Evidence::Rates { own, rivals } => rates(place, own, rivals)?,
            Evidence::Deployed { family } => deployed(place, family)?,
        };
        Some(format!(
            "The claim that {} {}. {message}.{}",
            self.says,
            truth(&orders),
            noisy(&networks)
        ))
    }
}

/// A claim is true where everything is less than it is elsewhere.
fn truth(orders: &[Order]) -> &'static str {
    if orders.iter().all(|order| *order == Order::Less) {
        "is true here"
    } else if orders.contains(&Order::More) {
        "is not true here"
    } else {
        "is not shown here"
    }
}

fn losses<'a>(place: &[&'a Architecture], own: &str, rivals: &[&str]) -> Option<Found<'a>> {
    let own = family(place, own).min_by_key(|a| a.model.len())?;
    let rivals = nearest(place, own, rivals)?;
    let mut orders = Vec::new();
    let against = rivals.iter().map(|rival| {
        let each = Guideline::ALL.map(|guideline| {
            let interval = |a: &Architecture| a.axis(guideline).price_share_ci;
            let order = Order::of(interval(own), interval(rival));
            orders.push(order);
            let share =
                |a: &Architecture| a.axis(guideline).price_share.map_or("?".into(), percent);
            format!("{guideline} {} against {} ({})", share(own), share(rival), order.words())
        });
        format!("{} ({} mult-adds): {}", rival.model, count(rival.mul_adds), each.join(", "))
    });
    let against = against.collect::<Vec<_>>().join("; against ");
    let own_count = count(own.mul_adds);
    let message =
        format!("{} ({own_count} mult-adds) loses of its run, against {against}", own.model);
    Some(Found { orders, message, networks: [&[own], rivals.as_slice()].concat() })
}

fn rates<'a>(place: &[&'a Architecture], own: &str, rivals: &[&str]) -> Option<Found<'a>> {
    let own = family(place, own).min_by_key(|a| a.mul_adds)?;
    let rivals = nearest(place, own, rivals)?;
    let mut orders = Vec::new();
    let against = rivals.iter().map(|rival| {
        let work = own.mul_adds as f64 / rival.mul_adds as f64;
        let ratio = Ratio::of_runs(own, rival).map(|ratio| ratio.over(work));
        let order = Ratio::order(ratio);
        orders.push(order);
        let times = Ratio::words(ratio);
        format!(
            "{times} times as long as one of {} ({}; {})",
            rival.model,
            order.words(),
            run(rival)
        )
    });
    let against = against.collect::<Vec<_>>().join(", ");
    let message = format!(
        "A mult-add of {} ({}) takes {against}{}",
        own.model,
        run(own),
        cheaper(own, &rivals)
    );
    Some(Found { orders, message, networks: [&[own], rivals.as_slice()].concat() })
}

/// How many of the rivals that have fewer mult-adds run in less time; nothing where none has fewer.
fn cheaper(own: &Architecture, rivals: &[&Architecture]) -> String {
    let cheaper = || rivals.iter().filter(|rival| rival.mul_adds < own.mul_adds);
    let faster = cheaper().filter(|rival| Ratio::order(Ratio::of_runs(rival, own)) == Order::Less);
    match (cheaper().count(), faster.count()) {
        (0, _) => String::new(),
        (n, faster) => {
            format!(". Of the {n} rivals with fewer mult-adds, {faster} surely run in less time")
        }
    }
}

fn deployed<'a>(place: &[&'a Architecture], name: &str) -> Option<Found<'a>> {
    let (deployed, trained): (Vec<_>, Vec<_>) =
        family(place, name).partition(|a| words(&a.model).any(|word| word == "deploy"));
    let pairs: Vec<[&Architecture; 2]> = deployed
        .into_iter()
        .filter_map(|own| Some([own, *trained.iter().find(|a| is_form_of(a, own))?]))
        .collect();
    let ratios: Vec<_> = pairs.iter().map(|[own, trained]| Ratio::of_runs(own, trained)).collect();
    let message = pairs.iter().zip(&ratios).map(|(&[own, trained], &ratio)| {
        format!(
            "{} ({}) takes {} times as long as {} ({}; {}); {}",
            own.model,
            run(own),
            Ratio::words(ratio),
            trained.model,
            Ratio::order(ratio).words(),
            run(trained),
            explained(own, trained),
        )
    });
    let message = message.collect::<Vec<_>>().join(". ");
    let orders = ratios.iter().map(|&ratio| Ratio::order(ratio)).collect();
    (!pairs.is_empty()).then(|| Found { orders, message, networks: pairs.concat() })
}

/// What of the difference of two forms' times the guidelines account for.
fn explained(own: &Architecture, trained: &Architecture) -> String {
    let each = MERGING.map(|guideline| format!("{guideline} {}", changed(guideline, own, trained)));
    let ms = own.run_ms.zip(trained.run_ms).map_or("?".into(), |(a, b)| grouped(a - b, 2));
    format!("of the difference, {ms} ms, the guidelines explain {} ms", each.join(", "))
}

/// By how many milliseconds the price of a network differs from that of another. A network whose branches
/// cannot be merged at equal mult-adds has no price of G3: then by what it spends in the guideline's way.
fn changed(guideline: Guideline, own: &Architecture, other: &Architecture) -> String {
    let [a, b] = [own, other].map(|network| network.axis(guideline));
    if let Some((price, from)) = a.price_ms.zip(b.price_ms) {
        let ends = a.price_ms_ci.zip(b.price_ms_ci);
        let ends = ends.map(|([low, high], [from, to])| [low - to, high - from]);
        return grouped(price - from, 2) + &ends.map_or(String::new(), in_brackets);
    }
    let spent =
        |network: &Architecture| Some(network.axis(guideline).time_share? * network.run_ms?);
    let ms = spent(own).zip(spent(other)).map(|(a, b)| grouped(a - b, 2));
    ms.map_or("?".into(), |ms| format!("{ms} (by its share of the time, for want of a price)"))
}

/// Mult-adds and time of a run.
fn run(a: &Architecture) -> String {
    let ms = a.run_ms.map_or("?".into(), |ms| grouped(ms, 2));
    format!("{} mult-adds, {ms} ms", count(a.mul_adds))
}

/// The networks of a family that gates and shortcuts did not change.
fn family<'a>(place: &[&'a Architecture], name: &str) -> impl Iterator<Item = &'a Architecture> {
    place.iter().copied().filter(move |a| {
        let rest = a.model.strip_prefix(name).filter(|r| !r.starts_with(char::is_alphanumeric));
        rest.is_some_and(|rest| words(rest).all(|word| !["se", "residual"].contains(&word)))
    })
}

/// Of each family the network whose mult-adds are nearest to `own`'s; `None` where one has none.
fn nearest<'a>(
    place: &[&'a Architecture],
    own: &Architecture,
    families: &[&str],
) -> Option<Vec<&'a Architecture>> {
    let distance = |a: &&Architecture| (a.mul_adds as f64 / own.mul_adds as f64).ln().abs();
    let of = |name: &&str| family(place, name).min_by(|a, b| distance(a).total_cmp(&distance(b)));
    families.iter().map(of).collect()
}

/// Whether two names say the same but for the form in which a network is drawn.
fn is_form_of(a: &Architecture, b: &Architecture) -> bool {
    let rest = |a| words(a).filter(|word| !["form", "train", "deploy"].contains(word));
    rest(&a.model).eq(rest(&b.model))
}

/// The words of a network's name: `_se_residual` and `(se=true)` have `se` among them, `(classes=10)` has
/// not.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// A time over another.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ratio {
    value: f64,
    /// Its 95 % interval; `None` where it is not known.
    interval: Option<[f64; 2]>,
}

impl Ratio {
    /// A network's run over another's. The interval is as wide as both runs' allow, and wider by what two
    /// sessions of one network differ by; noisy runs have none.
    fn of_runs(own: &Architecture, other: &Architecture) -> Option<Self> {
        let value = own.run_ms? / other.run_ms.filter(|&ms| ms > 0.0)?;
        let quiet = own.noise.is_empty() && other.noise.is_empty();
        let ends = own.run_ms_ci.zip(other.run_ms_ci).filter(|(_, [low, _])| quiet && *low > 0.0);
        let interval = ends.map(|([low, high], [from, to])| {
            [low / to / LEAST_REPEATABILITY, high / from * LEAST_REPEATABILITY]
        });
        Some(Self { value, interval })
    }

    fn over(self, by: f64) -> Self {
        Self { value: self.value / by, interval: self.interval.map(|ci| ci.map(|end| end / by)) }
    }

    fn order(ratio: Option<Self>) -> Order {
        Order::of(ratio.and_then(|ratio| ratio.interval), Some([1.0, 1.0]))
    }

    /// `0.62 (0.60 to 0.64)`.
    fn words(ratio: Option<Self>) -> String {
        let ends = |ratio: Self| ratio.interval.map_or(String::new(), in_brackets);
        ratio.map_or("?".into(), |ratio| grouped(ratio.value, 2) + &ends(ratio))
    }
}

/// ` (0.60 to 0.64)`; nothing where both ends are the same.
fn in_brackets([low, high]: [f64; 2]) -> String {
    if low < high {
        format!(" ({} to {})", grouped(low, 2), grouped(high, 2))
    } else {
        String::new()
    }
}

/// How a figure of one network lies to that of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Less,
    More,
    Same,
    NotToldApart,
    Unknown,
}

impl Order {
    /// By the two intervals.
    fn of(own: Option<[f64; 2]>, rival: Option<[f64; 2]>) -> Self {
        match own.zip(rival) {
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
    use crate::{
        fixture,
        guidelines::architecture::{axis::Axis, record},
        measurements::Measurements,
    };

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

    /// A network that runs for so many milliseconds, within 1 %.
    fn taking(model: &str, mul_adds: u64, ms: f64) -> Architecture {
        Architecture {
            run_ms: Some(ms),
            run_ms_ci: Some([ms * 0.99, ms * 1.01]),
            mul_adds,
            ..record::fixture(model)
        }
    }

    /// The only claim that `place` says something of.
    fn claim(place: &[&Architecture]) -> Option<String> {
        let mut message = claims(place);
        assert!(message.len() < 2, "{message:?}");
        message.pop()
    }

    #[test]
    fn a_claim_of_losses_is_true_not_true_or_not_shown() {
        let v2 = architecture("shufflenet_v2", 146, [0.0, 0.0, 0.02, 0.1]);
        let v1 = architecture("shufflenet_v1(groups=3)", 140, [0.1, 0.2, 0.05, 0.2]);
        let mobile = architecture("mobilenet_v2", 300, [0.1, 0.03, 0.05, 0.3]);
        let far = architecture("mobilenet_v2(width=2)", 3000, [0.0; 4]);
        let gated = architecture("shufflenet_v2_se", 146, [0.9; 4]);
        let message = claim(&[&gated, &far, &v2, &v1, &mobile]).unwrap();
        assert!(message.contains("is true here"), "{message}");
        assert!(message.contains("G1 0.0 % against 10.0 % (less)"), "{message}");
        assert!(message.contains("mobilenet_v2 (300 mult-adds)"), "{message}");
        let worse = architecture("mobilenet_v2", 300, [0.1, 0.03, 0.0, 0.3]);
        assert!(claim(&[&v2, &v1, &worse]).unwrap().contains("is not shown here"));
        let better = architecture("mobilenet_v2", 300, [0.1, 0.03, -0.03, 0.3]);
        let message = claim(&[&v2, &v1, &better]).unwrap();
        assert!(message.contains("is not true here") && message.contains("(more)"), "{message}");
        assert_eq!(claim(&[&v2, &v1]), None);
    }

    #[test]
    fn a_claim_of_rates_is_true_not_true_or_not_shown() {
        // Nanoseconds a mult-add: 10; 20, 20 and 40.
        let fast = taking("fasternet_t2", 1_000_000, 10.0);
        let large = taking("fasternet_s", 4_000_000, 400.0);
        let mobile = taking("mobilenet_v2", 300_000, 6.0);
        let shuffle = taking("shufflenet_v2", 150_000, 3.0);
        let ghost = taking("ghostnet_100", 300_000, 12.0);
        let message = claim(&[&large, &fast, &mobile, &shuffle, &ghost]).unwrap();
        assert!(
            message.contains("depthwise ones is true here. A mult-add of fasternet_t2 (1.0 M mult-adds, 10.00 ms)"),
            "{message}"
        );
        assert!(
            message.contains(
                "0.50 (0.49 to 0.52) times as long as one of mobilenet_v2 (less; 300.0 k mult-adds, 6.00 ms)"
            ),
            "{message}"
        );
        assert!(
            message.ends_with("Of the 3 rivals with fewer mult-adds, 2 surely run in less time."),
            "{message}"
        );

        let dense = taking("ghostnet_100", 300_000, 2.0);
        let message = claim(&[&fast, &mobile, &shuffle, &dense]).unwrap();
        assert!(
            message.contains("is not true here") && message.contains("one of ghostnet_100 (more;"),
            "{message}"
        );
        let close = taking("ghostnet_100", 300_000, 3.05);
        let message = claim(&[&fast, &mobile, &shuffle, &close]).unwrap();
        assert!(
            message.contains("is not shown here") && message.contains("(not told apart;"),
            "{message}"
        );
        assert_eq!(claim(&[&fast, &mobile, &shuffle]), None);
    }

    #[test]
    fn what_was_not_timed_or_was_noisy_is_not_known() {
        let trained = taking("repvgg_a0", 110, 20.0);
        let deployed = taking("repvgg_a0_deploy", 100, 10.0);
        let untimed = Architecture { run_ms: None, run_ms_ci: None, ..trained.clone() };
        let message = claim(&[&untimed, &deployed]).unwrap();
        assert!(
            message.contains("is not shown here") && message.contains("takes ? times as long"),
            "{message}"
        );
        assert!(message.contains("(not known; 110 mult-adds, ? ms)"), "{message}");
        let noisy = Architecture { noise: vec!["load".into()], ..trained.clone() };
        let message = claim(&[&noisy, &deployed]).unwrap();
        assert!(message.contains("takes 0.50 times as long as repvgg_a0 (not known;"), "{message}");
        assert!(message.ends_with("Of these 2 runs 1 is NOISY."), "{message}");
        let short = Architecture { run_ms_ci: None, ..trained };
        assert!(claim(&[&short, &deployed]).unwrap().contains("is not shown here"));
        let stopped = taking("repvgg_a0", 110, 0.0);
        assert!(claim(&[&stopped, &deployed]).unwrap().contains("is not shown here"));
    }

    #[test]
    fn a_deployed_network_is_held_against_itself_as_trained() {
        let mut trained = taking("mobileone_s0", 110, 20.0);
        let mut deployed = taking("mobileone_s0_deploy", 100, 10.0);
        let price = |ms: f64| Axis {
            price_ms: Some(ms),
            price_ms_ci: Some([ms - 0.25, ms + 0.25]),
            ..Axis::default()
        };
        (trained.g4.axis, deployed.g4.axis) = (price(5.0), price(1.0));
        let share = |share| Axis { time_share: Some(share), ..Axis::default() };
        (trained.g3.axis, deployed.g3.axis) = (share(0.2), share(0.1));
        let other = taking("mobileone_s1", 300, 1.0);
        let message = claim(&[&deployed, &other, &trained]).unwrap();
        assert_eq!(
            message,
            "The claim that MobileOne runs faster deployed, with its branches merged, than as it is trained is true \
             here. mobileone_s0_deploy (100 mult-adds, 10.00 ms) takes 0.50 (0.49 to 0.52) times as long as \
             mobileone_s0 (less; 110 mult-adds, 20.00 ms); of the difference, −10.00 ms, the guidelines explain G2 ?, \
             G3 −3.00 (by its share of the time, for want of a price), G4 −4.00 (−4.50 to −3.50) ms."
        );
        // Every pair must agree.
        let slower = taking("mobileone_s1_deploy", 300, 1.5);
        let message = claim(&[&deployed, &other, &trained, &slower]).unwrap();
        assert!(
            message.contains("is not true here") && message.contains("mobileone_s1 (more;"),
            "{message}"
        );
        assert_eq!(claim(&[&deployed, &other]), None, "another size is another network");
    }

    #[test]
    fn profiles_decide_a_claim() {
        let claim_of = |place: fn() -> (profile::Device, fixture::Speed)| {
            let mut profiles = fixture::compared("repvgg_<b>", place());
            let deployed = fixture::compared("repvgg_<b>_deploy", place());
            profiles.extend(deployed.into_iter().map(|mut profile| {
                profile.whole_ns.iter_mut().for_each(|ns| *ns /= 2);
                profile
            }));
            let found = record::architectures(Measurements::of(&profiles).all()).0;
            claim(&found.iter().collect::<Vec<_>>()).unwrap()
        };
        let message = claim_of(fixture::core);
        assert!(message.contains("is true here. repvgg_<b>_deploy ("), "{message}");
        assert!(
            message.contains("takes 0.50 (0.4") && message.contains("G2 0.00, G3 "),
            "{message}"
        );
        let emulated = claim_of(fixture::emulated);
        assert!(
            emulated.contains("is not shown here") && emulated.contains("G4 ? ms"),
            "{emulated}"
        );
    }

    #[test]
    fn forms_are_told_by_words_of_the_name() {
        let pair = |trained: &str, deployed: &str| {
            claim(&[&taking(trained, 1, 2.0), &taking(deployed, 1, 1.0)]).is_some()
        };
        assert!(pair("repvgg(width=0.75)", "repvgg(width=0.75,form=deploy)"));
        assert!(pair("repvgg(form=train)", "repvgg(form=deploy)"));
        assert!(!pair("repvgg(width=0.75)", "repvgg(width=0.5,form=deploy)"));
        assert!(!pair("repvgg_a0", "repvgg_a0_deployed"));
        assert!(!pair("repvggish", "repvggish_deploy"), "another family");
        assert!(!pair("repvgg_deploy", "repvgg_deploy"));
        assert!(
            pair("repvgg_<b>\u{202e}", "repvgg_<b>\u{202e}_deploy"),
            "a name may have any character"
        );
        assert!(!pair("", "_deploy"));
    }

    #[test]
    fn names_have_words() {
        let words = |name| words(name).collect::<Vec<_>>();
        assert_eq!(words("_se_residual"), ["se", "residual"]);
        assert_eq!(words("(classes=10,se=true)"), ["classes", "10", "se", "true"]);
        assert_eq!(words(""), [""; 0]);
    }
}
