//! What a network pays to a guideline: its time against that of itself rewritten, round by round.

use super::axis::Axis;
use crate::{
    analysis::{Analysis, timed},
    guidelines::verdict::LEAST_REPEATABILITY,
};
use profile::{Comparison, Guideline};
use stats::Estimate;
use std::collections::HashMap;

/// Rewritten parts of which the words are repeated; of more only the number is given.
const LISTED: usize = 3;

/// A network and everything that was measured beside it.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'s, 'a> {
    /// The network as it is.
    pub network: &'a Analysis,
    /// The guidelines under which there was nothing to rewrite.
    pub obeys: &'s [Guideline],
    /// The network rewritten, its operators alone, as they are and rewritten.
    pub others: &'s [(&'a Analysis, &'a Comparison)],
}

/// A part of a network, as it is and rewritten.
struct Pair<'a> {
    as_it_is: &'a Analysis,
    rewritten: &'a Analysis,
    times: usize,
    changed: &'a str,
}

impl<'a> Sides<'_, 'a> {
    /// The axis of `guideline` with its price, and what the caller found by formula and in the
    /// network's own times.
    pub fn axis(&self, guideline: Guideline, found: Axis) -> Axis {
        let pairs = self.pairs(guideline);
        let nothing = pairs.is_empty() && self.obeys.contains(&guideline);
        let price = match nothing {
            true => Some((0.0, Some((0.0, 0.0)))),
            false => price(&pairs),
        };
        let run = self.network.whole.map(|w| w.median).filter(|&ns| ns > 0.0);
        let in_run = |by: f64| move |ns: f64| ns / by;
        let both = |(low, high): (f64, f64), f: &dyn Fn(f64) -> f64| [f(low), f(high)];
        let (ns, interval) = (price.map(|p| p.0), price.and_then(|p| p.1));
        let priced = run.and(ns);
        Axis {
            price_ms: priced.map(in_run(1e6)),
            price_ms_ci: run.and(interval).map(|ci| both(ci, &in_run(1e6))),
            price_share: run.zip(ns).map(|(run, ns)| ns / run),
            price_share_ci: run.zip(interval).map(|(run, ci)| both(ci, &in_run(run))),
            changed: if nothing { "nothing to change".to_owned() } else { changed(&pairs) },
            does_not_prove: does_not_prove(guideline),
            ..found
        }
    }

    /// The network rewritten end to end for `guideline`.
    pub fn whole(&self, guideline: Guideline) -> Option<&'a Analysis> {
        self.pairs(guideline)
            .into_iter()
            .find(|p| p.as_it_is.profile.is_network())
            .map(|p| p.rewritten)
    }

    fn pairs(&self, guideline: Guideline) -> Vec<Pair<'a>> {
        let left = |(analysis, side): &(&'a Analysis, &'a Comparison)| {
            side.rewrite.is_none().then_some((side.operator.as_deref(), *analysis))
        };
        // Of one operator the first: later pairs replace earlier ones.
        let as_they_are: HashMap<Option<&str>, &Analysis> =
            self.others.iter().rev().filter_map(left).collect();
        let rewritten = self.others.iter().filter_map(|(analysis, side)| {
            let rewrite = side.rewrite.as_ref().filter(|r| r.guideline == guideline)?;
            let as_it_is = match &side.operator {
                None => self.network,
                operator => *as_they_are.get(&operator.as_deref())?,
            };
            let changed = rewrite.changed.as_str();
            Some(Pair { as_it_is, rewritten: analysis, times: side.times, changed })
        });
        rewritten.collect()
    }
}

