//! One network on one device in one sentence each: what takes the time, what binds it, what guidelines cost it.

use crate::{
    analysis::{Analysis, BoundSum, measured, timed},
    format::{duration, grouped, percent},
    guidelines::architecture::record::Architecture,
    sentences::EMULATED,
};
use profile::{BAND, Guideline, Level, Machine};
use std::collections::HashMap;

/// The least share of time for which a class is named.
const NAMED: f64 = 0.10;

/// What networks pay to guidelines, by network and place.
#[derive(Debug, Default)]
pub struct Prices<'a>(HashMap<Key<'a>, &'a Architecture>);

/// A network at a level on a place, with a batch size.
type Key<'a> = (&'a str, String, &'a Machine, Level, usize);

impl<'a> Prices<'a> {
    /// Those that were `found`; of several of one network at one place the last.
    pub fn among(found: &'a [Architecture]) -> Self {
        let key = |a: &'a Architecture| (&*a.model, a.place.clone(), &a.machine, a.level, a.batch);
        Self(found.iter().filter(|a| !a.modelled).map(|a| (key(a), a)).collect())
    }

    /// What the network of `a` pays where it ran, at the level at which it did; `None` where that was not measured.
    pub fn of(&self, a: &Analysis) -> Option<&'a Architecture> {
        let p = &a.profile;
        self.0.get(&(&*p.model, a.place(), &p.machine, p.level, p.batch)).copied()
    }
}

/// The answer in one paragraph.
pub fn sentence(a: &Analysis, price: Option<&Architecture>) -> String {
    let place = a.place();
    if !timed(&a.profile) {
        return format!("On {place}: {EMULATED}");
    }
    let said = [run(a), heaviest(a), bound(a), price.and_then(costs)];
    let said: Vec<String> = said.into_iter().flatten().collect();
    match said.as_slice() {
        [] => format!("On {place} nothing has a time."),
        said => format!("On {place}{} {}", a.noisy(), said.join(" ")),
    }
}

/// How long a run takes.
fn run(a: &Analysis) -> Option<String> {
    let whole = a.whole?;
    let (takes, sure) = match measured(&a.profile) {
        true => ("takes", whole.half_width().map(duration)),
        false => ("would take", Some(percent(BAND))),
    };
    let sure = sure.map_or_else(String::new, |sure| format!(" ± {sure}"));
    let images = a.images_per_s().map(|rate| format!(" ({} images/s)", grouped(rate, 1)));
    Some(format!("a run {takes} {}{sure}{}.", duration(whole.median), images.unwrap_or_default()))
}

/// Which classes and which operator take the time.
fn heaviest(a: &Analysis) -> Option<String> {
    let mut classes: Vec<_> =
        a.classes().into_iter().filter_map(|sum| Some((sum.class, sum.share?))).collect();
    classes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let named = classes.iter().enumerate().filter(|(i, (_, share))| *i == 0 || *share >= NAMED);
    let named: Vec<String> = named
        .map(|(i, (class, share))| {
            let verb = if i == 0 { " takes" } else { "" };
            format!("{class}{verb} {}", percent(*share))
        })
        .collect();
    let slowest = a.slowest(1);
    let op = slowest.first()?;
    Some(format!(
        "Of the operators' time {}; the heaviest operator is {} ({}).",
        listed(&named),
        op.record.name,
        percent(op.share?),
    ))
}

/// What binds most of the time, and how much of that is reached.
fn bound(a: &Analysis) -> Option<String> {
    let bounds = a.bounds();
    let largest = bounds.iter().max_by(|x, y| x.ns.total_cmp(&y.ns));
    let Some(BoundSum { limit, share, of_bound, .. }) = largest else {
        let why = "What binds it is not known: the device was not calibrated.".to_owned();
        return measured(&a.profile).then_some(why);
    };
    let reached = of_bound
        .map(|reached| format!("; its operators reach {} of what that allows", percent(reached)));
    Some(format!(
        "Of that time {} is bound by {limit}{}.",
        percent((*share)?),
        reached.unwrap_or_default()
    ))
}

/// What the guidelines cost.
fn costs(price: &Architecture) -> Option<String> {
    let known = Guideline::ALL.into_iter().any(|g| price.axis(g).price_share.is_some());
    known.then(|| match certain(price).as_slice() {
        [] => "No guideline costs it anything for certain.".to_owned(),
        costs => format!("Guidelines cost it, of its run: {}.", listed(costs)),
    })
}

/// What each guideline costs, the dearest first, as far as intervals tell it from nothing.
pub fn certain(price: &Architecture) -> Vec<String> {
    let cost = |guideline: Guideline| {
        let axis = price.axis(guideline);
        axis.price_share_ci.filter(|ci| ci[0] > 0.0).and(axis.price_share).map(|s| (guideline, s))
    };
    let mut costs: Vec<(Guideline, f64)> = Guideline::ALL.into_iter().filter_map(cost).collect();
    costs.sort_by(|a, b| b.1.total_cmp(&a.1));
    costs.iter().map(|(guideline, share)| format!("{guideline} {}", percent(*share))).collect()
}

/// `a, b and c`.
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixture,
        guidelines::architecture::{axis::Axis, record},
    };

    fn priced(shares: [(f64, [f64; 2]); 2]) -> Architecture {
        let axis = |(share, ci)| Axis {
            price_share: Some(share),
            price_share_ci: Some(ci),
            ..Axis::default()
        };
        let mut price = record::fixture("net");
        (price.g1, price.g3.axis) = (axis(shares[0]), axis(shares[1]));
        price
    }

    #[test]
    fn the_answer_says_what_takes_the_time_what_binds_it_and_what_guidelines_cost() {
        let profile = fixture::calibrated();
        let a = Analysis::of(&profile);
        let price = priced([(0.02, [0.01, 0.03]), (0.1, [0.08, 0.12])]);
        let said = sentence(&a, Some(&price));
        let largest = a.classes().into_iter().filter_map(|sum| sum.share).fold(0.0, f64::max);
        let bound = a.bounds().into_iter().filter_map(|sum| sum.share).fold(0.0, f64::max);
        for part in [
            &format!("On {} a run takes ", a.place()),
            &format!("takes {}", percent(largest)),
            &format!("the heaviest operator is {} ", a.slowest(1)[0].record.name),
            &format!("Of that time {} is bound by ", percent(bound)),
            "; its operators reach ",
            "Guidelines cost it, of its run: G3 10.0 % and G1 2.0 %.",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_claimed() {
        let unsure = priced([(0.02, [-0.01, 0.05]), (-0.1, [-0.12, -0.08])]);
        let core = fixture::shufflenet_on(fixture::core(), 1);
        let said = sentence(&Analysis::of(&core), Some(&unsure));
        assert!(said.contains("No guideline costs it anything for certain."), "{said}");
        assert!(said.contains("What binds it is not known"), "{said}");
        let emulated = fixture::shufflenet_on(fixture::emulated(), 1);
        assert!(sentence(&Analysis::of(&emulated), None).ends_with(EMULATED));
        let modelled = fixture::shufflenet_on(fixture::modelled(), 1);
        let said = sentence(&Analysis::of(&modelled), None);
        assert!(said.contains("would take") && said.contains("± 20.0 %"), "{said}");
    }
}
