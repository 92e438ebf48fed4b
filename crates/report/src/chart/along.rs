//! A and B along the network: the time of the operators so far. Where the lines part, the difference arises.

use super::{
    axes::{LEFT, vertical},
    canvas::{Canvas, Label, text_width},
    frame::{BODY, Frame, MARGIN, WIDTH},
    naming::of_pair,
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
    stages,
};
use crate::{
    analysis::Operator,
    compare::pair::{Pair, Row},
    format::duration,
};

const HEIGHT: i32 = 260;
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
    let plot = |canvas: &Canvas<'_>, top: i32| render(canvas, top, &pair.rows, &so_far);
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

fn render(canvas: &Canvas<'_>, top: i32, rows: &[Row<'_>], so_far: &[Vec<f64>; 2]) -> Rendered {
    let labels = ["A", "B"]
        .iter()
        .zip(so_far)
        .map(|(side, sums)| format!("{side} {}", duration(sums.last().copied().unwrap_or(0.0))));
    let labels: Vec<String> = labels.collect();
    let widest = labels.iter().map(|label| text_width(label, BODY)).max().unwrap_or(0);
    let right = WIDTH - MARGIN - widest - 8;
    let most = so_far.iter().flatten().copied().fold(0.0, f64::max);
    let y = Scale::linear(most / 1e3, (top + HEIGHT, top + 14));
    let x = Scale::linear(rows.len() as f64, (LEFT, right));
    let names: Vec<String> = rows.iter().map(Row::name).collect();
    stages::bands(canvas, &names, &x, (top, top + HEIGHT))?;
    vertical(canvas, &y, "µs", &[(LEFT, right)])?;
    canvas.line(&[(LEFT, top + HEIGHT), (right, top + HEIGHT)], palette::RULE)?;
    let last = so_far.each_ref().map(|sums| y.at(sums.last().copied().unwrap_or(0.0) / 1e3));
    // Labels of lines that end near each other stand apart.
    let apart = (BODY + 2 - (last[0] - last[1]).abs()).max(0) / 2;
    for (side, sums) in so_far.iter().enumerate() {
        let points = sums.iter().enumerate().map(|(i, ns)| (x.at(i as f64), y.at(ns / 1e3)));
        canvas.line(&points.collect::<Vec<_>>(), TONES[side])?;
        let above = (last[side], side) < (last[1 - side], 1 - side);
        let at = last[side] + if above { -apart } else { apart };
        canvas.text(&labels[side], (right + 6, at), Label::new(BODY).tone(TONES[side]).bold())?;
    }
    Ok(())
}