/// Nanoseconds that all pairs lose together, with the 95 % interval: a pair's loss is the median,
/// over rounds, of the difference of its sides, the rewritten one's time scaled to equal
/// [`work`]. What two sessions of one network differ by at least widens each pair's interval to
/// both sides. Errors of pairs are independent, so half-widths add up as roots of squares.
fn price(pairs: &[Pair<'_>]) -> Option<(f64, Option<(f64, f64)>)> {
    let mut sum = 0.0;
    let mut squares = Some((0.0, 0.0));
    for pair in pairs {
        let (loss, times) = (pair.loss()?, pair.times as f64);
        sum += times * loss.median;
        squares = squares.zip(loss.interval).map(|((below, above), (low, high))| {
            let square = |side: f64| (times * (side + pair.repeatability())).powi(2);
            (below + square(loss.median - low), above + square(high - loss.median))
        });
    }
    let interval = squares.map(|(below, above)| (sum - below.sqrt(), sum + above.sqrt()));
    (!pairs.is_empty()).then_some((sum, interval))
}

impl Pair<'_> {
    fn loss(&self) -> Option<Estimate> {
        let [a, b] = [self.as_it_is, self.rewritten];
        let scale = work(a) / work(b).max(1.0);
        let rounds = a.rounds.iter().zip(&b.rounds);
        let losses = rounds.map(|(&a, &b)| a as f64 - b as f64 * scale).collect();
        if timed(&a.profile) { Estimate::of_values(losses) } else { None }
    }

    /// What its two sides would differ by if they were the same, nanoseconds.
    fn repeatability(&self) -> f64 {
        let own = self.as_it_is.whole.map_or(0.0, |whole| whole.median);
        own * (LEAST_REPEATABILITY - 1.0)
    }
}

/// Mult-adds that its kernels execute. Else a side with more of Winograd's algorithm would owe that speed to the
/// guideline.
fn work(a: &Analysis) -> f64 {
    let records = a.ops.iter().map(|op| &op.record);
    let saved: f64 =
        records.filter_map(|op| Some(op.flops as f64 - op.executed_flops? as f64)).sum();
    a.profile.mul_adds as f64 - saved / 2.0
}

