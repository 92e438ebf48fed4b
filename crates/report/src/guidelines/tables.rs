//! What studies measured, as tables and in plain sentences.

use super::{
    g3::{CostEstimate, Costs},
    g4::Saving,
    published,
    study::{Onset, Point, Study},
    verdict::{Judgement, Verdict},
};
use crate::{
    analysis::measured,
    format::{NOTHING, counted, duration, grouped, percent, significant},
    sentences::MODELLED,
    table::{Column, Table},
};
use indexmap::IndexMap;
use profile::{DeviceKind, Guideline, Profile};
use stats::median_of;
use std::collections::{BTreeSet, HashMap};

/// A row a point: what it does, how fast it is, and how that compares with the paper and with what
/// memory access cost alone predicts.
pub fn points(study: &Study<'_>) -> Table {
    let mut columns = vec![
        Column::words("point", 9),
        Column::numbers("channels ×", 9),
        Column::numbers("maps", 2),
        Column::numbers("M mult-adds", 3),
        Column::numbers("drift", 5),
        Column::numbers("images/s", 8),
        Column::words("95 %", 4),
        Column::numbers("slow-down", 9),
        Column::numbers("by MAC", 7),
    ];
    if study.is_published() {
        columns.extend([
            Column::numbers("paper GPU", 6),
            Column::numbers("ours/GPU", 1),
            Column::numbers("paper ARM", 6),
            Column::numbers("ours/ARM", 1),
        ]);
    }
    let mut table = Table::new(columns);
    for curve in &study.curves {
        for point in &curve.points {
            let mut row = vec![
                point.experiment.label.clone(),
                format!("{}", curve.multiplier),
                format!("{0}×{0}", curve.spatial),
                grouped(point.mul_adds() as f64 / 1e6, 1),
                percent(point.mul_adds_ratio - 1.0),
            ];
            row.extend(speed(point));
            row.push(grouped(point.slowdown, 2));
            row.push(grouped(point.predicted, 2));
            if study.is_published() {
                row.extend(beside_the_paper(study, point));
            }
            table.row(row);
        }
    }
    table
}

fn speed(point: &Point<'_>) -> [String; 2] {
    let Some((rate, interval)) = point.images_per_s() else {
        return [NOTHING, NOTHING].map(Into::into);
    };
    let ends = |(low, high)| format!("{} to {}", significant(low), significant(high));
    [significant(rate), interval.map_or(NOTHING.into(), ends)]
}

/// The paper's slow-downs of the same row, and ours over them; nothing where it has no such row.
fn beside_the_paper(study: &Study<'_>, point: &Point<'_>) -> [String; 4] {
    let e = point.experiment;
    let Some(cell) = published::cell(study.guideline, &e.label, e.multiplier) else {
        return [NOTHING; 4].map(Into::into);
    };
    let ratio = |theirs: f64| grouped(point.slowdown / theirs, 2);
    let (gpu, arm) = (cell.gpu.slowdown, cell.arm.slowdown);
    [grouped(gpu, 2), ratio(gpu), grouped(arm, 2), ratio(arm)]
}

/// Verdicts on one screen: a row a place, a column a guideline and grid, the paper's grids as one.
pub fn matrix(studies: &[Study<'_>]) -> Table {
    let column = |study: &Study<'_>| match study.is_published() {
        true => study.guideline.to_string(),
        false => format!("{}, {}", study.guideline, study.grid),
    };
    let titles: BTreeSet<String> = studies.iter().map(column).collect();
    let mut columns = vec![Column::words("device", 9)];
    columns.extend(titles.iter().map(|title| Column::words(title, 8).toned(tone)));
    let mut table = Table::new(columns);
    let mut rows: IndexMap<String, HashMap<String, String>> = IndexMap::new();
    for study in studies {
        let row = rows.entry(study.apart.behind(study.place())).or_default();
        row.insert(column(study), short(&study.judged));
    }
    for (place, mut cells) in rows {
        let cells = titles.iter().map(|title| cells.remove(title).unwrap_or_default());
        table.row([place].into_iter().chain(cells).collect());
    }
    table
}

/// What stands under [`matrix`].
pub const MATRIX: &str = "Slow-down at the largest dose at equal work, all multipliers and map sizes together. A column \
     that names no grid is of the paper's points.";

/// A verdict, and the slow-down that it stands on.
fn short(judged: &Judgement) -> String {
    let slower = judged.effect.map(|(size, _)| format!(", {} ×", significant(size)));
    judged.verdict.name().to_owned() + &slower.unwrap_or_default()
}

/// The class of a cell with a [`short`] verdict.
fn tone(cell: &str) -> Option<&'static str> {
    let is = |verdict: Verdict| cell.starts_with(verdict.name());
    match cell {
        "" => None,
        _ if is(Verdict::Holds) => Some("loss"),
        _ if is(Verdict::Reversed) => Some("gain"),
        _ => Some("none"),
    }
}

