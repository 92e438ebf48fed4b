//! From profiles to studies: the points of one experiment's grid on one device in one session, as curves.

use super::{
    apart::Apart,
    verdict::{Judgement, Sampled, Samples, Verdict, judge, slowdown},
};
use crate::{
    analysis::{Analysis, measured, timed},
    group::grouped,
    place::Place,
};
use profile::{DeviceKind, Experiment, Guideline, Profile, Rendering};
use std::hash::Hash;

/// One grid of a guideline's experiment on one device with one number of threads, in one session.
#[derive(Clone, Debug)]
pub struct Study<'a> {
    /// What it asks.
    pub guideline: Guideline,
    /// Which points it has: `gpu`, `arm` and `paper` are the paper's.
    pub grid: &'a str,
    /// Its curves, by channel multiplier and map size.
    pub curves: Vec<Curve<'a>>,
    /// The verdict of all curves.
    pub judged: Judgement,
    /// Points beyond those that a study has room for.
    pub left_out: usize,
    /// What tells it from studies of the same guideline, grid and place.
    pub apart: Apart,
}

/// Most curves of a study, and most points of a curve: more than anybody could look at.
const CURVES: usize = 64;
const POINTS: usize = 256;

/// The points that are compared with each other: one channel multiplier, one map size.
#[derive(Clone, Debug)]
pub struct Curve<'a> {
    /// By how much channels are multiplied.
    pub multiplier: f64,
    /// Height of the maps, pixels.
    pub spatial: usize,
    /// Its points in the experiment's order, the base (the least dose) first.
    pub points: Vec<Point<'a>>,
    /// Slow-down of the base's second session against its first, if there was one.
    pub twin: Option<f64>,
    /// Points beyond those that a curve has room for.
    left_out: usize,
    /// Whether its points are of several sessions that nothing tells apart.
    mixed: bool,
}

/// One network of an experiment.
#[derive(Clone, Debug)]
pub struct Point<'a> {
    /// Its place in the experiment.
    pub experiment: &'a Experiment,
    /// Its samples, reduced.
    pub analysis: &'a Analysis,
    /// Its time over that of the base, as the paper's columns show it: the median over rounds.
    pub slowdown: f64,
    /// The 95 % interval of that; `None` below six rounds.
    pub interval: Option<(f64, f64)>,
    /// Its mult-adds over those of the base.
    pub mul_adds_ratio: f64,
    /// Memory access cost over that of the base: what the formula alone predicts.
    pub predicted: f64,
}

/// Where a guideline starts to matter: from this dose on, every point of every curve costs more than
/// `cost`. Its whole 95 % interval does, widened by what two sessions of one network differ by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Onset {
    /// The least such dose.
    pub dose: f64,
    /// The share of time that it costs more than the base.
    pub cost: f64,
}

/// Costs for which it is asked where they start, dearest first.
const COSTS: [f64; 3] = [0.20, 0.10, 0.05];

impl Point<'_> {
    /// Multiply-adds of one sample.
    pub fn mul_adds(&self) -> u64 {
        mul_adds(self.analysis, self.experiment)
    }

    /// Memory access cost of one sample, elements.
    pub fn access(&self) -> u64 {
        access(self.analysis, self.experiment)
    }

    /// Images per second, with the 95 % interval.
    pub fn images_per_s(&self) -> Option<(f64, Option<(f64, f64)>)> {
        let whole = self.analysis.whole?;
        let rate = |ns: f64| self.analysis.profile.batch as f64 * 1e9 / ns;
        let interval = whole.interval.map(|(low, high)| (rate(high), rate(low)));
        (whole.median > 0.0).then(|| (rate(whole.median), interval))
    }

    /// Whether the verdict looks at it. Networks that are run several times for one sample say what
    /// a run costs, nothing of the guideline.
    pub const fn is_judged(&self) -> bool {
        self.experiment.runs == 1
    }

    /// What the verdict divides its slow-down by: the ratio of mult-adds, because whole channels meet
    /// equal mult-adds only nearly. Where operators are removed (G4), their mult-adds go with them.
    fn work(&self) -> f64 {
        match self.experiment.guideline {
            Guideline::G4 => 1.0,
            Guideline::G1 | Guideline::G2 | Guideline::G3 => self.mul_adds_ratio,
        }
    }
}

