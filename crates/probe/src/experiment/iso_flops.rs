//! Points beyond the paper's: for each ratio, the channels whose mult-adds come closest to the
//! base's.

use super::{Block, Grid, Point, block::Arrangement};
use anyhow::{bail, ensure};
use profile::Guideline;

/// How far a point's mult-adds may be from the base's, relative to them.
const MOST_DRIFT: f64 = 0.1;

/// A point's label without its channels, the block, and its mult-adds a pixel.
type Solved = (String, Block, usize);

/// A grid of `ratios` (of channels for G1, groups for G2, fragments for G3) that all do the
/// mult-adds of `channels` channels on maps of `edge` × `edge` pixels, as nearly as whole numbers
/// allow. Labels say which channels those are.
///
/// # Errors
/// Where no whole number of channels comes close, or the guideline holds nothing fixed.
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
        for (label, block, work) in solved {
            let drift = work as f64 / (channels * channels) as f64 - 1.0;
            if block.impossible().is_some() || drift.abs() > MOST_DRIFT {
                bail!("no whole number of channels for {label} does the mult-adds of {channels}");
            }
            let label = match block {
                Block::Pair { c1, c2 } => format!("{label} ({c1}, {c2})"),
                Block::Grouped { channels, .. } | Block::Fragments { channels, .. } => {
                    format!("{label} ({channels})")
                }
                Block::Bottleneck { .. } => label,
            };
            points.push(Point { label, dose: ratio as f64, runs: 1, block });
        }
    }
    Ok(Grid::computed("iso-flops", edge, points))
}

/// c₁ near c/√r, and the c₂ for which c₁·c₂ is nearest to c²; of the two whole c₁ the one with the
/// less drift.
fn pair(channels: usize, ratio: usize) -> Solved {
    let (c, r) = (channels as f64, ratio as f64);
    let narrow = c / r.sqrt();
    let candidates = [narrow.floor().max(1.0), narrow.ceil().max(1.0)].map(|c1| {
        let c2 = (c * c / c1).round();
        ((c1 * c2 / (c * c) - 1.0).abs(), (c1, c2))
    });
    let best = if candidates[0].0 <= candidates[1].0 { candidates[0] } else { candidates[1] };
    let (c1, c2) = (best.1.0 as usize, best.1.1 as usize);
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
        for (guideline, channels) in [(Guideline::G2, 1), (Guideline::G2, 4), (Guideline::G3, 2)] {
            let none = refused(guideline, &[1, 8], channels);
            assert!(none.contains("no whole number of channels for"), "{none}");
        }
    }
}
