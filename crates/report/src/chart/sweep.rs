//! Latency and images a second over batches or sizes of input: a panel each, a line a place.

use super::{
    axes::{self, BOTTOM},
    canvas::Area,
    frame::{BODY, Frame, MARGIN},
    naming::whereabouts,
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
    style::label,
};
use crate::{analysis::Analysis, names::Name, sweep::Sweep};
use plotters::element::{Circle, PathElement};

/// Height of a panel with its axis.
const HEIGHT: i32 = 210;
/// Height of a line of the key.
const KEY: i32 = 18;
/// Colours of lines, in turn.
const TONES: [Tone; 4] = [palette::POINT, palette::PAPER_GPU, palette::PAPER_ARM, palette::MUTED];
/// Most lines that are drawn: dots, then rings, in each colour.
const LINES: usize = 2 * TONES.len();

/// What a panel shows: its unit, and a measurement's value with the ends of its interval.
type Panel = (&'static str, fn(&Analysis) -> Option<[f64; 3]>);

const PANELS: [Panel; 2] = [("ms a run", latency), ("images/s", rate)];

/// The chart of a sweep.
///
/// # Errors
/// Where it cannot be written.
pub fn chart(sweep: &Sweep<'_>) -> Rendered<Chart> {
    let p = &sweep.first().profile;
    let drawn = sweep.lines.len().min(LINES);
    let frame = Frame {
        title: format!("{} over {}", p.model, sweep.axis.name()),
        subtitle: vec![format!(
            "level {} · median of whole runs, with its 95 % interval · the axes begin at 0",
            p.lowering()
        )],
        classes: Vec::new(),
        notes: Vec::new(),
    };
    let values = sweep.values();
    let words = ["sweep", &p.model, &p.lowering(), sweep.axis.name()];
    let name = Name::new(&words, &[&values.join(" "), &whereabouts(p)]);
    let panels = PANELS.len() as i32 * HEIGHT;
    frame.render(name, panels + drawn as i32 * KEY, |area| {
        let (both, below) = area.split_vertically(panels);
        let scales = PANELS.each_ref().map(|panel| scale(sweep, panel));
        let left = scales.iter().map(axes::left).max().unwrap_or(0);
        let areas = both.split_evenly((PANELS.len(), 1));
        for ((panel, y), area) in PANELS.iter().zip(scales).zip(areas) {
            plot(&area, sweep, &values, panel, (left, y))?;
        }
        key(&below, sweep)
    })
}

/// The colour of line `i`, and whether its points are rings.
const fn style(i: usize) -> (Tone, bool) {
    (TONES[i % TONES.len()], i >= TONES.len())
}

/// The vertical axis of a panel.
fn scale(sweep: &Sweep<'_>, (_, of): &Panel) -> Scale {
    let points = sweep.lines.iter().take(LINES).flat_map(|line| &line.points);
    Scale::linear(points.filter_map(|a| of(a)).map(|[_, _, high]| high).fold(0.0, f64::max))
}

/// One panel, whose plot begins at `left`.
fn plot(
    area: &Area<'_>,
    sweep: &Sweep<'_>,
    values: &[String],
    (unit, of): &Panel,
    (left, y): (i32, Scale),
) -> Rendered {
    let x = Scale::places(values.len());
    let mut plot = axes::plot(&area.margin(8, 0, 0, 0), (x, y), (left, BOTTOM))?;
    axes::mesh(&mut plot)
        .disable_x_mesh()
        .x_labels(values.len())
        .x_label_formatter(&|place| values[*place as usize].clone())
        .x_desc(sweep.axis.name())
        .y_desc(*unit)
        .draw()?;
    for (i, line) in sweep.lines.iter().take(LINES).enumerate() {
        let (tone, ring) = style(i);
        let points: Vec<(f64, [f64; 3])> = line
            .points
            .iter()
            .filter_map(|a| {
                let value = sweep.axis.value(&a.profile);
                let place = values.iter().position(|v| *v == value).unwrap_or(0);
                Some((place as f64 + 0.5, of(a)?))
            })
            .collect();
        let middle = |&(x, [_, middle, _]): &(f64, [f64; 3])| (x, middle);
        plot.draw_series(
            points.iter().map(|&(x, [low, _, high])| PathElement::new([(x, low), (x, high)], tone)),
        )?;
        plot.draw_series([PathElement::new(points.iter().map(middle).collect::<Vec<_>>(), tone)])?;
        plot.draw_series(points.iter().map(|point| Circle::new(middle(point), 4, tone.dot(ring))))?;
    }
    Ok(())
}

/// What each line is.
fn key(area: &Area<'_>, sweep: &Sweep<'_>) -> Rendered {
    for (i, line) in sweep.lines.iter().take(LINES).enumerate() {
        let ((tone, ring), y) = (style(i), i as i32 * KEY + KEY / 2);
        area.draw(&Circle::new((MARGIN + 4, y), 4, tone.dot(ring)))?;
        area.draw_text(&line.label(sweep.axis), &label(BODY), (MARGIN + 16, y))?;
    }
    Ok(())
}

/// Milliseconds a run: the low end, the median, the high end.
fn latency(a: &Analysis) -> Option<[f64; 3]> {
    let whole = a.whole?;
    let (low, high) = whole.interval.unwrap_or((whole.median, whole.median));
    Some([low, whole.median, high].map(|ns| ns / 1e6))
}

/// Images a second: the low end, the median, the high end.
fn rate(a: &Analysis) -> Option<[f64; 3]> {
    let [low, middle, high] = latency(a)?;
    let rate = |ms: f64| a.profile.batch as f64 * 1e3 / ms;
    (low > 0.0).then(|| [rate(high), rate(middle), rate(low)])
}