impl<'a> Study<'a> {
    /// The studies that `analyses` belong to, in the order of first appearance. What was measured for no
    /// experiment, or has no times, is left out. Lines that do not say their session count as of one: of a
    /// point that was measured twice the last is taken; where that mixes sessions, there is no verdict.
    pub fn all(analyses: &'a [Analysis]) -> Vec<Self> {
        let points = analyses
            .iter()
            .filter(|a| timed(&a.profile) && !a.rounds.is_empty())
            .filter_map(|a| Some((a, a.profile.experiment.as_ref()?)));
        let studies = grouped(points, |&(a, e)| study_key(a, e));
        let mut studies: Vec<Self> = studies.into_iter().filter_map(Self::of).collect();
        let apart = Apart::all(&studies.iter().map(Self::profile).collect::<Vec<_>>());
        studies.iter_mut().zip(apart).for_each(|(study, apart)| study.apart = apart);
        studies
    }

    fn of(points: Vec<(&'a Analysis, &'a Experiment)>) -> Option<Self> {
        let (_, first) = *points.first()?;
        let of_curves = grouped(points.into_iter(), |&(a, e)| curve_key(a, e));
        let mut left_out = of_curves.iter().skip(CURVES).map(Vec::len).sum();
        let curves: Vec<Curve<'a>> =
            of_curves.into_iter().take(CURVES).filter_map(Curve::of).collect();
        left_out += curves.iter().map(|curve| curve.left_out).sum::<usize>();
        let (guideline, grid) = (first.guideline, first.grid.as_str());
        let judged = judged(guideline, &curves);
        let apart = Apart::default();
        (!curves.is_empty()).then_some(Self { guideline, grid, curves, judged, left_out, apart })
    }

    /// A measurement of it: device, threads, level and session are those of all.
    pub fn first(&self) -> &'a Analysis {
        self.curves[0].points[0].analysis
    }

    /// What was measured there.
    pub fn profile(&self) -> &'a Profile {
        &self.first().profile
    }

    /// Device, rendering and threads in one line.
    pub fn place(&self) -> String {
        self.first().place()
    }

    /// The session that measured it, where the file says.
    pub fn session(&self) -> Option<&'a str> {
        self.profile().experiment.as_ref()?.session.as_deref()
    }

    /// Its grid, and what tells it from studies that would read the same.
    pub fn grid_label(&self) -> String {
        self.apart.behind(self.grid.to_owned())
    }

    /// Whether its points are the paper's.
    pub fn is_published(&self) -> bool {
        ["gpu", "arm", "paper"].contains(&self.grid)
    }

    /// Whether its points are of several sessions that nothing tells apart: no figure follows from them.
    pub fn is_mixed(&self) -> bool {
        self.curves.iter().any(|curve| curve.mixed)
    }

    /// Every point of every curve.
    pub fn points(&self) -> impl Iterator<Item = &Point<'a>> {
        self.curves.iter().flat_map(|curve| &curve.points)
    }

    /// What disturbed all of its points alike; empty where nothing did.
    pub fn disturbances(&self) -> Vec<&'a str> {
        disturbances(&self.curves)
    }

    /// Where it starts to matter: the least dose from which on every dose costs more than 20 % (or
    /// 10 %, or 5 %) at equal work in every curve. `None` where none does, or it does not hold.
    pub fn onset(&self) -> Option<Onset> {
        if self.judged.verdict != Verdict::Holds {
            return None;
        }
        let others = self.curves.iter().flat_map(|c| &c.points[1..]).filter(|p| p.is_judged());
        let mut others: Vec<&Point<'_>> = others.collect();
        let dose = |p: &Point<'_>| p.experiment.dose;
        others.sort_by(|a, b| dose(b).total_cmp(&dose(a)));
        COSTS.into_iter().find_map(|cost| {
            let least = (1.0 + cost) * self.judged.repeatability;
            let costs = |p: &&Point<'_>| p.interval.is_some_and(|(low, _)| low / p.work() > least);
            let each_dose = others.chunk_by(|a, b| dose(a) == dose(b));
            let dear = each_dose.take_while(|points| points.iter().all(costs)).last()?;
            Some(Onset { dose: dose(dear[0]), cost })
        })
    }
}