/// What was rewritten, in words.
fn changed(pairs: &[Pair<'_>]) -> String {
    let listed = pairs.iter().take(LISTED).map(|pair| match pair.times {
        1 => pair.changed.to_owned(),
        n => format!("{} ({n} times)", pair.changed),
    });
    let listed = listed.collect::<Vec<_>>().join("; ");
    match pairs.len().saturating_sub(LISTED) {
        0 => listed,
        more => format!("{listed}; and {more} more"),
    }
}

/// What a guideline's price does not prove, whatever it is.
pub const fn does_not_prove(guideline: Guideline) -> &'static str {
    match guideline {
        Guideline::G1 => {
            "the convolutions ran alone, in warm caches, and other channels would have to fit the \
             operators around them; whether a balanced network would be as accurate is not known"
        }
        Guideline::G2 => {
            "the convolutions ran alone, in warm caches; a dense one of equal mult-adds has fewer \
             channels, and whether the network would be as accurate is not known"
        }
        Guideline::G3 => {
            "the merged branch has other widths, other shares of 1×1 and 3×3 convolutions and fewer \
             additions or concatenations as well as fewer operators; whether it would be as accurate is not known"
        }
        Guideline::G4 => {
            "without activations and shortcuts a network learns nothing: the price says what they \
             cost, not that they could go"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use profile::{Profile, Rewrite};

    fn pair<'a>(a: &'a Analysis, b: &'a Analysis, times: usize) -> Pair<'a> {
        Pair { as_it_is: a, rewritten: b, times, changed: "c" }
    }

    fn taking(ns: &[u64]) -> Profile {
        let [_, network] = fixture::compared("net", fixture::core()).try_into().unwrap();
        Profile { whole_ns: ns.to_vec(), ..network }
    }

    fn run(ns: &[u64]) -> Analysis {
        Analysis::of(&taking(ns))
    }

    #[test]
    fn a_price_by_hand() {
        let a = run(&[100, 201, 202, 198, 199, 605]);
        let b = run(&[90, 190, 190, 185, 185, 590]);
        // Losses 10 11 12 13 14 15: 12.5 ± 2.5, and 1 % of the median, 200, more.
        let near = |(ns, interval): (f64, Option<(f64, f64)>), expected: [f64; 3]| {
            let (low, high) = interval.unwrap();
            for (found, expected) in [ns, low, high].into_iter().zip(expected) {
                assert!((found - expected).abs() < 1e-9, "{ns} {interval:?}");
            }
        };
        near(price(&[pair(&a, &b, 1)]).unwrap(), [12.5, 8.0, 17.0]);
        // 4.5 · √(3² + 4²) = 22.5.
        near(price(&[pair(&a, &b, 3), pair(&a, &b, 4)]).unwrap(), [87.5, 65.0, 110.0]);
        // Half the mult-adds: the time counts twice.
        let mut b = run(&[45, 95, 95, 90, 90, 295]);
        b.profile.mul_adds = a.profile.mul_adds / 2;
        let (ns, _) = price(&[pair(&a, &b, 1)]).unwrap();
        assert!((ns - 13.5).abs() < 1e-3, "losses 10 11 12 18 19 15: {ns}");
        assert_eq!(price(&[]), None);
        assert_eq!(price(&[pair(&run(&[3]), &run(&[1]), 1)]), Some((2.0, None)));
    }

    #[test]
    fn what_winograd_saves_is_no_loss_to_a_guideline() {
        let (a, mut b) = (run(&[100; 9]), taking(&[90; 9]));
        // A kernel does a tenth of all mult-adds fewer than its operator stands for: nothing is lost.
        let op = b.ops.iter_mut().max_by_key(|op| op.flops).unwrap();
        op.executed_flops = Some(op.flops - b.mul_adds / 5);
        let (ns, _) = price(&[pair(&a, &Analysis::of(&b), 1)]).unwrap();
        assert!(ns.abs() < 1e-3, "{ns}");
    }

    #[test]
    fn drift_that_hits_both_sides_is_no_loss() {
        let drifting: Vec<u64> = (0..40).map(|i| 1_000_000 + 10_000 * i).collect();
        let slower: Vec<u64> = drifting.iter().map(|ns| ns + 500).collect();
        let (ns, interval) = price(&[pair(&run(&slower), &run(&drifting), 1)]).unwrap();
        let (low, high) = interval.unwrap();
        assert_eq!((ns, high - low > 0.0), (500.0, true));
        // 1 % of the median: drift itself, 39 %, is not in it.
        assert!(500.0 - low < 0.011 * slower[20] as f64, "{low}");
    }

    #[test]
    fn an_emulator_has_no_price() {
        let emulated = fixture::compared("net", fixture::emulated());
        let emulated = Analysis::of(&emulated[1]);
        assert_eq!(price(&[pair(&emulated, &emulated, 1)]), None);
    }

    #[test]
    fn what_has_nothing_to_rewrite_pays_nothing_and_what_could_not_be_is_unknown() {
        let network = taking(&[1_000_000; 9]);
        let analysis = Analysis::of(&network);
        let sides = Sides { network: &analysis, obeys: &[Guideline::G2], others: &[] };
        let g2 = sides.axis(Guideline::G2, Axis::default());
        assert_eq!((g2.price_ms, g2.price_share_ci), (Some(0.0), Some([0.0, 0.0])));
        let g3 = sides.axis(Guideline::G3, Axis::default());
        assert_eq!((g3.price_ms, g3.price_share), (None, None));
    }

    #[test]
    fn parts_are_found_by_operator_and_guideline() {
        let network = taking(&[1_000_000; 9]);
        let side = |guideline: Option<Guideline>, ns: u64| {
            let mut profile = taking(&[ns; 9]);
            profile.comparison = Some(Comparison {
                network: network.model.clone(),
                input: network.input,
                operator: Some("conv1".into()),
                times: 2,
                rewrite: guideline.map(|guideline| Rewrite { guideline, changed: "c".into() }),
                obeys: Vec::new(),
            });
            profile
        };
        let all = [side(None, 5000), side(Some(Guideline::G1), 4000), side(Some(Guideline::G2), 1)];
        let all = all.each_ref().map(Analysis::of);
        let others = all.each_ref().map(|a| (a, a.profile.comparison.as_ref().unwrap()));
        let analysis = Analysis::of(&network);
        let sides = Sides { network: &analysis, obeys: &[], others: &others };
        let g1 = sides.axis(Guideline::G1, Axis::default());
        assert_eq!((g1.price_ms, g1.price_share), (Some(0.002), Some(0.002)));
        assert_eq!(g1.changed, "c (2 times)");
    }
}
