//! What was measured for a verdict or a price, and is in none: how much, and why.

use crate::{
    analysis::{Analysis, timed},
    format::counted,
    guidelines::study::{Study, curve_key, study_key},
};
use std::collections::HashSet;

/// Sentences about the points in none of `studies`, and about so many `sides` without their network.
pub fn unused(analyses: &[Analysis], studies: &[Study<'_>], sides: usize) -> Vec<String> {
    let key = |a, e| (study_key(a, e), curve_key(a, e));
    let points = studies.iter().flat_map(Study::points);
    let curves: HashSet<_> = points.map(|p| key(p.analysis, p.experiment)).collect();
    let (mut emulated, mut unsampled, mut alone) = (0, 0, 0);
    for (a, e) in analyses.iter().filter_map(|a| Some((a, a.profile.experiment.as_ref()?))) {
        match a {
            _ if !timed(&a.profile) => emulated += 1,
            _ if a.rounds.is_empty() => unsampled += 1,
            _ if e.twin && !curves.contains(&key(a, e)) => alone += 1,
            _ => {}
        }
    }
    let left_out = [
        (emulated, "point", "of experiments: emulated, which says nothing of times"),
        (unsampled, "point", "of experiments: without samples"),
        (alone, "point", "of experiments: a second session of a base that is missing"),
        (sides, "side", "of comparisons: the network as it is was not measured after it"),
    ];
    let some = left_out.into_iter().filter(|(n, ..)| *n > 0);
    some.map(|(n, what, why)| format!("Left out: {} {why}.", counted(n, what))).collect()
}

#[cfg(test)]
mod tests {
    use crate::{Findings, Measurements, fixture};
    use profile::{Guideline, Profile};

    fn told(profiles: &[Profile]) -> Vec<String> {
        Findings::of(&Measurements::of(profiles)).unused().to_vec()
    }

    #[test]
    fn whatever_is_in_no_verdict_is_said_with_its_reason() {
        let whole = fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]);
        assert_eq!(told(&whole), [""; 0]);
        let emulated = fixture::experiment(Guideline::G1, fixture::emulated(), [1.0; 4]);
        let why = "Left out: 12 points of experiments: emulated, which says nothing of times.";
        assert_eq!(told(&emulated), [why]);
        let mut twin = whole[0].clone();
        twin.experiment.as_mut().unwrap().twin = true;
        assert_eq!(told(&[whole.clone(), vec![twin.clone()]].concat()), [""; 0]);
        let why = "Left out: 1 point of experiments: a second session of a base that is missing.";
        assert_eq!(told(&[twin]), [why]);
        let mut unsampled = whole;
        unsampled.iter_mut().for_each(|p| p.whole_ns.clear());
        let why = "Left out: 12 points of experiments: without samples.";
        assert_eq!(told(&unsampled), [why]);
        let mut sides = fixture::compared("shufflenet_v2", fixture::core());
        assert_eq!(told(&sides), [""; 0]);
        sides.pop();
        let why =
            "Left out: 1 side of comparisons: the network as it is was not measured after it.";
        assert_eq!(told(&sides), [why]);
    }
}