/// What the points of a study have in common.
pub fn study_key<'a>(a: &'a Analysis, e: &'a Experiment) -> impl Hash + Eq + 'a {
    let p = &a.profile;
    let graph = (p.level, p.batch, p.settings.without.as_slice());
    (e.guideline, e.grid.as_str(), Place::of(p), graph, e.session.as_deref())
}

/// What those of one of its curves have in common.
pub fn curve_key(a: &Analysis, e: &Experiment) -> (u64, usize) {
    (e.multiplier.to_bits(), a.profile.input.h)
}

/// The verdict of `curves`, none where times were not taken, with what disturbed the measurement where it came to none.
fn judged(guideline: Guideline, curves: &[Curve<'_>]) -> Judgement {
    let compared = match guideline {
        Guideline::G4 => "of the bare graph",
        Guideline::G1 | Guideline::G2 | Guideline::G3 => "at equal mult-adds",
    };
    let names = names(curves);
    let samples: Vec<Samples> =
        curves.iter().zip(names).map(|(curve, name)| curve.samples(name)).collect();
    let mut judged = judge(&samples, compared);
    if curves.iter().any(|curve| !measured(&curve.points[0].analysis.profile)) {
        return judged.withdrawn(Verdict::NotJudged, MODELLED);
    }
    if curves.iter().any(|curve| curve.mixed) {
        judged = judged.withdrawn(Verdict::Inconclusive, MIXED);
    }
    let mut disturbed: Vec<String> = disturbances(curves).into_iter().map(str::to_owned).collect();
    if let Some(others) = curves.first().and_then(|c| crowded(&c.points[0].analysis.profile)) {
        judged.verdict = Verdict::Inconclusive;
        let taken = "other programs took";
        if !disturbed.iter().any(|why| why.starts_with(taken)) {
            disturbed.push(format!("{taken} {:.1} % of all processors", 100.0 * others));
        }
        disturbed
            .iter_mut()
            .filter(|why| why.starts_with(taken))
            .for_each(|why| *why += ", which its threads needed");
    }
    if judged.verdict == Verdict::Inconclusive && !disturbed.is_empty() {
        judged.reason += &format!("; meanwhile {}", disturbed.join("; "));
    }
    judged
}

/// Why modelled points are not judged.
const MODELLED: &str = "modelled times stand beside the paper's, and judge nothing";

/// Why points of several sessions are not judged.
const MIXED: &str =
    "its points are of several sessions, which the file does not tell apart: measure it again";

/// Share of the processors that other programs may take from a network's own threads before no
/// verdict is believed: times then show who got a processor.
const MOST_TAKEN: f64 = 0.1;

/// The share of all processors that other programs took, where the network's threads needed it.
fn crowded(p: &Profile) -> Option<f64> {
    let needed = match (p.device.kind, p.device.rendering) {
        (DeviceKind::Gpu, Rendering::Real) => return None,
        (DeviceKind::Gpu, _) => 1.0,
        _ => p.threads as f64 / p.machine.cores.max(1) as f64,
    };
    p.noise.others.filter(|others| needed + others > 1.0 + MOST_TAKEN)
}

/// What tells curves apart: their multiplier, or their map size where that is what differs.
fn names(curves: &[Curve<'_>]) -> Vec<String> {
    let sizes = curves.iter().any(|c| c.spatial != curves[0].spatial);
    let multipliers = curves.iter().any(|c| c.multiplier != curves[0].multiplier);
    let name = |c: &Curve<'_>| match (sizes, multipliers) {
        (false, _) => format!("×{}", c.multiplier),
        (true, false) => format!("{0}×{0}", c.spatial),
        (true, true) => format!("×{1} {0}×{0}", c.spatial, c.multiplier),
    };
    curves.iter().map(name).collect()
}

/// What disturbed all points alike.
fn disturbances<'a>(curves: &[Curve<'a>]) -> Vec<&'a str> {
    let mut noises = curves.iter().flat_map(|c| &c.points).map(|p| &p.analysis.profile.noise);
    let Some(first) = noises.next() else { return Vec::new() };
    let others: Vec<_> = noises.collect();
    let common = |reason: &&String| others.iter().all(|noise| noise.reasons.contains(reason));
    first.reasons.iter().filter(common).map(String::as_str).collect()
}

