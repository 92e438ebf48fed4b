//! From profiles to studies: the points of one experiment's grid on one device, as curves.

use super::verdict::{Judgement, Sampled, judge, slowdown};
use crate::analysis::{Analysis, grouped, timed};
use profile::{Experiment, Guideline, Profile};

/// One grid of a guideline's experiment on one device with one number of threads.
#[derive(Clone, Debug)]
pub struct Study<'a> {
    /// What it asks.
    pub guideline: Guideline,
    /// Which points it has: `gpu`, `arm` and `paper` are the paper's.
    pub grid: &'a str,
    /// Its curves, by channel multiplier and map size.
    pub curves: Vec<Curve<'a>>,
}

/// The points that are compared with each other: one channel multiplier, one map size.
#[derive(Clone, Debug)]
pub struct Curve<'a> {
    /// By how much channels are multiplied.
    pub multiplier: f64,
    /// Height of the maps, pixels.
    pub spatial: usize,
    /// Its points, least dose first; the first is the base.
    pub points: Vec<Point<'a>>,
}

/// One network of an experiment.
#[derive(Clone, Debug)]
pub struct Point<'a> {
    /// Its place in the experiment.
    pub experiment: &'a Experiment,
    /// Its samples, reduced.
    pub analysis: Analysis<'a>,
    /// Time of the median run over that of the base: what the paper's columns show.
    pub slowdown: f64,
    /// The same at equal mult-adds, by rounds.
    pub slowdown_per_mul_add: f64,
    /// Memory access cost over that of the base: what the formula alone predicts.
    pub predicted: f64,
}

/// Where a guideline starts to matter: from this dose on, every point costs more than `cost`.
#[derive(Clone, Debug, PartialEq)]
pub struct Onset {
    /// Label of the first such point.
    pub label: String,
    /// The share of time that it costs more than the base.
    pub cost: f64,
}

/// Costs for which it is asked where they start, dearest first.
const COSTS: [f64; 3] = [0.20, 0.10, 0.05];

impl Point<'_> {
    /// Multiply-adds of one sample.
    pub fn mul_adds(&self) -> u64 {
        self.analysis.profile.mul_adds * self.experiment.runs as u64
    }

    /// Memory access cost of one sample, elements.
    pub fn access(&self) -> u64 {
        access(self.analysis.profile, self.experiment)
    }

    /// Images per second, with the 95 % interval.
    pub fn images_per_s(&self) -> Option<(f64, Option<(f64, f64)>)> {
        let whole = self.analysis.whole?;
        let rate = |ns: f64| self.analysis.profile.batch as f64 * 1e9 / ns;
        let interval = whole.interval.map(|(low, high)| (rate(high), rate(low)));
        (whole.median > 0.0).then(|| (rate(whole.median), interval))
    }
}

impl<'a> Study<'a> {
    /// The studies that `profiles` belong to, in the order of first appearance. Profiles that were
    /// measured for no experiment, or have no times, are left out.
    pub fn all(profiles: &'a [Profile]) -> Vec<Self> {
        let points: Vec<(&Profile, &Experiment)> = profiles
            .iter()
            .filter(|p| timed(p) && !p.whole_ns.is_empty())
            .filter_map(|p| Some((p, p.experiment.as_ref()?)))
            .collect();
        let studies = grouped(points.into_iter(), |(p, e)| {
            (e.guideline, e.grid.clone(), p.device.label(), p.threads, p.level)
        });
        studies.into_iter().filter_map(Self::of).collect()
    }

    fn of(points: Vec<(&'a Profile, &'a Experiment)>) -> Option<Self> {
        let (_, first) = *points.first()?;
        let key = |(p, e): &(&Profile, &Experiment)| (e.multiplier, p.input.h);
        let curves: Vec<Curve<'a>> =
            grouped(points.into_iter(), key).into_iter().filter_map(Curve::of).collect();
        let (guideline, grid) = (first.guideline, first.grid.as_str());
        (!curves.is_empty()).then_some(Self { guideline, grid, curves })
    }

