//! G4: element-wise operators are not negligible. What removing operators from a block saves.
//!
//! Nothing is subtracted: the network is measured with and without them, in turn. What is removed has
//! its share of FLOPs and of memory access cost; the time saved says what it really costs.

use super::{
    published,
    study::{Point, Study},
    verdict::{Sampled, slowdown},
};
use profile::Guideline;

/// One network that lacks something of its block, against the block that has everything.
#[derive(Clone, Debug, PartialEq)]
pub struct Saving {
    /// What is left in the block.
    pub left: String,
    /// By how much channels are multiplied.
    pub multiplier: f64,
    /// Share of the whole block's time that is saved.
    pub time: f64,
    /// The 95 % interval of that; `None` below six rounds.
    pub interval: Option<(f64, f64)>,
    /// Share of the whole block's FLOPs that is removed.
    pub flops: f64,
    /// Share of the whole block's memory access cost that is removed.
    pub access: f64,
    /// The share of time that the paper's GPU and ARM core save, where it measured the same.
    pub paper: Option<(f64, f64)>,
}

/// What each network of a G4 study saves against the one of largest dose; nothing for other studies.
pub fn savings(study: &Study<'_>) -> Vec<Saving> {
    if study.guideline != Guideline::G4 || study.is_mixed() {
        return Vec::new();
    }
    let of_curve = |points: &[Point<'_>]| -> Vec<Saving> {
        let dose = |p: &Point<'_>| p.experiment.dose;
        let Some(whole) = points.iter().max_by(|a, b| dose(a).total_cmp(&dose(b))) else {
            return Vec::new();
        };
        let less = points.iter().filter(|p| dose(p) < dose(whole));
        less.filter_map(|point| saving(study, whole, point)).collect()
    };
    study.curves.iter().flat_map(|curve| of_curve(&curve.points)).collect()
}

fn saving(study: &Study<'_>, whole: &Point<'_>, point: &Point<'_>) -> Option<Saving> {
    let (left, interval) = slowdown(&rounds(whole), &rounds(point))?;
    let removed = |of: fn(&Point<'_>) -> u64| 1.0 - of(point) as f64 / of(whole) as f64;
    let paper = |p: &Point<'_>| {
        let cell = published::cell(study.guideline, &p.experiment.label, p.experiment.multiplier);
        cell.filter(|_| study.is_published()).map(|c| (c.gpu.slowdown, c.arm.slowdown))
    };
    Some(Saving {
        left: point.experiment.label.clone(),
        multiplier: point.experiment.multiplier,
        time: 1.0 - left,
        interval: interval.map(|(low, high)| (1.0 - high, 1.0 - low)),
        flops: removed(|p| p.analysis.flops()),
        access: removed(|p| p.access()),
        paper: paper(point).zip(paper(whole)).map(|(l, w)| (1.0 - l.0 / w.0, 1.0 - l.1 / w.1)),
    })
}

/// The times of a point, as they are.
fn rounds(point: &Point<'_>) -> Sampled {
    let rounds = point.analysis.rounds.iter().map(|&ns| ns as f64).collect();
    Sampled { at: 0.0, work: 1.0, rounds }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, measurements::Measurements};

    #[test]
    fn savings_by_hand() {
        let mut profiles = fixture::experiment(Guideline::G4, fixture::core(), [1.0; 4]);
        let labels = ["neither", "shortcut", "ReLU", "ReLU and shortcut"];
        for (i, profile) in profiles.iter_mut().enumerate() {
            let (row, time) = (i % 4, [80, 88, 92, 100][i % 4]);
            profile.whole_ns = vec![time; 8];
            for op in &mut profile.ops {
                op.flops = [60, 80, 80, 100][row];
                op.access.read = [50, 70, 80, 100][row];
                (op.access.written, op.access.weights) = (0, 0);
            }
            let experiment = profile.experiment.as_mut().unwrap();
            experiment.grid = "paper".into();
            experiment.label = labels[row].into();
            experiment.dose = [0.0, 1.0, 1.0, 2.0][row];
        }
        let savings = savings(&Study::all(Measurements::of(&profiles).all())[0]);
        assert_eq!(savings.len(), 9, "three networks lack something, at three multipliers");
        let neither = &savings[0];
        assert_eq!((neither.left.as_str(), neither.multiplier), ("neither", 1.0));
        for (found, truth) in [
            (neither.time, 0.2),
            (neither.flops, 0.4),
            (neither.access, 0.5),
            (savings[1].time, 0.12),
        ] {
            assert!((found - truth).abs() < 1e-12, "{found} for {truth}");
        }
        let (low, high) = neither.interval.unwrap();
        assert!((low - 0.2).abs() < 1e-12 && (high - 0.2).abs() < 1e-12);
        // Table 4: 2842 images/s without, 2427 with; 66.3 and 56.7 on ARM.
        let (gpu, arm) = neither.paper.unwrap();
        assert!((gpu - (1.0 - 2427.0 / 2842.0)).abs() < 1e-12, "{gpu}");
        assert!((arm - (1.0 - 56.7 / 66.3)).abs() < 1e-12, "{arm}");
    }

    #[test]
    fn other_guidelines_remove_nothing() {
        let profiles = fixture::experiment(Guideline::G1, fixture::core(), [1.0; 4]);
        assert_eq!(savings(&Study::all(Measurements::of(&profiles).all())[0]), []);
    }
}
