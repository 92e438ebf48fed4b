//! The points of an experiment, as its file writes them.

use serde::Deserialize;
use toml::Spanned;
use zoo::micro::Block;

/// Points that are measured in turn.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// `gpu` and `arm`, the paper's sets for such devices; `paper`, its set for both; or any other.
    pub name: Spanned<String>,
    /// Height and width of all maps, pixels.
    pub(super) spatial: Spanned<Vec<usize>>,
    /// What the channels of all points are multiplied by.
    pub(super) multipliers: Spanned<Vec<usize>>,
    /// The points; the one of least dose is the base.
    pub(super) points: Spanned<Vec<Spanned<Point>>>,
}

/// One block at one dose.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// As tables print it.
    pub label: String,
    /// How much of what the guideline warns of it has.
    pub dose: f64,
    /// How often the network is run for one sample.
    #[serde(default = "once")]
    pub runs: usize,
    /// The block, at multiplier 1.
    pub block: Block,
}

const fn once() -> usize {
    1
}

impl Grid {
    /// A grid that was computed, of multiplier 1.
    pub fn computed(name: &str, edge: usize, points: Vec<Point>) -> Self {
        let nowhere = |points| Spanned::new(0..0, points);
        let points = points.into_iter().map(|p| Spanned::new(0..0, p)).collect();
        Self {
            name: Spanned::new(0..0, name.to_owned()),
            spatial: Spanned::new(0..0, vec![edge]),
            multipliers: Spanned::new(0..0, vec![1]),
            points: nowhere(points),
        }
    }
}
