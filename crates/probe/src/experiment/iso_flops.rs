//! Points beyond the paper's: for each ratio, the channels whose mult-adds come closest to the
//! base's.

use super::{Block, Grid, Point, block::Arrangement};
use anyhow::{bail, ensure};
use profile::Guideline;

/// A grid of `ratios` (of channels for G1, groups for G2, fragments for G3) that all do the
/// mult-adds of `channels` channels on maps of `edge` × `edge` pixels, as nearly as whole numbers
/// allow.
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
    for &ratio in ratios {
        let blocks = match guideline {
            Guideline::G1 => vec![(format!("1:{ratio}"), pair(channels, ratio))],
            Guideline::G2 => vec![(format!("g={ratio}"), grouped(channels, ratio))],
            Guideline::G3 => fragments(channels, ratio),
            Guideline::G4 => {
                bail!("--ratios goes with g1, g2 and g3: g4 removes operators, it has no ratio")
            }
        };
        for (label, block) in blocks {
            if let Some(what) = block.impossible() {
                bail!("{channels} channels are too few for {label}: {what}");
            }
            points.push(Point { label, dose: ratio as f64, runs: 1, block });
        }
    }
    Ok(Grid::computed("iso-flops", edge, points))
}

/// c₁ near c/√r, and the c₂ for which c₁·c₂ is nearest to c²; of the two whole c₁ the one with the
/// less drift.
fn pair(channels: usize, ratio: usize) -> Block {
    let (c, r) = (channels as f64, ratio as f64);
    let narrow = c / r.sqrt();
    let candidates = [narrow.floor().max(1.0), narrow.ceil().max(1.0)].map(|c1| {
        let c2 = (c * c / c1).round();
        ((c1 * c2 / (c * c) - 1.0).abs(), (c1, c2))
    });
    let best = if candidates[0].0 <= candidates[1].0 { candidates[0] } else { candidates[1] };
    let (c1, c2) = best.1;
    Block::Pair { c1: c1 as usize, c2: c2 as usize }
}

/// The multiple of the groups nearest to c·√g.
fn grouped(channels: usize, groups: usize) -> Block {
    let wide = channels as f64 * (groups as f64).sqrt();
    let per_group = (wide / groups as f64).round() as usize;
    Block::Grouped { channels: per_group * groups, groups }
}

/// n fragments of c/√n channels, in series and, where there are several, in parallel.
fn fragments(channels: usize, n: usize) -> Vec<(String, Block)> {
    let narrow = (channels as f64 / (n as f64).sqrt()).round() as usize;
    let block = |arrangement| Block::Fragments { channels: narrow, fragments: n, arrangement };
    match n {
        1 => vec![("1-fragment".to_owned(), block(Arrangement::Series))],
        _ => vec![
            (format!("{n}-fragment-series"), block(Arrangement::Series)),
            (format!("{n}-fragment-parallel"), block(Arrangement::Parallel)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_solved_for() {
        assert_eq!(pair(64, 1), Block::Pair { c1: 64, c2: 64 });
        assert_eq!(pair(64, 4), Block::Pair { c1: 32, c2: 128 });
        assert_eq!(pair(64, 16), Block::Pair { c1: 16, c2: 256 });
        assert_eq!(grouped(64, 4), Block::Grouped { channels: 128, groups: 4 });
        assert_eq!(grouped(64, 8), Block::Grouped { channels: 184, groups: 8 });
        let four =
            Block::Fragments { channels: 32, fragments: 4, arrangement: Arrangement::Parallel };
        assert_eq!(fragments(64, 4)[1], ("4-fragment-parallel".to_owned(), four));
    }

    /// Drift is at most what rounding one channel count can make of it.
    #[test]
    fn mult_adds_drift_little() {
        for channels in [16, 48, 64, 100, 512] {
            for ratio in [1, 2, 3, 5, 8, 16] {
                let Block::Pair { c1, c2 } = pair(channels, ratio) else { unreachable!() };
                let drift = (c1 * c2) as f64 / (channels * channels) as f64 - 1.0;
                assert!(drift.abs() <= 0.5 / c2 as f64 + 1e-12, "{channels} 1:{ratio}: {drift}");
            }
        }
    }

    #[test]
    fn what_has_no_ratio_is_refused() {
        assert!(grid(Guideline::G4, &[1, 2], 64, 28).unwrap_err().to_string().contains("g4"));
        assert!(grid(Guideline::G1, &[2, 4], 64, 28).unwrap_err().to_string().contains("needs 1"));
        let none = grid(Guideline::G2, &[1, 16], 1, 28).unwrap_err().to_string();
        assert!(none.contains("too few"), "{none}");
    }
}
