//! What a study measured, as a table and in one plain sentence.

use super::{
    g3::Costs,
    published,
    study::{Point, Study},
    verdict::{Judgement, Verdict},
};
use crate::{
    format::{NOTHING, duration, grouped, percent, significant},
    table::{Column, Table},
};
use profile::Guideline;

/// A row a point: what it does, how fast it is, and how that compares with the paper and with what
/// memory access cost alone predicts.
pub fn points(study: &Study<'_>) -> Table {
    let mut table = Table::new(vec![
        Column::words("point", 9),
        Column::numbers("channels ×", 9),
        Column::numbers("maps", 2),
        Column::numbers("M mult-adds", 3),
        Column::numbers("drift", 5),
        Column::numbers("images/s", 8),
        Column::words("95 %", 4),
        Column::numbers("slow-down", 9),
        Column::numbers("by MAC", 7),
        Column::numbers("paper GPU", 6),
        Column::numbers("ours/GPU", 1),
        Column::numbers("paper ARM", 6),
        Column::numbers("ours/ARM", 1),
    ]);
    for curve in &study.curves {
        let base = curve.points[0].mul_adds() as f64;
        for point in &curve.points {
            let drift = point.mul_adds() as f64 / base - 1.0;
            let mut row = vec![
                point.experiment.label.clone(),
                format!("{}", curve.multiplier),
                format!("{0}×{0}", curve.spatial),
                grouped(point.mul_adds() as f64 / 1e6, 1),
                format!("{} %", grouped(drift * 100.0, 1)),
            ];
            row.extend(speed(point));
            row.push(grouped(point.slowdown, 2));
            row.push(grouped(point.predicted, 2));
            row.extend(beside_the_paper(study, point));
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

/// The paper's slow-downs of the same row, and ours over them.
fn beside_the_paper(study: &Study<'_>, point: &Point<'_>) -> [String; 4] {
    let e = point.experiment;
    let published = study
        .is_published()
        .then(|| published::cell(study.guideline, &e.label, e.multiplier))
        .flatten();
    let Some(cell) = published else { return [""; 4].map(Into::into) };
    let ratio = |theirs: f64| grouped(point.slowdown / theirs, 2);
    let (gpu, arm) = (cell.gpu.slowdown, cell.arm.slowdown);
    [grouped(gpu, 2), ratio(gpu), grouped(arm, 2), ratio(arm)]
}

/// What a guideline says.
pub const fn says(guideline: Guideline) -> &'static str {
    match guideline {
        Guideline::G1 => "equal input and output channels minimise memory access cost",
        Guideline::G2 => "much group convolution raises memory access cost",
        Guideline::G3 => "fragmentation lowers parallelism",
        Guideline::G4 => "element-wise operators are not negligible",
    }
}

/// The verdict in words that follow from the numbers.
pub fn sentence(study: &Study<'_>, judged: &Judgement) -> String {
    let what = match judged.verdict {
        Verdict::Holds => "holds",
        Verdict::Reversed => "is reversed",
        Verdict::NoEffect => "has no effect",
        Verdict::Inconclusive => "cannot be judged",
    };
    let onset = study.onset().filter(|_| judged.verdict == Verdict::Holds);
    let matters = onset.map_or(String::new(), |o| {
        format!(" {} and all beyond cost more than {} %.", o.label, grouped(o.cost * 100.0, 0))
    });
    format!(
        "{} ({}) {what} here: {}.{matters}",
        study.guideline,
        says(study.guideline),
        judged.reason,
    )
}

/// Where the time of fragments goes, in words.
pub fn fragments(costs: &Costs) -> String {
    format!(
        "One more operator costs {} whatever it computes (dispatch, and threads that meet); per \
         pixel, four fragments take {} the time of one in series and {} in parallel, where their \
         outputs are added (occupancy); one more run costs {}.",
        duration(costs.operator_ns),
        percent(costs.series_per_pixel),
        percent(costs.parallel_per_pixel),
        duration(costs.run_ns),
    )
}
