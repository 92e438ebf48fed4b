//! A guideline's experiment as data: blocks, doses, channels, map sizes.
//!
//! An experiment is a TOML file in `experiments/`. It holds no code and no times, and it is refused
//! where it has a key that nobody reads or a number that makes no network: with file and line.

mod grid;
mod iso_flops;
mod measure;

pub use grid::{Grid, Point};
pub use measure::{Bench, Subject};

use crate::record::Purpose;
use anyhow::{Context, anyhow, bail};
use ops::Graph;
use profile::{Guideline, Level, file, flaw_of_part, shortened};
use serde::Deserialize;
use serde_json::json;
use std::{io, ops::Range, path::Path};
use toml::Spanned;
use zoo::micro::{LARGEST, Stack};

/// The experiments that come with the lab.
const BUILT_IN: [(&str, &str); 4] = [
    ("experiments/g1.toml", include_str!("../../../../experiments/g1.toml")),
    ("experiments/g2.toml", include_str!("../../../../experiments/g2.toml")),
    ("experiments/g3.toml", include_str!("../../../../experiments/g3.toml")),
    ("experiments/g4.toml", include_str!("../../../../experiments/g4.toml")),
];

/// Most networks of an experiment, and most nodes of them together.
const MOST_NETWORKS: usize = 1000;
const MOST_NODES: usize = 1 << 18;

/// What a guideline's experiment varies, and what it holds fixed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// The guideline that it examines.
    pub guideline: Guideline,
    /// What it varies.
    pub title: String,
    /// Copies of the block in each network.
    blocks: Spanned<usize>,
    /// What does not change along the dose.
    pub held_fixed: String,
    /// What it shows and does not show, for readers.
    pub analysis: String,
    /// Sets of points.
    #[serde(rename = "grid")]
    pub grids: Vec<Grid>,
}

/// A network to measure, and the point that it stands for.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The network.
    pub stack: Stack,
    /// The point.
    pub point: profile::Experiment,
}

impl Setup {
    /// The network.
    ///
    /// # Errors
    /// Where there is none.
    pub fn graph(&self) -> anyhow::Result<Graph> {
        Ok(self.stack.build()?.at(Level::Folded))
    }

    /// The network as it is measured in `session`.
    ///
    /// # Errors
    /// Where there is none.
    pub fn subject(&self, session: &str) -> anyhow::Result<Subject> {
        let point = profile::Experiment { session: Some(session.to_owned()), ..self.point.clone() };
        Ok(Subject { graph: self.graph()?, purpose: Purpose::Experiment(point) })
    }
}

impl Experiment {
    /// The experiments that `which` names: `g1` … `g4`, `all`, or a file.
    ///
    /// # Errors
    /// Where the file cannot be read, or is no experiment.
    pub fn named(which: &str) -> anyhow::Result<Vec<Self>> {
        let built_in = || BUILT_IN.iter().map(|(path, text)| Self::parse(path, text));
        if which == "all" {
            return built_in().collect();
        }
        if let Ok(guideline) = which.parse::<Guideline>() {
            let all: Vec<Self> = built_in().collect::<anyhow::Result<_>>()?;
            return Ok(all.into_iter().filter(|e| e.guideline == guideline).collect());
        }
        let path = Path::new(which);
        if path.extension().is_none_or(|end| end != "toml") {
            bail!("no experiment {which:?}: expected g1, g2, g3, g4, all, or a TOML file");
        }
        let text = file::open(path).and_then(io::read_to_string);
        let text = text.with_context(|| which.to_owned())?;
        Ok(vec![Self::parse(which, &text)?])
    }

    /// The same question over `ratios` instead of the file's points, as [`iso_flops::grid`] computes
    /// them. The file's words on its points would not be true of these.
    ///
    /// # Errors
    /// Where there are no such points.
    pub fn over(self, ratios: &[usize], channels: usize, edge: usize) -> anyhow::Result<Self> {
        let over = Self {
            grids: vec![iso_flops::grid(self.guideline, ratios, channels, edge)?],
            held_fixed: iso_flops::held_fixed(),
            analysis: String::new(),
            ..self
        };
        over.check_networks().map_err(|(_, what)| anyhow!("--ratios: {what}"))?;
        Ok(over)
    }

    /// The experiment that the file at `path` describes, whose `text` this is.
    ///
    /// # Errors
    /// Where it is no experiment: with path and line.
    pub fn parse(path: &str, text: &str) -> anyhow::Result<Self> {
        let at = |span: Option<Range<usize>>, what: &str| {
            let start = span.map_or(0, |s| s.start).min(text.len());
            let line = text[..start].matches('\n').count() + 1;
            anyhow!("{path}:{line}: {}", shortened(what))
        };
        let parsed: Self = toml::from_str(text).map_err(|e| at(e.span(), in_words(e.message())))?;
        parsed.check().map_err(|(span, what)| at(Some(span), &what))?;
        Ok(parsed)
    }

    /// What is impossible about it, and where.
    fn check(&self) -> Result<(), (Range<usize>, String)> {
        within(&self.blocks, "blocks")?;
        if self.grids.is_empty() {
            return Err((0..0, "expected a [[grid]] with points to measure".to_owned()));
        }
        for (i, grid) in self.grids.iter().enumerate() {
            let name = grid.name.get_ref();
            if self.grids[..i].iter().any(|g| g.name.get_ref() == name) {
                return Err((grid.name.span(), format!("two grids are called {name:?}")));
            }
            for (list, name) in [(&grid.spatial, "spatial"), (&grid.multipliers, "multipliers")] {
                all_within(list, name)?;
            }
            self.check_points(grid)?;
        }
        self.check_networks()
    }

