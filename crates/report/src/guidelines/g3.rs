//! G3: fragmentation lowers parallelism. What a fragment costs, taken apart.
//!
//! Networks of equal mult-adds, with one convolution a block or with four narrow ones, are measured
//! on maps of several sizes. Each one's time is fitted by `fixed + per_pixel · pixels`: the fixed part
//! is paid per operator whatever it computes, the other one shows how well narrow operators use the
//! device. What an operator costs with several threads beyond what it costs with one is their
//! meeting.

use super::study::Study;
use crate::place::Place;
use profile::Guideline;
use stats::{bootstrap_each, median_of};
use std::collections::HashMap;

/// Where the time of fragments goes, on one device with one number of threads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// What one more operator costs whatever it computes, nanoseconds: its dispatch and, with
    /// several threads, their meeting.
    pub operator_ns: CostEstimate,
    /// How much of [`operator_ns`](Self::operator_ns) is threads that meet: what one thread does not
    /// pay. `None` with one thread, or where one thread was not measured.
    pub meeting_ns: Option<CostEstimate>,
    /// Time per pixel of four fragments in series over that of one: the same mult-adds, so what is
    /// above 1 is badly used arithmetic (occupancy), and traffic.
    pub series_per_pixel: CostEstimate,
    /// The same of four in parallel, whose outputs must also be added.
    pub parallel_per_pixel: CostEstimate,
    /// What starting one more run costs, nanoseconds: four networks one after another against one
    /// network of four fragments.
    pub run_ns: CostEstimate,
}

/// A value, and the ends of the interval that is known to hold it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostEstimate {
    /// From all rounds on maps of all sizes.
    pub value: f64,
    /// The least that a bootstrap over rounds (95 %) or leaving one map size out makes of it.
    pub low: f64,
    /// The most.
    pub high: f64,
}

impl CostEstimate {
    /// How much more it is than `other`.
    fn minus(self, other: Self) -> Self {
        Self {
            value: self.value - other.value,
            low: self.low - other.high,
            high: self.high - other.low,
        }
    }
}

/// The networks of the `map-size` grid that tell costs apart.
const LABELS: [&str; 4] =
    ["1-fragment", "4-fragment-series", "4-fragment-parallel", "4 one after another"];

const SEED: u64 = 3;

/// One network's times on maps of every size.
struct Sweep {
    operators: f64,
    runs: f64,
    /// Pixels of a map, and the time in each round, nanoseconds.
    sizes: Vec<(f64, Vec<f64>)>,
}

