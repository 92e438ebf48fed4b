//! A and B along the network: the time of the operators so far. Where the lines part, the difference arises.

use super::{
    axes::{self, write},
    canvas::{Area, text_width},
    frame::{BODY, Frame},
    naming::of_pair,
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
    stages,
    style::{Set, label},
};
use crate::{
    analysis::Operator,
    compare::pair::{Pair, Row},
    format::duration,
};
use plotters::element::PathElement;

const HEIGHT: i32 = 260;
/// Room over the lines for the label of the higher.
const HEAD: i32 = 14;
/// The colours of A and B.
const TONES: [Tone; 2] = [palette::POINT, palette::PAPER_GPU];

/// The chart of a pair; `None` where no operator has a time.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(pair: &Pair<'_>) -> Rendered<Option<Chart>> {
    let so_far = [sums(&pair.rows, |row| row.a), sums(&pair.rows, |row| row.b)];
    let ends = so_far.each_ref().map(|sums| sums.last().copied().unwrap_or(0.0));
    if ends[0] <= 0.0 || ends[1] <= 0.0 {
        return Ok(None);
    }
    let frame = Frame {
        title: "A and B along the network".to_owned(),
        subtitle: vec![
            format!("A: {} · {}", pair.a.network(), pair.a.place()),
            format!("B: {} · {}", pair.b.network(), pair.b.place()),
            "time of all operators so far, sums of medians; operators in the order in which they ran".to_owned(),
        ],
        classes: Vec::new(),
        notes: Vec::new(),
    };
    let plot = |area: &Area<'_>| plot(area, &pair.rows, &so_far);
    frame.render(of_pair(pair, "along"), HEIGHT + stages::HEIGHT, plot).map(Some)
}

/// The time of one side's operators up to each row, from 0, nanoseconds.
fn sums<'r>(rows: &'r [Row<'r>], of: impl Fn(&Row<'r>) -> Option<&'r Operator>) -> Vec<f64> {
    let each = rows.iter().scan(0.0, |sum, row| {
        *sum += of(row).and_then(Operator::ns).unwrap_or(0.0);
        Some(*sum)
    });
    [0.0].into_iter().chain(each).collect()
}

fn plot(area: &Area<'_>, rows: &[Row<'_>], so_far: &[Vec<f64>; 2]) -> Rendered {
    let last = so_far.each_ref().map(|sums| sums.last().copied().unwrap_or(0.0));
    let labels =
        [("A", last[0]), ("B", last[1])].map(|(side, ns)| format!("{side} {}", duration(ns)));
    let widest = labels.iter().map(|label| text_width(label, BODY)).max().unwrap_or(0);
    let (x, y) = (Scale::places(rows.len()), Scale::linear(last[0].max(last[1]) / 1e3));
    let beside_labels = area.margin(HEAD, 0, 0, widest + 8);
    let mut plot = axes::plot(&beside_labels, (x, y), (axes::left(&y), stages::HEIGHT))?;
    stages::bands(&mut plot, &rows.iter().map(Row::name).collect::<Vec<_>>())?;
    axes::mesh(&mut plot).x_labels(0).y_desc("µs").draw()?;
    let ends = last.map(|ns| plot.backend_coord(&(rows.len() as f64, ns / 1e3)).1);
    // Labels of lines that end near each other stand apart.
    let apart = (BODY + 2 - (ends[0] - ends[1]).abs()).max(0) / 2;
    for (side, sums) in so_far.iter().enumerate() {
        let points: Vec<(f64, f64)> =
            sums.iter().enumerate().map(|(i, ns)| (i as f64, ns / 1e3)).collect();
        plot.draw_series([PathElement::new(points, TONES[side])])?;
        let above = (ends[side], side) < (ends[1 - side], 1 - side);
        let (style, end) =
            (label(BODY).tone(TONES[side]).bold(), (rows.len() as f64, last[side] / 1e3));
        write(&plot, &labels[side], &style, end, (6, if above { -apart } else { apart }))?;
    }
    Ok(())
}