    /// Refuses what makes no networks, or too many or too large ones to hold together.
    fn check_networks(&self) -> Result<(), (Range<usize>, String)> {
        let (mut networks, mut nodes) = (0_usize, 0);
        for grid in &self.grids {
            let [spatial, multipliers] =
                [&grid.spatial, &grid.multipliers].map(|l| l.get_ref().len());
            // And the base once more.
            let points = grid.points.get_ref().len() + 1;
            let own = points.saturating_mul(spatial).saturating_mul(multipliers);
            networks = own.saturating_add(networks);
            if networks > MOST_NETWORKS {
                let what = format!(
                    "its points, each on every map size with every multiplier, are more than \
                     {MOST_NETWORKS} networks"
                );
                return Err((grid.points.span(), what));
            }
            for setup in self.setups(grid) {
                nodes += setup.stack.nodes().min(MOST_NODES);
                let built = setup.stack.build().map_err(|e| e.to_string());
                let built = built.and_then(|_| match nodes <= MOST_NODES {
                    true => Ok(()),
                    false => {
                        Err(format!("its networks have more than {MOST_NODES} nodes together"))
                    }
                });
                let owner =
                    grid.points.get_ref().iter().find(|p| p.get_ref().label == setup.point.label);
                let span = owner.map_or(grid.points.span(), Spanned::span);
                built.map_err(|what| (span, what))?;
            }
        }
        Ok(())
    }

    fn check_points(&self, grid: &Grid) -> Result<(), (Range<usize>, String)> {
        let points = &grid.points;
        let mut labels = Vec::new();
        for point in points.get_ref() {
            let Point { label, dose, runs, block } = point.get_ref();
            let refuse = |what: String| Err((point.span(), what));
            let least = if self.guideline == Guideline::G4 { 0.0 } else { 1.0 };
            if !dose.is_finite() || *dose < least {
                return refuse(format!("dose is {dose:?}: expected a number from {least}"));
            }
            if *runs == 0 || *runs > 1000 {
                return refuse(format!("runs is {runs}: expected 1 to 1000"));
            }
            if let Some(what) = block.impossible() {
                return refuse(what);
            }
            // What no reader would take should not be measured.
            let point_of_profile = self.setup(grid, point.get_ref(), 1, 1).point;
            if let Some(flaw) = flaw_of_part(&json!({"experiment": point_of_profile})) {
                return refuse(flaw);
            }
            if labels.contains(&label) {
                return refuse(format!("two points are called {label:?}"));
            }
            labels.push(label);
        }
        let all = || points.get_ref().iter().map(Spanned::get_ref);
        let least = all().map(|p| p.dose).fold(f64::INFINITY, f64::min);
        let (bases, others): (Vec<&Point>, Vec<&Point>) = all().partition(|p| p.dose == least);
        match bases.as_slice() {
            [base] if base.runs == 1 && others.iter().any(|p| p.runs == 1) => Ok(()),
            _ => {
                let what = "expected one point of least dose, the base, run once, and others to \
                            compare with it";
                Err((points.span(), what.to_owned()))
            }
        }
    }

    /// Every network of `grid`, all points of one multiplier and map size together, and after them
    /// the base once more.
    pub fn setups(&self, grid: &Grid) -> Vec<Setup> {
        let mut setups = Vec::new();
        let points = || grid.points.get_ref().iter().map(Spanned::get_ref);
        let base = points().min_by(|a, b| a.dose.total_cmp(&b.dose));
        for &multiplier in grid.multipliers.get_ref() {
            for &edge in grid.spatial.get_ref() {
                setups.extend(points().map(|p| self.setup(grid, p, multiplier, edge)));
                setups.extend(base.map(|p| {
                    let mut twin = self.setup(grid, p, multiplier, edge);
                    twin.point.twin = true;
                    twin
                }));
            }
        }
        setups
    }

    fn setup(&self, grid: &Grid, point: &Point, multiplier: usize, edge: usize) -> Setup {
        let stack = Stack {
            block: point.block.times(multiplier),
            blocks: *self.blocks.get_ref(),
            size: (edge, edge),
            batch: 1,
        };
        let point = profile::Experiment {
            guideline: self.guideline,
            grid: grid.name.get_ref().clone(),
            label: point.label.clone(),
            dose: point.dose,
            multiplier: multiplier as f64,
            runs: point.runs,
            twin: false,
            session: None,
        };
        Setup { stack, point }
    }
}

/// The parser's message, without its own words for a point of no block, or of two.
fn in_words(message: &str) -> &str {
    match message.strip_prefix("wanted exactly 1 element") {
        Some(_) => "expected exactly one block",
        None => message,
    }
}

fn within(value: &Spanned<usize>, name: &str) -> Result<(), (Range<usize>, String)> {
    match value.get_ref() {
        1..=LARGEST => Ok(()),
        n => Err((value.span(), format!("{name} is {n}: expected 1 to {LARGEST}"))),
    }
}

fn all_within(list: &Spanned<Vec<usize>>, name: &str) -> Result<(), (Range<usize>, String)> {
    let bad = list.get_ref().iter().find(|n| !(1..=LARGEST).contains(*n));
    let all = list.get_ref();
    let twice = (1..all.len()).find(|&i| all[..i].contains(&all[i]));
    match (all.is_empty(), bad, twice) {
        (true, ..) => Err((list.span(), format!("{name} is empty"))),
        (_, Some(n), _) => Err((list.span(), format!("{name} has {n}: expected 1 to {LARGEST}"))),
        (.., Some(i)) => Err((list.span(), format!("{name} has {} twice", all[i]))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
