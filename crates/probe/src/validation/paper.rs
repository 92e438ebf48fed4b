//! The ShuffleNetV2 paper's ARM core: two scalars fitted to the guidelines' tables 1 to 3, which tell table 8 and
//! figure 2 as well.

use super::{
    comparison::Comparison,
    part::{Part, parts},
    traced::{Job, Trace, Traces},
};
use crate::experiment::Experiment;
use cores::overlapped;
use profile::{Class, DeviceKind, Guideline, Level};
use report::{
    paper::{self, Pie, Speed},
    published,
    validation::{Aim, Case, Row},
};
use std::collections::BTreeMap;
use zoo::micro::Stack;

/// What stands for the paper's core: it had a Snapdragon 810, of which no measured memory was found.
const DEVICE: &str = "cortex-a57@jetson-nano-2000";

/// What is printed of it.
const ON: &str = "Cortex-A57 of Snapdragon 810, as on Jetson Nano";

/// Where the tables stand.
const SOURCE: &str = "Ma, Zhang, Zheng, Sun: ShuffleNet V2, arXiv 1807.11164";

/// The paper folds batch norms; its figure 2 has element-wise operators beside convolutions.
const LEVEL: Level = Level::Folded;

/// Tables whose grids are blocks one after the other.
const TABLES: [Guideline; 3] = [Guideline::G1, Guideline::G2, Guideline::G3];

const AIM: Aim = Aim::Errors { median: 0.10, p90: None };

/// Blocks that are traced: all after the first find the caches alike.
const TRACED: usize = 2;

/// The comparison.
pub struct Paper {
    cells: Vec<Cell>,
    speeds: Vec<Speed>,
    pies: Vec<Pie>,
}

/// A cell of tables 1 to 3.
struct Cell {
    name: String,
    stack: Stack,
    ms: f64,
}

/// A model of a part, nanoseconds.
type Model = fn(&Part, &[f64; 2]) -> f64;

/// The models with where their fits begin: a factor of the core's time, and how much of the shorter time hides; and
/// nanoseconds a mult-add and a byte.
const MODELS: [(&str, Model, [f64; 2]); 2] = [
    (
        "fitted",
        |part, [factor, overlap]| {
            part.times * overlapped(factor * part.core_ns, part.memory_ns, *overlap)
        },
        [1.0, 0.5],
    ),
    (
        "naive",
        |part, [a_mul_add, a_byte]| a_mul_add * part.mul_adds + a_byte * part.bytes,
        [0.1, 0.1],
    ),
];

impl Paper {
    /// What was published.
    ///
    /// # Errors
    /// Where the lab's experiments cannot be read.
    pub fn read() -> anyhow::Result<Self> {
        let mut cells = Vec::new();
        for experiment in Experiment::named("all")? {
            let guideline = experiment.guideline;
            let grid = experiment.grids.iter().find(|grid| grid.name.get_ref() == "arm");
            let setups = grid.filter(|_| TABLES.contains(&guideline));
            let setups = setups.map_or_else(Vec::new, |grid| experiment.setups(grid));
            for setup in setups.into_iter().filter(|setup| !setup.point.twin) {
                let (label, times) = (&setup.point.label, setup.point.multiplier);
                let Some(cell) = published::cell(guideline, label, times) else { continue };
                let name = format!("{guideline} {label}, channels ×{times}");
                cells.push(Cell { name, stack: setup.stack, ms: 1e3 / cell.arm.images_per_s });
            }
        }
        let pies = paper::pies().into_iter().filter(|pie| pie.platform == DeviceKind::Arm);
        Ok(Self { cells, speeds: paper::table8(), pies: pies.collect() })
    }
}

impl Cell {
    fn job(&self) -> Job {
        let stack = Stack { blocks: TRACED, ..self.stack };
        job(stack.to_string(), None)
    }

    /// Its parts, the second of the traced blocks as often as there are blocks after the first.
    fn parts(&self, trace: &Trace) -> Vec<Part> {
        let mut parts = parts(trace);
        let first = parts.len() / TRACED;
        let more = (self.stack.blocks - 1) as f64;
        parts[first..].iter_mut().for_each(|part| part.repeat(more));
        parts
    }
}

fn job(model: String, edge: Option<usize>) -> Job {
    Job { model, edge, level: LEVEL, device: DEVICE.to_owned() }
}

fn of_speed(speed: &Speed) -> Job {
    job(speed.zoo.clone(), Some(speed.input))
}

/// Milliseconds of a run.
fn ms(parts: &[Part], model: Model, scalars: &[f64; 2]) -> f64 {
    parts.iter().map(|part| model(part, scalars)).sum::<f64>() / 1e6
}

