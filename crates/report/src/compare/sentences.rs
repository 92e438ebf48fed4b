//! What is said about two sides, on a screen and in the page alike.

use super::{
    differences::Difference,
    matching::Match,
    pair::Pair,
    ratio::{Judged, SAME, Verdict},
};
use crate::{
    analysis::Analysis,
    format::{change, counted, grouped, percent},
};

/// What stands under the table of operators.
pub const CORRECTED: &str = "Change: B's time over A's, less 1. Intervals of operators are corrected for their number by \
     Holm's procedure: the chance that any of them is called faster or slower by accident is at most 5 %.";

/// What the sides are, and in which things they differ.
pub fn sides(pair: &Pair<'_>) -> Vec<String> {
    let one = |letter: &str, a: &Analysis| {
        format!("{letter}: {} on {}{}.", a.network(), a.place(), a.noisy())
    };
    let differ = match pair.differences.as_slice() {
        [] => "The sides are the same: what they differ by is chance.".to_owned(),
        things => {
            let each = |d: &Difference| format!("{} ({} and {})", d.what, named(&d.a), named(&d.b));
            format!("They differ in {}.", things.iter().map(each).collect::<Vec<_>>().join(", "))
        }
    };
    vec![one("A", pair.a), one("B", pair.b), differ]
}

fn named(value: &str) -> &str {
    if value.is_empty() { "unknown" } else { value }
}

/// The whole run's verdict.
pub fn whole(pair: &Pair<'_>) -> String {
    let Some(whole) = pair.whole() else {
        return "No time of these sides can be compared: an emulated or modelled device has none, and without a \
                whole sitting there is none."
            .to_owned();
    };
    let held =
        format!("{} of {}", counted(pair.sittings(), "sitting"), counted(pair.rounds(), "round"));
    let Some((low, high)) = whole.interval else {
        return format!("Not known which side is faster: {held} are too few for a 95 % interval.");
    };
    let interval = format!("95 % interval {} to {}, {held}", change(low - 1.0), change(high - 1.0));
    let by = percent((whole.ratio - 1.0).abs());
    match whole.verdict {
        Verdict::Slower => format!("B is slower: it takes {by} more time than A ({interval})."),
        Verdict::Faster => format!("B is faster: it takes {by} less time than A ({interval})."),
        Verdict::Same => {
            let within = percent(whole.within().unwrap_or(SAME));
            format!("A and B take the same within {within} ({interval}).")
        }
        Verdict::NotKnown => format!("Not known which side is faster ({interval})."),
    }
}

/// How many operators have which verdict, and how they were matched.
pub fn operators(pair: &Pair<'_>) -> String {
    let verdicts = [
        (Verdict::Slower, "slower in B".to_owned()),
        (Verdict::Faster, "faster in B".to_owned()),
        (Verdict::Same, format!("the same within {}", percent(SAME))),
        (Verdict::NotKnown, "not known".to_owned()),
    ];
    let verdicts = verdicts.map(|(verdict, what)| format!("{} {what}", pair.count(verdict)));
    let matches = [
        (Match::Changed, "have other attributes or shapes"),
        (Match::Renamed, "have other names"),
        (Match::Removed, "only A has"),
        (Match::Added, "only B has"),
    ];
    let matches = matches.map(|(how, what)| (pair.matched(how), what));
    let matches = matches.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
    let parts: Vec<String> = verdicts.into_iter().chain(matches).collect();
    format!("Operators: {}.", parts.join(", "))
}

/// What the sides keep in memory; `None` where that is not known.
pub fn memory(pair: &Pair<'_>) -> Option<String> {
    let [a, b] = pair.memory()?;
    let mib = |bytes: u64| format!("{} MiB", grouped(bytes as f64 / f64::from(1 << 20), 2));
    let by = if a > 0 { change(b as f64 / a as f64 - 1.0) } else { String::new() };
    Some(format!("Memory that a prepared network keeps: A {}, B {} ({by}).", mib(a), mib(b)))
}

/// A ratio's verdict as tables have it.
pub fn verdict(judged: &Judged) -> String {
    match judged.verdict {
        Verdict::Faster => "faster".to_owned(),
        Verdict::Slower => "slower".to_owned(),
        Verdict::Same => format!("same within {}", percent(judged.within().unwrap_or(SAME))),
        Verdict::NotKnown => "not known".to_owned(),
    }
}