/// Takes the `map-size` grids of the G3 experiment apart: each such study, by its position, and its costs. Studies
/// with maps of fewer than four sizes say nothing.
pub fn costs(studies: &[Study<'_>]) -> Vec<(usize, Costs)> {
    let taken_apart = studies.iter().enumerate().filter_map(|(i, study)| Some((i, alone(study)?)));
    let mut all: Vec<(usize, Costs)> = taken_apart.collect();
    let at = |study: usize| (Place::of(studies[study].profile()), studies[study].session());
    let known: HashMap<_, CostEstimate> =
        all.iter().map(|(study, costs)| (at(*study), costs.operator_ns)).collect();
    for (study, costs) in &mut all {
        let (place, session) = at(*study);
        let one_thread = known.get(&(Place { threads: 1, ..place }, session));
        let one_thread = one_thread.filter(|_| place.threads > 1);
        costs.meeting_ns = one_thread.map(|one| costs.operator_ns.minus(*one));
    }
    all
}

/// The costs that one study tells by itself.
fn alone(study: &Study<'_>) -> Option<Costs> {
    if study.guideline != Guideline::G3 || study.grid != "map-size" || study.is_mixed() {
        return None;
    }
    let sweeps: Vec<Sweep> = LABELS.iter().filter_map(|label| sweep(study, label)).collect();
    let sweeps: &[Sweep; 4] = sweeps.as_slice().try_into().ok()?;
    let rounds = sweeps.iter().flat_map(|s| &s.sizes).map(|(_, times)| times.len()).min()?;
    let all: Vec<usize> = (0..rounds).collect();
    let values = solve(sweeps, &all, None)?;
    let sizes = sweeps[0].sizes.len();
    let without: Vec<[f64; 4]> =
        (0..sizes).map(|size| solve(sweeps, &all, Some(size))).collect::<Option<_>>()?;
    let intervals = bootstrap_each(&all, SEED, |r| Some(solve(sweeps, r, None)?.to_vec()))?;
    let found = |cost: usize| {
        let (low, high) = intervals[cost];
        let without = || without.iter().map(|values| values[cost]);
        let (low, high) = (without().fold(low, f64::min), without().fold(high, f64::max));
        CostEstimate { value: values[cost], low, high }
    };
    Some(Costs {
        operator_ns: found(0),
        meeting_ns: None,
        series_per_pixel: found(1),
        parallel_per_pixel: found(2),
        run_ns: found(3),
    })
}

fn sweep(study: &Study<'_>, label: &str) -> Option<Sweep> {
    let points = || study.points().filter(|p| p.experiment.label == label);
    let first = points().next()?;
    let runs = first.experiment.runs as f64;
    let times = |rounds: &[u64]| rounds.iter().map(|&ns| ns as f64).collect();
    let sizes = points()
        .map(|p| (p.analysis.profile.input.area() as f64, times(&p.analysis.rounds)))
        .collect();
    Some(Sweep { operators: first.analysis.ops.len() as f64 * runs, runs, sizes })
}

/// In the order of [`Costs`]: an operator, per pixel in series, per pixel in parallel, a run; from
/// these rounds, and without one map size if that is left out. `None` where no line can be drawn.
fn solve(sweeps: &[Sweep; 4], rounds: &[usize], left_out: Option<usize>) -> Option<[f64; 4]> {
    let median =
        |times: &[f64]| median_of(&mut rounds.iter().map(|&r| times[r]).collect::<Vec<_>>());
    let line = |sweep: &Sweep| {
        let sizes = sweep.sizes.iter().enumerate().filter(|(size, _)| Some(*size) != left_out);
        let points: Option<Vec<(f64, f64)>> =
            sizes.map(|(_, (pixels, times))| Some((*pixels, median(times)?))).collect();
        fit(&points?)
    };
    let [one, series, parallel, apart] = sweeps;
    let (fixed_one, slope_one) = line(one)?;
    let (fixed_series, slope_series) = line(series)?;
    let (_, slope_parallel) = line(parallel)?;
    let (fixed_apart, _) = line(apart)?;
    Some([
        (fixed_series - fixed_one) / (series.operators - one.operators),
        slope_series / slope_one,
        slope_parallel / slope_one,
        (fixed_apart - fixed_series) / (apart.runs - series.runs),
    ])
}

/// Least squares of `y = fixed + slope · x`, each point weighted by 1/y²: every map size counts
/// alike, because errors of times are relative. `None` below three different x.
fn fit(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let mut sums = [0.0; 5];
    for &(x, y) in points.iter().filter(|(_, y)| *y > 0.0) {
        let w = 1.0 / (y * y);
        for (sum, term) in sums.iter_mut().zip([w, w * x, w * y, w * x * x, w * x * y]) {
            *sum += term;
        }
    }
    let [w, x, y, xx, xy] = sums;
    let spread = w * xx - x * x;
    let mut sizes: Vec<f64> = points.iter().map(|p| p.0).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    (sizes.len() >= 3 && spread > 0.0).then(|| {
        let slope = (w * xy - x * y) / spread;
        ((y - slope * x) / w, slope)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, measurements::Measurements};
    use profile::{Experiment, Profile};
    use rand_chacha::{
        ChaCha8Rng,
        rand_core::{Rng, SeedableRng},
    };

    /// One point: 10 blocks of `fragments` operators, each of which costs 2 µs and 3 ns a pixel of
    /// its share, 20 % more where they are narrow; a run costs 5 µs.
    fn point(label: &str, fragments: usize, runs: usize, slower: f64, edge: usize) -> Profile {
        let mut net = fixture::Net::new(edge);
        for i in 0..10 * fragments {
            net.conv(&format!("conv{i}"), 3, 1, 1, 1);
        }
        let mut profile = fixture::profile("synthetic", net.ops(), fixture::core(), 1);
        let pixels = (edge * edge) as f64;
        let operators = (10 * fragments * runs) as f64;
        let time = 5000.0 * runs as f64 + 2000.0 * operators + 30.0 * slower * pixels;
        profile.whole_ns = vec![time as u64; 9];
        profile.experiment = Some(Experiment {
            guideline: Guideline::G3,
            grid: "map-size".into(),
            label: label.into(),
            dose: fragments.max(runs) as f64,
            multiplier: 1.0,
            runs,
            twin: false,
            session: None,
        });
        profile
    }

    /// The sweep on a device whose operators cost `2000 + meeting` ns.
    fn profiles(edges: &[usize], threads: usize, meeting: f64) -> Vec<Profile> {
        let mut profiles = Vec::new();
        for &edge in edges {
            profiles.push(point("1-fragment", 1, 1, 1.0, edge));
            profiles.push(point("4-fragment-series", 4, 1, 1.2, edge));
            profiles.push(point("4-fragment-parallel", 4, 1, 1.5, edge));
            profiles.push(point("4 one after another", 1, 4, 1.2, edge));
        }
        for profile in &mut profiles {
            let runs = profile.experiment.as_ref().map_or(1, |e| e.runs);
            let meetings = meeting * (profile.ops.len() * runs) as f64;
            profile.threads = threads;
            profile.whole_ns.iter_mut().for_each(|ns| *ns += meetings as u64);
        }
        profiles
    }

    fn is(found: CostEstimate, truth: f64, within: f64) -> bool {
        (found.value - truth).abs() < within
            && found.low <= found.value
            && found.value <= found.high
    }

    #[test]
    fn costs_are_told_apart() {
        let profiles = profiles(&[7, 14, 28, 56], 1, 0.0);
        let measured = Measurements::of(&profiles);
        let studies = Study::all(measured.all());
        let (_, found) = costs(&studies)[0];
        assert!(is(found.operator_ns, 2000.0, 1.0), "{found:?}");
        assert!(is(found.series_per_pixel, 1.2, 1e-3), "{found:?}");
        assert!(is(found.parallel_per_pixel, 1.5, 1e-3), "{found:?}");
        assert!(is(found.run_ns, 5000.0, 20.0), "{found:?}");
        assert_eq!(found.meeting_ns, None, "one thread meets nobody");
        assert!(
            costs(&Study::all(Measurements::of(&profiles[..12]).all())).is_empty(),
            "no three sizes where one is left out"
        );
    }

    #[test]
    fn threads_that_meet_cost_what_one_thread_does_not_pay() {
        let mut both = profiles(&[7, 14, 28, 56], 2, 700.0);
        let alone = both.clone();
        both.extend(profiles(&[7, 14, 28, 56], 1, 0.0));
        let measured = Measurements::of(&both);
        let studies = Study::all(measured.all());
        let found = costs(&studies);
        assert!(is(found[0].1.operator_ns, 2700.0, 2.0), "{found:?}");
        assert!(is(found[0].1.meeting_ns.unwrap(), 700.0, 3.0), "{found:?}");
        assert_eq!(found[1].1.meeting_ns, None);
        assert_eq!(
            costs(&Study::all(Measurements::of(&alone).all()))[0].1.meeting_ns,
            None,
            "nothing to compare with"
        );
    }

    /// Over many draws of noise the interval holds the truth, and is not so wide that a cost of this
    /// size would be lost in it.
    #[test]
    fn intervals_hold_the_truth() {
        let held = (0..200).filter(|&seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let mut profiles = profiles(&[7, 14, 28, 56], 1, 0.0);
            for ns in profiles.iter_mut().flat_map(|p| &mut p.whole_ns) {
                let noise = 0.01 * f64::from(rng.next_u32()) / 2f64.powi(32);
                *ns = (*ns as f64 * (1.0 + noise)) as u64;
            }
            let (_, found) = costs(&Study::all(Measurements::of(&profiles).all()))[0];
            assert!(found.operator_ns.low > 0.0, "{found:?}");
            // The noise adds half a per cent to every time.
            (found.operator_ns.low..=found.operator_ns.high).contains(&2010.0)
        });
        let held = held.count();
        assert!(held >= 190, "{held} of 200");
    }

    #[test]
    fn a_line_by_hand() {
        let (fixed, slope) = fit(&[(1.0, 5.0), (2.0, 7.0), (4.0, 11.0)]).unwrap();
        assert!((fixed - 3.0).abs() < 1e-9 && (slope - 2.0).abs() < 1e-9);
        assert_eq!(fit(&[(1.0, 5.0), (1.0, 6.0), (2.0, 7.0)]), None);
    }
}
