//! G3: fragmentation lowers parallelism. What a fragment costs, taken apart.
//!
//! Networks of equal mult-adds, with one convolution a block or with four narrow ones, are measured
//! on maps of several sizes. Each one's time is fitted by `fixed + per_pixel · pixels`: the fixed part
//! is paid per operator whatever it computes, the other one shows how well narrow operators use the
//! device.

use super::study::Study;
use profile::Guideline;

/// Where the time of fragments goes, on one device with one number of threads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// What one more operator costs whatever it computes, nanoseconds: its dispatch and, with
    /// several threads, their meeting.
    pub operator_ns: f64,
    /// Time per pixel of four fragments in series over that of one: the same mult-adds, so what is
    /// above 1 is badly used arithmetic, and traffic.
    pub series_per_pixel: f64,
    /// The same of four in parallel, whose outputs must also be added.
    pub parallel_per_pixel: f64,
    /// What starting one more run costs, nanoseconds: four networks one after another against one
    /// network of four fragments.
    pub run_ns: f64,
}

/// Time as a line over pixels, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Line {
    fixed: f64,
    per_pixel: f64,
    operators: f64,
    runs: f64,
}

/// Takes the `map-size` grid of the G3 experiment apart; `None` for any other study, or where maps
/// of fewer than three sizes were measured.
pub fn costs(study: &Study<'_>) -> Option<Costs> {
    if study.guideline != Guideline::G3 || study.grid != "map-size" {
        return None;
    }
    let one = line(study, "1-fragment")?;
    let series = line(study, "4-fragment-series")?;
    let parallel = line(study, "4-fragment-parallel")?;
    let apart = line(study, "4 one after another")?;
    Some(Costs {
        operator_ns: (series.fixed - one.fixed) / (series.operators - one.operators),
        series_per_pixel: series.per_pixel / one.per_pixel,
        parallel_per_pixel: parallel.per_pixel / one.per_pixel,
        run_ns: (apart.fixed - series.fixed) / (apart.runs - series.runs),
    })
}

fn line(study: &Study<'_>, label: &str) -> Option<Line> {
    let points = || study.points().filter(|p| p.experiment.label == label);
    let times: Vec<(f64, f64)> = points()
        .filter_map(|p| Some((p.analysis.profile.input.area() as f64, p.analysis.whole?.median)))
        .collect();
    let (fixed, per_pixel) = fit(&times)?;
    let first = points().next()?;
    let runs = first.experiment.runs as f64;
    Some(Line { fixed, per_pixel, operators: first.analysis.ops.len() as f64 * runs, runs })
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
    use crate::fixture;
    use profile::{Experiment, Profile};

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
        });
        profile
    }

    #[test]
    fn costs_are_told_apart() {
        let mut profiles = Vec::new();
        for edge in [7, 14, 28, 56] {
            profiles.push(point("1-fragment", 1, 1, 1.0, edge));
            profiles.push(point("4-fragment-series", 4, 1, 1.2, edge));
            profiles.push(point("4-fragment-parallel", 4, 1, 1.5, edge));
            profiles.push(point("4 one after another", 1, 4, 1.2, edge));
        }
        let costs_of = |profiles: &[Profile]| costs(&Study::all(profiles)[0]);
        let found = costs_of(&profiles).unwrap();
        assert!((found.operator_ns - 2000.0).abs() < 1.0, "{found:?}");
        assert!((found.series_per_pixel - 1.2).abs() < 1e-3, "{found:?}");
        assert!((found.parallel_per_pixel - 1.5).abs() < 1e-3, "{found:?}");
        assert!((found.run_ns - 5000.0).abs() < 20.0, "{found:?}");
        assert_eq!(costs_of(&profiles[..8]), None, "two sizes make no line");
    }

    #[test]
    fn a_line_by_hand() {
        let (fixed, slope) = fit(&[(1.0, 5.0), (2.0, 7.0), (4.0, 11.0)]).unwrap();
        assert!((fixed - 3.0).abs() < 1e-9 && (slope - 2.0).abs() < 1e-9);
        assert_eq!(fit(&[(1.0, 5.0), (1.0, 6.0), (2.0, 7.0)]), None);
    }
}