impl<'a> Curve<'a> {
    fn of(measured: Vec<Measured<'a>>) -> Option<Self> {
        let repeated = repeated(measured);
        let mixed = are_mixed(&repeated);
        let mut points: Vec<_> = repeated.iter().filter_map(|p| p.last().copied()).collect();
        let twin = points.iter().position(|(_, e)| e.twin).map(|i| points.remove(i));
        let base =
            (0..points.len()).min_by(|&a, &b| points[a].1.dose.total_cmp(&points[b].1.dose))?;
        points[..=base].rotate_right(1);
        let left_out = points.len().saturating_sub(POINTS);
        points.truncate(POINTS);
        let (base, first) = points[0];
        let base_rounds = rounds(base);
        let twin = twin.and_then(|(twin, _)| Some(slowdown(&base_rounds, &rounds(twin))?.0));
        let points = points.into_iter().filter_map(|(analysis, experiment)| {
            let (slowdown, interval) = slowdown(&base_rounds, &rounds(analysis))?;
            let over = |of: fn(&Analysis, &Experiment) -> u64| {
                of(analysis, experiment) as f64 / of(base, first) as f64
            };
            Some(Point {
                slowdown,
                interval,
                mul_adds_ratio: over(mul_adds),
                predicted: over(access),
                experiment,
                analysis,
            })
        });
        let points: Vec<Point<'a>> = points.collect();
        let (multiplier, spatial) = (first.multiplier, base.profile.input.h);
        (!points.is_empty()).then_some(Self { multiplier, spatial, points, twin, left_out, mixed })
    }

    /// The curve as the verdict's statistics want it.
    fn samples(&self, name: String) -> Samples {
        let judged: Vec<&Point<'_>> = self.points.iter().filter(|p| p.is_judged()).collect();
        let doses = || judged.iter().map(|p| p.experiment.dose);
        let (least, most) = (self.points[0].experiment.dose, doses().fold(0.0, f64::max));
        let at = |dose: f64| match self.points[0].experiment.guideline {
            Guideline::G4 => (dose - least) / (most - least),
            // A dose of nothing has no logarithm.
            _ if least <= 0.0 => (dose - least) / (most - least),
            _ => (dose / least).ln() / (most / least).ln(),
        };
        let sampled = |p: &&Point<'_>| Sampled {
            at: if most > least { at(p.experiment.dose) } else { 0.0 },
            work: p.work(),
            ..rounds(p.analysis)
        };
        Samples { name, points: judged.iter().map(sampled).collect(), twin: self.twin }
    }
}

/// A measurement of a point.
type Measured<'a> = (&'a Analysis, &'a Experiment);

/// The measurements of each point, in the order of the first.
fn repeated<'a>(measured: Vec<Measured<'a>>) -> Vec<Vec<Measured<'a>>> {
    grouped(measured.into_iter(), |&(_, e)| (e.label.as_str(), e.twin))
}