/// The verdict on every study, with the effect that it stands on.
pub fn verdicts(studies: &[Study<'_>]) -> Table {
    let mut table = Table::new(vec![
        Column::words("guideline", 9),
        Column::words("grid", 8),
        Column::words("device", 7),
        Column::words("verdict", 9),
        Column::words("slow-down (95 %)", 8),
        Column::words("where it matters", 6),
        Column::words("each", 4),
    ]);
    for study in studies {
        let judged = &study.judged;
        let effect = judged.effect.map(|(size, (low, high))| {
            let [size, low, high] = [size, low, high].map(significant);
            format!("{size} ({low} to {high})")
        });
        let each =
            judged.each.iter().map(|(name, (size, _))| format!("{name} {}", significant(*size)));
        table.row(vec![
            study.guideline.to_string(),
            study.grid_label(),
            study.place(),
            judged.verdict.name().to_owned(),
            effect.unwrap_or(NOTHING.into()),
            study.onset().map_or(NOTHING.into(), |o| matters(study, o)),
            each.collect::<Vec<_>>().join(", "),
        ]);
    }
    table
}

/// Title of the table of [`savings`].
pub const SAVINGS: &str =
    "What removing operators from the graph saves, of the time of the block that has all:";

/// What removing operators saves, a row a network that lacks some.
pub fn savings(savings: &[Saving]) -> Table {
    let published = savings.iter().any(|s| s.paper.is_some());
    let mut columns = vec![
        Column::words("left in the block", 9),
        Column::numbers("channels ×", 9),
        Column::numbers("time saved", 9),
        Column::words("95 %", 5),
        Column::numbers("FLOPs removed", 7),
        Column::numbers("MAC removed", 6),
    ];
    if published {
        columns.push(Column::numbers("paper GPU saves", 4));
        columns.push(Column::numbers("paper ARM saves", 4));
    }
    let mut table = Table::new(columns);
    for saving in savings {
        let ends = |(low, high)| format!("{} to {}", percent(low), percent(high));
        let mut row = vec![
            saving.left.clone(),
            format!("{}", saving.multiplier),
            percent(saving.time),
            saving.interval.map_or(NOTHING.into(), ends),
            percent(saving.flops),
            percent(saving.access),
        ];
        if published {
            let paper = saving.paper.map(|(gpu, arm)| [percent(gpu), percent(arm)]);
            row.extend(paper.unwrap_or([NOTHING; 2].map(Into::into)));
        }
        table.row(row);
    }
    table
}

/// Title of the table of [`fragments`].
pub const FRAGMENTS: &str = "Where the time of fragments goes (time = fixed + per pixel · pixels, \
    over the map sizes; in brackets what rounds, and leaving one size out, make of it):";

/// Where the time of fragments goes, a row a device and number of threads.
pub fn fragments(costs: &[(&Study<'_>, Costs)]) -> Table {
    let mut table = Table::new(vec![
        Column::words("device", 9),
        Column::words("one more operator", 9),
        Column::words("of it threads meeting", 8),
        Column::words("per pixel: 4 in series / 1", 7),
        Column::words("in parallel / 1", 6),
        Column::words("one more run", 5),
    ]);
    for (study, costs) in costs {
        table.row(vec![
            study.apart.behind(study.place()),
            cost(costs.operator_ns),
            costs.meeting_ns.map_or(NOTHING.into(), cost),
            ratio(costs.series_per_pixel),
            ratio(costs.parallel_per_pixel),
            cost(costs.run_ns),
        ]);
    }
    table
}

/// A time that something costs; where it may as well cost nothing, what it costs at most.
fn cost(found: CostEstimate) -> String {
    match found {
        CostEstimate { low, high, value } if low > 0.0 => {
            format!("{} ({} to {})", duration(value), duration(low), duration(high))
        }
        CostEstimate { high, .. } if high > 0.0 => {
            format!("not resolved: under {}", duration(high))
        }
        _ => "not resolved".to_owned(),
    }
}

fn ratio(CostEstimate { value, low, high }: CostEstimate) -> String {
    let [value, low, high] = [value, low, high].map(|r| grouped(r, 2));
    format!("{value} × ({low} to {high})")
}

/// What a guideline says.
pub const fn statement(guideline: Guideline) -> &'static str {
    match guideline {
        Guideline::G1 => "equal input and output channels minimise memory access cost",
        Guideline::G2 => "much group convolution raises memory access cost",
        Guideline::G3 => "fragmentation lowers parallelism",
        Guideline::G4 => "element-wise operators are not negligible",
    }
}

/// The verdict in words that follow from the numbers.
pub fn sentence(study: &Study<'_>) -> String {
    let judged = &study.judged;
    let what = match judged.verdict {
        Verdict::Holds => "holds",
        Verdict::Reversed => "is reversed",
        Verdict::NoEffect => "has no effect",
        Verdict::Inconclusive => "cannot be judged",
        Verdict::NotJudged => "is not judged",
    };
    let everywhere = "at each multiplier and map size";
    let matters = match (judged.verdict, study.onset()) {
        (Verdict::Holds, Some(onset)) => {
            format!(" Where it matters: {} {everywhere}.", matters(study, onset))
        }
        (Verdict::Holds, None) => format!(" No dose costs > 5 % {everywhere}."),
        _ => String::new(),
    };
    let (guideline, statement) = (study.guideline, statement(study.guideline));
    format!("{guideline} ({statement}) {what} here: {}.{matters}", judged.reason)
}

/// How far slow-downs on an ARM core are from those of the paper's; `None` on other devices, and where the points
/// are not the paper's.
pub fn beside_the_papers_core(study: &Study<'_>) -> Option<String> {
    if study.profile().device.kind != DeviceKind::Arm || !study.is_published() {
        return None;
    }
    let off = |p: &Point<'_>| {
        let e = p.experiment;
        let cell = published::cell(study.guideline, &e.label, e.multiplier)?;
        Some((p.slowdown / cell.arm.slowdown - 1.0).abs())
    };
    // The base is off by nothing.
    let others = study.curves.iter().flat_map(|curve| &curve.points[1..]);
    let mut off: Vec<f64> = others.filter_map(off).collect();
    let most = off.iter().copied().reduce(f64::max)?;
    Some(format!(
        "Slow-downs are off those of the paper's ARM core (Snapdragon 810, one thread) by {}, median of {}, and by {} \
         at most.",
        percent(median_of(&mut off)?),
        counted(off.len(), "point"),
        percent(most),
    ))
}

/// How a study was checked and timed, and what disturbed it.
pub fn conditions(study: &Study<'_>) -> String {
    if !measured(study.profile()) {
        return MODELLED.to_owned();
    }
    let profiles = || study.points().map(|p| &p.analysis.profile);
    let elements = profiles().map(|p| p.verification.elements).fold(0, u64::saturating_add);
    let worst = profiles().map(|p| p.verification.worst_share).fold(0.0, f64::max);
    let spreads: Option<Vec<f64>> = study.points().map(|p| p.analysis.spread()).collect();
    let known = match spreads.and_then(|all| all.into_iter().reduce(f64::max)) {
        Some(spread) => format!("Single medians are known to ± {} or better", percent(spread)),
        None => "Not every median has a 95 % interval".to_owned(),
    };
    let left_out = match study.left_out {
        0 => String::new(),
        n => format!(" Left out: {} more than a study has room for.", counted(n, "point")),
    };
    let share = |what: &str, share: Option<f64>| {
        share.map_or(String::new(), |s| format!(", {what} {}", percent(s)))
    };
    let first = study.first();
    let Profile { noise, timing, .. } = &first.profile;
    let noisy = match study.disturbances().as_slice() {
        [] => String::new(),
        reasons => format!("NOISY RUN: {}. ", reasons.join("; ")),
    };
    format!(
        "{noisy}Every network was verified first ({} against the f64 reference, worst at {} \
         of its tolerance), then all were timed in turn ({}), {}. {known}; clock drift \
         {}{}{}.{left_out}",
        counted(elements as usize, "element"),
        percent(worst),
        timing.source,
        counted(first.rounds.len(), "round"),
        percent((noise.drift - 1.0).max(0.0)),
        share("other programs", noise.others),
        share("steal", noise.steal),
    )
}

/// `ratio ≥ 6 costs > 20 %`.
fn matters(study: &Study<'_>, Onset { dose, cost }: Onset) -> String {
    let (what, cost_verb) = match study.guideline {
        Guideline::G1 => ("ratio", "costs"),
        Guideline::G2 => ("groups", "cost"),
        Guideline::G3 => ("fragments", "cost"),
        Guideline::G4 => ("kinds of operators", "cost"),
    };
    format!("{what} ≥ {dose} {cost_verb} > {} %", grouped(cost * 100.0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, measurements::Measurements};

    #[test]
    fn an_arm_core_is_held_against_the_paper_s_and_no_other_device_is() {
        let told = |device| {
            let profiles = fixture::experiment(Guideline::G1, device, [1.0, 1.1, 1.5, 2.0]);
            beside_the_papers_core(&Study::all(Measurements::of(&profiles).all())[0])
        };
        let said = told(fixture::modelled()).unwrap();
        assert!(said.contains("median of 9 points") && said.ends_with(" at most."), "{said}");
        assert_eq!(told(fixture::core()), None);
    }
}
