//! Points beyond the paper's: for each ratio, the channels whose mult-adds come closest to the
//! base's.

use super::{Grid, Point};
use anyhow::{bail, ensure};
use profile::Guideline;
use zoo::micro::{Arrangement, Block, LARGEST};

/// How far a point's mult-adds may be from the base's, and its channels' ratio from the one asked
/// for, relative to them.
const MOST_DRIFT: f64 = 0.1;

/// A point's label without its channels, the block, and its mult-adds a pixel.
type Solved = (String, Block, usize);

/// What no grid computed here changes along the dose.
pub fn held_fixed() -> String {
    format!("mult-adds, to within {:.0} % (column drift)", 100.0 * MOST_DRIFT)
}

/// A grid of `ratios` (of channels for G1, groups for G2, fragments for G3) that all do the
/// mult-adds of `channels` channels on maps of `edge` × `edge` pixels, as nearly as whole numbers
/// allow. Labels say which channels those are. Doses rise, whatever the order of `ratios`, and
/// fragments in series stand before those in parallel: a chart joins neighbours whose dose rises.
///
/// # Errors
/// Where `ratios` lack 1, have one twice or no other, `channels` are too many, no whole numbers come within a
/// tenth of the mult-adds or of the ratio, or the guideline has no ratio.
pub fn grid(
    guideline: Guideline,
    ratios: &[usize],
    channels: usize,
    edge: usize,
) -> anyhow::Result<Grid> {
    ensure!(
        ratios.contains(&1) && ratios.len() > 1,
        "--ratios needs 1, the base, and others to compare with it"
    );
    ensure!(channels <= LARGEST, "--channels is {channels}: expected 1 to {LARGEST}");
    let mut points = Vec::new();
    for (i, &ratio) in ratios.iter().enumerate() {
        ensure!(!ratios[..i].contains(&ratio), "--ratios has {ratio} twice");
        let solved = match guideline {
            Guideline::G1 => vec![pair(channels, ratio)],
            Guideline::G2 => vec![grouped(channels, ratio)],
            Guideline::G3 => fragments(channels, ratio),
            Guideline::G4 => {
                bail!("--ratios goes with g1, g2 and g3: g4 removes operators, it has no ratio")
            }
        };
        for solved in solved {
            points.push(point(solved, channels, ratio)?);
        }
    }
    points.sort_by(|a, b| {
        let place = |p: &Point| in_parallel(&p.block);
        place(a).cmp(&place(b)).then(a.dose.total_cmp(&b.dose))
    });
    Ok(Grid::computed("iso-flops", edge, points))
}

/// The point of `ratio` as it was solved for, if it does what the base of `channels` does and has the
/// ratio that it stands for.
fn point((label, block, work): Solved, channels: usize, ratio: usize) -> anyhow::Result<Point> {
    if block.impossible().is_some() || off(work as f64, (channels * channels) as f64) {
        bail!("no whole number of channels for {label} does the mult-adds of {channels}");
    }
    let label = match block {
        Block::Pair { c1, c2 } => {
            let found = c2 as f64 / c1 as f64;
            ensure!(
                !off(found, ratio as f64),
                "--channels {channels} is too few for {label}: the nearest whole numbers are {c1} \
                 and {c2}, 1:{found:.2}; ask for more channels or a smaller ratio"
            );
            format!("{label} ({c1}, {c2})")
        }
        Block::Grouped { channels, .. } | Block::Fragments { channels, .. } => {
            format!("{label} ({channels})")
        }
        Block::Bottleneck { .. } => label,
    };
    Ok(Point { label, dose: ratio as f64, runs: 1, block })
}

/// Whether `value` is farther from `wanted` than a point may be.
fn off(value: f64, wanted: f64) -> bool {
    (value / wanted - 1.0).abs() > MOST_DRIFT
}

const fn in_parallel(block: &Block) -> bool {
    matches!(block, Block::Fragments { arrangement: Arrangement::Parallel, .. })
}

/// The c₁ nearest to c/√r, and the c₂ for which c₁·c₂ is nearest to c².
fn pair(channels: usize, ratio: usize) -> Solved {
    let (c, r) = (channels as f64, ratio as f64);
    let c1 = (c / r.sqrt()).round().max(1.0);
    let (c1, c2) = (c1 as usize, (c * c / c1).round() as usize);
    (format!("1:{ratio}"), Block::Pair { c1, c2 }, c1 * c2)
}

/// The multiple of the groups nearest to c·√g.
fn grouped(channels: usize, groups: usize) -> Solved {
    let wide = channels as f64 * (groups as f64).sqrt();
    let per_group = (wide / groups as f64).round() as usize;
    let channels = per_group * groups;
    (format!("g={groups}"), Block::Grouped { channels, groups }, channels * per_group)
}