/// Whether the last measurements of these points are of several sessions that nothing tells apart: only some
/// points were measured again, or there are two bases.
fn are_mixed(points: &[Vec<Measured<'_>>]) -> bool {
    let mut known = points.iter().map(|p| (p.len(), p[0].1));
    if known.clone().any(|(_, e)| e.session.is_some()) {
        return false;
    }
    let own = || known.clone().filter(|(_, e)| !e.twin);
    let times = own().map(|(times, _)| times).max().unwrap_or(0);
    let least = own().map(|(_, e)| e.dose).fold(f64::INFINITY, f64::min);
    let bases = own().filter(|(_, e)| e.dose == least).count();
    bases > 1 || own().any(|(n, _)| n < times) || known.any(|(n, e)| e.twin && n > times)
}

/// The times of a point, as they are.
fn rounds(analysis: &Analysis) -> Sampled {
    let rounds = analysis.rounds.iter().map(|&ns| ns as f64).collect();
    Sampled { at: 0.0, work: 1.0, rounds }
}

fn mul_adds(analysis: &Analysis, experiment: &Experiment) -> u64 {
    analysis.profile.mul_adds.saturating_mul(experiment.runs as u64)
}

fn access(analysis: &Analysis, experiment: &Experiment) -> u64 {
    analysis.access_elements().saturating_mul(experiment.runs as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, guidelines::verdict::Verdict, measurements::Measurements};

    #[test]
    fn profiles_become_curves() {
        let profiles = fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]);
        let measured = Measurements::of(&profiles);
        let studies = Study::all(measured.all());
        let [study] = studies.as_slice() else { panic!("{} studies", studies.len()) };
        assert_eq!(study.curves.iter().map(|c| c.multiplier).collect::<Vec<_>>(), [1.0, 2.0, 4.0]);
        assert!(study.is_published());
        for curve in &study.curves {
            let slower: Vec<f64> = curve.points.iter().map(|p| p.slowdown).collect();
            for (slower, truth) in slower.iter().zip([1.0, 1.1, 1.5, 2.0]) {
                assert!((slower / truth - 1.0).abs() < 0.04, "{slower} for {truth}");
            }
            assert_eq!(curve.points[0].predicted, 1.0);
        }
        let point = &study.curves[0].points[3];
        let (rate, interval) = point.images_per_s().unwrap();
        let (low, high) = interval.unwrap();
        assert!(low <= rate && rate <= high);
        assert_eq!(study.judged.verdict, Verdict::Holds);
        assert_eq!(study.onset(), Some(Onset { dose: 6.0, cost: 0.2 }));
    }

    #[test]
    fn modelled_points_stand_beside_the_paper_s_without_a_verdict() {
        let profiles =
            fixture::experiment(Guideline::G1, fixture::modelled(), [1.0, 1.1, 1.5, 2.0]);
        let measured = Measurements::of(&profiles);
        let studies = Study::all(measured.all());
        let [study] = studies.as_slice() else { panic!("{} studies", studies.len()) };
        assert_eq!((study.judged.verdict, study.judged.effect), (Verdict::NotJudged, None));
        assert_eq!((study.points().count(), study.onset()), (12, None));
        assert!(study.points().all(|p| p.interval.is_none()));
    }

    #[test]
    fn a_crowded_machine_gives_no_verdict_and_says_why() {
        let mut profiles =
            fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]);
        let mut disturb = |threads, others, why: &str| {
            for p in &mut profiles {
                p.threads = threads;
                p.noise.others = Some(others);
                p.noise.reasons = vec![why.to_owned()];
            }
            Study::all(Measurements::of(&profiles).all())[0].judged.clone()
        };
        let spare = disturb(1, 0.5, "other programs took 50 %");
        assert_eq!(spare.verdict, Verdict::Holds, "one of two processors was left to one thread");
        assert!(!spare.reason.contains("meanwhile"), "{spare:?}");
        let crowded = disturb(2, 0.5, "other programs took 50 %");
        assert_eq!(crowded.verdict, Verdict::Inconclusive);
        let why = "meanwhile other programs took 50 %, which its threads needed";
        assert!(crowded.reason.ends_with(why), "{crowded:?}");
    }

    #[test]
    fn a_point_measured_again_counts_once_and_a_twin_is_no_point() {
        let mut profiles =
            fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]);
        let mut twin = profiles[0].clone();
        twin.experiment.as_mut().unwrap().twin = true;
        twin.whole_ns.iter_mut().for_each(|ns| *ns = *ns * 103 / 100);
        profiles.push(twin);
        let again = fixture::experiment(Guideline::G1, fixture::core(), [1.0, 0.9, 0.7, 0.5]);
        let measured = Measurements::of(&profiles);
        let first = &Study::all(measured.all())[0];
        assert_eq!(first.points().count(), 12);
        assert!((first.judged.repeatability - 1.03).abs() < 1e-4, "{:?}", first.judged);
        let both = [profiles.clone(), again].concat();
        let measured = Measurements::of(&both);
        let both = &Study::all(measured.all())[0];
        assert_eq!((both.points().count(), both.judged.verdict), (12, Verdict::Reversed));
    }

    /// Profiles that say no session: a part measured again, a base beside the base, another twin.
    #[test]
    fn sessions_that_nothing_tells_apart_are_not_judged_whatever_the_order() {
        let whole = fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]);
        let part = whole[3..6].to_vec();
        let mut other_channels = whole.clone();
        let points = other_channels.iter_mut().filter_map(|p| p.experiment.as_mut());
        points.for_each(|e| e.label += " of more channels");
        let mut twins = vec![whole[0].clone(); 2];
        twins.iter_mut().for_each(|p| p.experiment.as_mut().unwrap().twin = true);
        for other in [part, other_channels, twins] {
            for both in [[&whole, &other], [&other, &whole]] {
                let profiles: Vec<Profile> = both.into_iter().flatten().cloned().collect();
                let measured = Measurements::of(&profiles);
                let judged = &Study::all(measured.all())[0].judged;
                assert_eq!((judged.verdict, judged.effect), (Verdict::Inconclusive, None));
                assert!(judged.reason.starts_with(MIXED), "{judged:?}");
            }
        }
    }

    /// An experiment of four doses, measured in `session`.
    fn in_session(session: &str, slower: [f64; 4]) -> Vec<Profile> {
        let mut profiles = fixture::experiment(Guideline::G1, fixture::core(), slower);
        let points = profiles.iter_mut().filter_map(|p| p.experiment.as_mut());
        points.for_each(|point| point.session = Some(session.to_owned()));
        profiles
    }

    /// A part of the grid measured again is no other half of the first session, whichever stands first.
    #[test]
    fn each_session_is_a_study_of_its_own_whatever_the_order() {
        let first = in_session("first", [1.0, 1.1, 1.5, 2.0]);
        let again = in_session("again", [1.0, 0.9, 0.7, 0.5]).into_iter().skip(4).collect();
        for both in [[&first, &again], [&again, &first]] {
            let both: Vec<Profile> = both.into_iter().flatten().cloned().collect();
            let measured = Measurements::of(&both);
            let mut found: Vec<_> = Study::all(measured.all())
                .iter()
                .map(|s| (s.grid_label(), s.points().count(), s.judged.verdict))
                .collect();
            found.sort_by_key(|(label, ..)| label.clone());
            let expected = [
                ("arm, session again".to_owned(), 8, Verdict::Reversed),
                ("arm, session first".to_owned(), 12, Verdict::Holds),
            ];
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn only_what_differs_tells_studies_apart() {
        let alone = in_session("first", [1.0; 4]);
        let mut raw = alone.clone();
        raw.iter_mut().for_each(|p| p.level = profile::Level::Raw);
        let mut wide = raw.clone();
        wide.iter_mut().for_each(|p| p.threads = 2);
        let labels = |profiles: &[Profile]| {
            let measured = Measurements::of(profiles);
            Study::all(measured.all()).iter().map(Study::grid_label).collect::<Vec<_>>()
        };
        assert_eq!(labels(&alone), ["arm"]);
        assert_eq!(labels(&[alone, raw, wide].concat()), ["arm, folded", "arm, raw", "arm"]);
    }

    #[test]
    fn runs_one_after_another_are_not_judged() {
        let mut profiles =
            fixture::experiment(Guideline::G3, fixture::core(), [1.0, 1.0, 1.0, 5.0]);
        for experiment in profiles.iter_mut().filter_map(|p| p.experiment.as_mut()) {
            experiment.runs = if experiment.dose == 12.0 { 4 } else { 1 };
        }
        let measured = Measurements::of(&profiles);
        let study = &Study::all(measured.all())[0];
        assert_eq!(study.judged.verdict, Verdict::NoEffect, "{:?}", study.judged);
        assert_eq!(study.points().count(), 12, "they are shown");
    }

    #[test]
    fn what_costs_nothing_starts_nowhere() {
        let profiles = fixture::experiment(Guideline::G1, fixture::core(), [1.0; 4]);
        let measured = Measurements::of(&profiles);
        let study = &Study::all(measured.all())[0];
        assert_eq!((study.judged.verdict, study.onset()), (Verdict::NoEffect, None));
    }

    #[test]
    fn devices_threads_and_grids_are_studies_of_their_own() {
        let mut profiles = fixture::experiment(Guideline::G1, fixture::core(), [1.0; 4]);
        let mut other = profiles.clone();
        other.iter_mut().for_each(|p| p.threads = 2);
        profiles.extend(other);
        profiles.extend(fixture::experiment(Guideline::G1, fixture::rasteriser(), [1.0; 4]));
        profiles.extend(fixture::experiment(Guideline::G2, fixture::core(), [1.0; 4]));
        profiles.extend(fixture::experiment(Guideline::G2, fixture::emulated(), [1.0; 4]));
        profiles.push(fixture::shufflenet_on(fixture::core(), 1));
        assert_eq!(Study::all(Measurements::of(&profiles).all()).len(), 4);
    }
}