impl Comparison for Paper {
    fn jobs(&self) -> anyhow::Result<Vec<Job>> {
        Ok(self.cells.iter().map(Cell::job).chain(self.speeds.iter().map(of_speed)).collect())
    }

    fn rows(&self, traces: &Traces) -> anyhow::Result<Vec<Row>> {
        let cells: Vec<_> =
            self.cells.iter().map(|cell| (cell, cell.parts(&traces[&cell.job()]))).collect();
        let speeds: Vec<_> =
            self.speeds.iter().map(|speed| (speed, parts(&traces[&of_speed(speed)]))).collect();
        let mut rows = Vec::new();
        for (name, model, start) in MODELS {
            let loss = |scalars: &[f64; 2]| {
                let error = |(cell, parts): &(&Cell, Vec<Part>)| {
                    (ms(parts, model, scalars) / cell.ms - 1.0).abs()
                };
                cells.iter().map(error).sum()
            };
            let scalars = stats::descend(start, start.len(), loss);
            let case = |name: &str, published: f64, parts: &[Part]| Case {
                name: name.to_owned(),
                published,
                modelled: ms(parts, model, &scalars),
                mul_adds_m: Some(parts.iter().map(|part| part.mul_adds).sum::<f64>() / 1e6),
            };
            let of_tables = cells.iter().map(|(cell, parts)| case(&cell.name, cell.ms, parts));
            let tables = Row::of_cases("paper, tables 1 to 3", ON, name, of_tables.collect());
            let tables = tables.fitted(&scalars);
            let of_table8 = speeds
                .iter()
                .map(|(speed, parts)| case(&speed.model, 1e3 / speed.arm_images_per_s, parts));
            let table8 = Row::of_cases("paper, table 8", ON, name, of_table8.collect());
            let of_pies = self.pies.iter().flat_map(|pie| {
                let same = |(speed, parts): &&(&Speed, Vec<Part>)| {
                    let counted: f64 = parts.iter().map(|part| part.mul_adds).sum();
                    speed.zoo.starts_with(&pie.family) && counted as u64 == pie.mul_adds
                };
                let parts = speeds.iter().find(same).map(|(_, parts)| parts);
                parts.map_or_else(Vec::new, |parts| shares(pie, parts, model, &scalars))
            });
            let figure2 =
                Row::of_cases("paper, figure 2, shares in per cent", ON, name, of_pies.collect());
            rows.extend([
                if name == "naive" { tables } else { tables.aiming(AIM) },
                table8,
                figure2,
            ]);
        }
        rows.sort_by_key(|row| row.what.clone());
        Ok(rows.into_iter().map(|row| row.published_in(SOURCE)).collect())
    }
}

/// The classes of a pie that have a share, per cent of the run.
fn shares(pie: &Pie, parts: &[Part], model: Model, scalars: &[f64; 2]) -> Vec<Case> {
    let mut ns: BTreeMap<Class, f64> = BTreeMap::new();
    for part in parts {
        *ns.entry(part.class).or_default() += model(part, scalars);
    }
    let whole: f64 = ns.values().sum();
    let case = |(class, published): (&Class, &f64)| Case {
        name: format!("{}, {class}", pie.net),
        published: *published,
        modelled: 100.0 * ns.get(class).copied().unwrap_or(0.0) / whole,
        mul_adds_m: None,
    };
    pie.percent.iter().filter(|(_, share)| **share > 0.0).map(case).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::traced;

    #[test]
    fn tables_1_to_3_and_8_are_whole() {
        let paper = Paper::read().unwrap();
        let of = |table: &str| paper.cells.iter().filter(|c| c.name.starts_with(table)).count();
        assert_eq!((["G1", "G2", "G3"].map(of), paper.speeds.len()), ([12, 12, 15], 18));
        assert_eq!(paper.pies.len(), 2);
        let cell = paper.cells.iter().find(|c| c.name == "G2 g=8, channels ×4").unwrap();
        assert!((cell.ms - 1e3 / 1.8).abs() < 1e-9);
    }

    /// Two blocks tell of ten.
    #[test]
    fn blocks_after_the_first_are_alike() {
        let paper = Paper::read().unwrap();
        let cell = Cell { ms: 1.0, name: String::new(), stack: paper.cells[0].stack };
        let whole = job(cell.stack.to_string(), None);
        let traces = traced::all(vec![cell.job(), whole.clone()]).unwrap();
        let (_, model, _) = MODELS[0];
        let [few, all] = [cell.parts(&traces[&cell.job()]), parts(&traces[&whole])]
            .map(|parts| ms(&parts, model, &[1.0, 0.5]));
        assert!((few / all - 1.0).abs() < 0.02, "{few} {all}");
    }
}
