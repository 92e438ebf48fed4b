//! `verdicts.json`: every study, its points and its verdict, for programs.

use super::{
    apart::Apart,
    published::{self, Speed},
    study::Study,
    verdict::Verdict,
};
use profile::Guideline;
use serde::Serialize;

/// The verdict on a guideline on a device, and what it follows from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The guideline.
    pub guideline: Guideline,
    /// The device with its rendering.
    pub device: String,
    /// Threads that ran the networks.
    pub threads: usize,
    /// Which points were measured: `gpu`, `arm` and `paper` are the paper's.
    pub grid: String,
    /// What tells it from other studies of the same guideline, device, threads and grid.
    #[serde(flatten)]
    pub apart: Apart,
    /// The verdict.
    pub verdict: Verdict,
    /// Slow-down at the largest dose at equal mult-adds, fitted over all points.
    pub effect: Option<f64>,
    /// Its 95 % interval.
    pub effect_ci: Option<[f64; 2]>,
    /// −1 (every larger dose is faster) to 1 (every larger dose is slower).
    pub trend: f64,
    /// What two sessions of one network differ by at most, as a factor: intervals are widened by it.
    pub repeatability: f64,
    /// The dose from which on every point costs more than `matters_cost` in every curve.
    pub matters_from: Option<f64>,
    /// The share of time that is meant: 0.2, 0.1 or 0.05.
    pub matters_cost: Option<f64>,
    /// Every network that was measured.
    pub points: Vec<PointRecord>,
    /// The paper's cells for the same rows, empty where the points are not the paper's.
    pub paper: PaperRecord,
    /// Why this verdict.
    pub reason: String,
}

/// One network of a study.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PointRecord {
    /// The point.
    pub label: String,
    /// By how much its channels are multiplied.
    pub multiplier: f64,
    /// Height and width of its maps, pixels.
    pub spatial: usize,
    /// The network.
    pub model: String,
    /// Its mult-adds.
    pub mul_adds: u64,
    /// Its memory access cost, elements.
    pub access: u64,
    /// Images per second.
    pub images_per_s: Option<f64>,
    /// The 95 % interval of that.
    pub ci: Option<[f64; 2]>,
    /// Its time over that of the base, the median over rounds.
    pub slowdown: f64,
    /// The 95 % interval of that.
    pub slowdown_ci: Option<[f64; 2]>,
    /// Its memory access cost over that of the base: what the formula alone predicts.
    pub predicted: f64,
}

/// The paper's speeds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PaperRecord {
    /// GTX 1080 Ti.
    pub gpu: Vec<PaperPoint>,
    /// Snapdragon 810, one thread.
    pub arm: Vec<PaperPoint>,
}

/// A cell of the paper's tables.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PaperPoint {
    /// The row.
    pub label: String,
    /// The column.
    pub multiplier: f64,
    /// What it prints, and its slow-down.
    #[serde(flatten)]
    pub speed: Speed,
}

/// The records of `studies`.
pub fn records(studies: &[Study<'_>]) -> Vec<Record> {
    studies.iter().map(record).collect()
}

fn record(study: &Study<'_>) -> Record {
    let judged = &study.judged;
    let onset = study.onset();
    let profile = study.profile();
    let points = study.points().map(|p| {
        let speed = p.images_per_s();
        PointRecord {
            label: p.experiment.label.clone(),
            multiplier: p.experiment.multiplier,
            spatial: p.analysis.profile.input.h,
            model: p.analysis.profile.model.clone(),
            mul_adds: p.mul_adds(),
            access: p.access(),
            images_per_s: speed.map(|(rate, _)| rate),
            ci: speed.and_then(|(_, ci)| ci).map(|(low, high)| [low, high]),
            slowdown: p.slowdown,
            slowdown_ci: p.interval.map(|(low, high)| [low, high]),
            predicted: p.predicted,
        }
    });
    Record {
        guideline: study.guideline,
        device: profile.device.label(),
        threads: profile.threads,
        grid: study.grid.to_owned(),
        apart: study.apart.clone(),
        verdict: judged.verdict,
        effect: judged.effect.map(|(size, _)| size),
        effect_ci: judged.effect.map(|(_, (low, high))| [low, high]),
        trend: judged.trend,
        repeatability: judged.repeatability,
        matters_from: onset.map(|o| o.dose),
        matters_cost: onset.map(|o| o.cost),
        points: points.collect(),
        paper: if study.is_published() { paper(study.guideline) } else { PaperRecord::default() },
        reason: judged.reason.clone(),
    }
}

fn paper(guideline: Guideline) -> PaperRecord {
    let mut record = PaperRecord::default();
    for cell in published::table(guideline) {
        let point =
            |speed| PaperPoint { label: cell.label.clone(), multiplier: cell.multiplier, speed };
        record.gpu.push(point(cell.gpu));
        record.arm.push(point(cell.arm));
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, measurements::Measurements};

    #[test]
    fn two_sessions_are_told_apart_and_one_is_as_ever() {
        let one = fixture::experiment(Guideline::G1, fixture::core(), [1.0; 4]);
        let mut other = one.clone();
        let points = other.iter_mut().filter_map(|p| p.experiment.as_mut());
        points.for_each(|point| point.session = Some("later".to_owned()));
        let sessions = |profiles: &[profile::Profile]| {
            let measured = Measurements::of(profiles);
            let json = serde_json::to_value(records(&Study::all(measured.all()))).unwrap();
            let records = json.as_array().unwrap().iter();
            records.map(|r| r.get("session").cloned()).collect::<Vec<_>>()
        };
        assert_eq!(sessions(&one), [None]);
        assert_eq!(sessions(&other), [None]);
        assert_eq!(sessions(&[one, other].concat()), [None, Some("later".into())]);
    }

    #[test]
    fn the_keys_are_fixed() {
        let profiles = fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]);
        let json =
            serde_json::to_value(records(&Study::all(Measurements::of(&profiles).all()))).unwrap();
        let record = &json[0];
        for key in ["guideline", "device", "threads", "verdict", "points", "paper", "reason"] {
            assert!(!record[key].is_null(), "{key}");
        }
        assert_eq!((&record["guideline"], &record["verdict"]), (&"G1".into(), &"holds".into()));
        for key in ["label", "mul_adds", "access", "images_per_s", "ci", "slowdown"] {
            assert!(!record["points"][11][key].is_null(), "{key}");
        }
        assert_eq!(record["points"].as_array().map(Vec::len), Some(12));
        for platform in ["gpu", "arm"] {
            assert_eq!(record["paper"][platform].as_array().map(Vec::len), Some(12));
        }
        assert_eq!(record["matters_from"], 6.0);
    }
}