/// n fragments of c/√n channels, in series and, where there are several, in parallel.
fn fragments(channels: usize, n: usize) -> Vec<Solved> {
    let channels = (channels as f64 / (n as f64).sqrt()).round() as usize;
    let solved = |label: String, arrangement| {
        let block = Block::Fragments { channels, fragments: n, arrangement };
        (label, block, n * channels * channels)
    };
    match n {
        1 => vec![solved("1-fragment".to_owned(), Arrangement::Series)],
        _ => vec![
            solved(format!("{n}-fragment-series"), Arrangement::Series),
            solved(format!("{n}-fragment-parallel"), Arrangement::Parallel),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::Spanned;

    #[test]
    fn channels_are_solved_for() {
        let pairs = [1, 2, 4, 8, 16].map(|ratio| pair(64, ratio).1);
        let channels = [(64, 64), (45, 91), (32, 128), (23, 178), (16, 256)];
        assert_eq!(pairs, channels.map(|(c1, c2)| Block::Pair { c1, c2 }));
        assert_eq!(grouped(64, 4).1, Block::Grouped { channels: 128, groups: 4 });
        assert_eq!(grouped(64, 8).1, Block::Grouped { channels: 184, groups: 8 });
        let (label, block, work) = fragments(64, 4).remove(1);
        let arrangement = Arrangement::Parallel;
        assert_eq!(block, Block::Fragments { channels: 32, fragments: 4, arrangement });
        assert_eq!((label.as_str(), work), ("4-fragment-parallel", 64 * 64));
    }

    #[test]
    fn labels_say_the_channels() {
        let grid = grid(Guideline::G1, &[1, 8], 64, 28).unwrap();
        let labels = grid.points.get_ref().iter().map(|p| p.get_ref().label.clone());
        assert_eq!(labels.collect::<Vec<_>>(), ["1:1 (64, 64)", "1:8 (23, 178)"]);
    }

    #[test]
    fn doses_rise_in_series_and_then_in_parallel() {
        let grid = grid(Guideline::G3, &[4, 1, 2], 64, 28).unwrap();
        let points = grid.points.get_ref().iter().map(Spanned::get_ref);
        let labels: Vec<&str> = points.map(|p| p.label.as_str()).collect();
        assert_eq!(
            labels,
            [
                "1-fragment (64)",
                "2-fragment-series (45)",
                "4-fragment-series (32)",
                "2-fragment-parallel (45)",
                "4-fragment-parallel (32)",
            ]
        );
    }

    #[test]
    fn a_ratio_that_whole_channels_do_not_have_is_refused() {
        let pairs = |ratios: &[usize], channels| grid(Guideline::G1, ratios, channels, 28);
        for (ratio, channels) in [(8, 20), (64, 8), (4096, 64)] {
            assert!(pairs(&[1, ratio], channels).is_ok(), "1:{ratio} of {channels}");
        }
        for (ratio, channels, nearest) in
            [(2, 4, "3 and 5, 1:1.67"), (256, 8, "1 and 64"), (99_999_999, 64, "1 and 4096")]
        {
            let message = pairs(&[1, ratio], channels).unwrap_err().to_string();
            let start = format!("--channels {channels} is too few for 1:{ratio}: ");
            assert!(message.starts_with(&start) && message.contains(nearest), "{message}");
        }
    }

    /// Drift is at most what rounding one channel count can make of it.
    #[test]
    fn mult_adds_drift_little() {
        for channels in [16, 48, 64, 100, 512] {
            for ratio in [1, 2, 3, 5, 8, 16] {
                let (_, block, work) = pair(channels, ratio);
                let Block::Pair { c1, c2 } = block else { unreachable!() };
                assert_eq!(work, c1 * c2);
                let drift = work as f64 / (channels * channels) as f64 - 1.0;
                assert!(drift.abs() <= 0.5 / c2 as f64 + 1e-12, "{channels} 1:{ratio}: {drift}");
            }
        }
    }

    #[test]
    fn what_has_no_ratio_is_refused() {
        let refused = |guideline, ratios: &[usize], channels| {
            grid(guideline, ratios, channels, 28).unwrap_err().to_string()
        };
        assert!(refused(Guideline::G4, &[1, 2], 64).contains("g4"));
        assert!(refused(Guideline::G1, &[2, 4], 64).contains("needs 1"));
        assert!(refused(Guideline::G1, &[1, 2, 2], 64).contains("2 twice"));
        assert!(refused(Guideline::G3, &[1, 2], usize::MAX).contains("--channels is"));
        assert!(refused(Guideline::G2, &[1, usize::MAX], LARGEST).contains("no whole number"));
        assert!(refused(Guideline::G3, &[1, usize::MAX], LARGEST).contains("no whole number"));
        for (guideline, channels) in [(Guideline::G2, 1), (Guideline::G2, 4), (Guideline::G3, 2)] {
            let none = refused(guideline, &[1, 8], channels);
            assert!(none.contains("no whole number of channels for"), "{none}");
        }
    }
}