    /// A profile of it: device, threads and level are those of all.
    pub fn profile(&self) -> &'a Profile {
        self.curves[0].points[0].analysis.profile
    }

    /// Device, rendering and threads in one line.
    pub fn place(&self) -> String {
        self.curves[0].points[0].analysis.place()
    }

    /// Whether its points are the paper's.
    pub fn is_published(&self) -> bool {
        ["gpu", "arm", "paper"].contains(&self.grid)
    }

    /// Every point of every curve.
    pub fn points(&self) -> impl Iterator<Item = &Point<'a>> {
        self.curves.iter().flat_map(|curve| &curve.points)
    }

    /// The verdict of all curves.
    pub fn judge(&self) -> Judgement {
        judge(&self.curves.iter().map(|c| c.samples(self.guideline)).collect::<Vec<_>>())
    }

    /// Where it starts to matter: the least dose from which on every dose costs more than 20 % (or
    /// 10 %, or 5 %) at equal mult-adds, in the geometric mean over curves.
    pub fn onset(&self) -> Option<Onset> {
        let mut doses = grouped(self.points(), |p| p.experiment.dose);
        doses.sort_by(|a, b| a[0].experiment.dose.total_cmp(&b[0].experiment.dose));
        let slower: Vec<(&str, f64)> = doses
            .iter()
            .map(|points| {
                let logs: f64 = points.iter().map(|p| p.slowdown_per_mul_add.ln()).sum();
                (points[0].experiment.label.as_str(), (logs / points.len() as f64).exp())
            })
            .collect();
        COSTS.into_iter().find_map(|cost| {
            let dear = slower.iter().rev().take_while(|(_, s)| *s > 1.0 + cost).last()?;
            Some(Onset { label: dear.0.to_owned(), cost })
        })
    }
}

impl<'a> Curve<'a> {
    fn of(mut points: Vec<(&'a Profile, &'a Experiment)>) -> Option<Self> {
        points.sort_by(|a, b| a.1.dose.total_cmp(&b.1.dose));
        let &(base, first) = points.first()?;
        let (base_time, base_sampled) = (Analysis::of(base).whole?.median, sampled(base, first));
        let points = points.into_iter().filter_map(|(profile, experiment)| {
            let analysis = Analysis::of(profile);
            let slowdown_per_mul_add = slowdown(&base_sampled, &sampled(profile, experiment))?;
            Some(Point {
                slowdown: analysis.whole?.median / base_time,
                slowdown_per_mul_add,
                predicted: access(profile, experiment) as f64 / access(base, first) as f64,
                experiment,
                analysis,
            })
        });
        let points: Vec<Point<'a>> = points.collect();
        let (multiplier, spatial) = (first.multiplier, base.input.h);
        (!points.is_empty()).then_some(Self { multiplier, spatial, points })
    }

    /// The curve as the verdict's statistics want it.
    pub fn samples(&self, guideline: Guideline) -> Vec<Sampled> {
        let doses = self.points.iter().map(|p| p.experiment.dose);
        let (least, most) = (self.points[0].experiment.dose, doses.fold(0.0, f64::max));
        let at = |dose: f64| match guideline {
            Guideline::G4 => (dose - least) / (most - least),
            _ => (dose / least).ln() / (most / least).ln(),
        };
        self.points
            .iter()
            .map(|p| Sampled {
                at: if most > least { at(p.experiment.dose) } else { 0.0 },
                ..sampled(p.analysis.profile, p.experiment)
            })
            .collect()
    }
}

fn sampled(profile: &Profile, experiment: &Experiment) -> Sampled {
    Sampled {
        at: 0.0,
        mul_adds: (profile.mul_adds * experiment.runs as u64) as f64,
        rounds: profile.whole_ns.iter().map(|&ns| ns as f64).collect(),
    }
}

fn access(profile: &Profile, experiment: &Experiment) -> u64 {
    profile.ops.iter().map(|op| op.access.elements()).sum::<u64>() * experiment.runs as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, guidelines::verdict::Verdict};

    #[test]
    fn profiles_become_curves() {
        let profiles = fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]);
        let studies = Study::all(&profiles);
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
        assert_eq!(study.judge().verdict, Verdict::Holds);
        let onset = Onset { label: "1:6".into(), cost: 0.2 };
        assert_eq!(study.onset(), Some(onset));
    }

    #[test]
    fn what_costs_nothing_starts_nowhere() {
        let profiles = fixture::experiment(Guideline::G1, fixture::core(), [1.0; 4]);
        let study = &Study::all(&profiles)[0];
        assert_eq!((study.judge().verdict, study.onset()), (Verdict::NoEffect, None));
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
        assert_eq!(Study::all(&profiles).len(), 4);
    }
}
