//! Latency and images a second over batches or sizes of input: a panel each, a line a place.

use super::{
    axes::{LEFT, vertical},
    canvas::{Canvas, Label},
    frame::{BODY, Frame, MARGIN, WIDTH},
    naming::whereabouts,
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
};
use crate::{analysis::Analysis, names::Name, sweep::Sweep};

/// Height of a panel.
const HEIGHT: i32 = 180;
/// From the top of a panel to that of the next.
const STEP: i32 = HEIGHT + 20;
/// Room under the last panel for the axis' values and its name.
const BELOW: i32 = 36;
/// Height of a line of the key.
const KEY: i32 = 18;
/// Colours of lines, in turn.
const TONES: [Tone; 4] = [palette::POINT, palette::PAPER_GPU, palette::PAPER_ARM, palette::MUTED];
/// Where panels end.
const RIGHT: i32 = WIDTH - MARGIN;
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
    let panels = PANELS.len() as i32 * STEP;
    frame.render(name, panels + BELOW + drawn as i32 * KEY, |canvas, top| {
        for (i, panel) in PANELS.iter().enumerate() {
            plot(canvas, sweep, &values, panel, top + i as i32 * STEP)?;
        }
        let bottom = top + panels - STEP + HEIGHT;
        let label = Label::new(BODY).tone(palette::MUTED).centred();
        for (i, value) in values.iter().enumerate() {
            canvas.text(value, (place(i, values.len()), bottom + 12), label)?;
        }
        canvas.text(sweep.axis.name(), (i32::midpoint(LEFT, RIGHT), bottom + 30), label)?;
        key(canvas, sweep, top + panels + BELOW)
    })
}

/// The colour of line `i`, and whether its points are rings.
const fn style(i: usize) -> (Tone, bool) {
    (TONES[i % TONES.len()], i >= TONES.len())
}

/// Where value `i` of `n` stands, pixels.
const fn place(i: usize, n: usize) -> i32 {
    LEFT + (RIGHT - LEFT) * (2 * i as i32 + 1) / (2 * n as i32)
}

/// One panel.
fn plot(
    canvas: &Canvas<'_>,
    sweep: &Sweep<'_>,
    values: &[String],
    (unit, of): &Panel,
    top: i32,
) -> Rendered {
    let lines = || sweep.lines.iter().take(LINES);
    let ends = lines().flat_map(|line| &line.points).filter_map(|a| of(a));
    let most = ends.map(|[_, _, high]| high).fold(0.0, f64::max);
    let y = Scale::linear(most, (top + HEIGHT, top + 16));
    vertical(canvas, &y, unit, &[(LEFT, RIGHT)])?;
    canvas.line(&[(LEFT, top + HEIGHT), (RIGHT, top + HEIGHT)], palette::RULE)?;
    for (i, line) in lines().enumerate() {
        let (tone, ring) = style(i);
        let mut before: Option<(i32, i32)> = None;
        for a in &line.points {
            let Some([low, middle, high]) = of(a) else { continue };
            let value = sweep.axis.value(&a.profile);
            let x = place(values.iter().position(|v| *v == value).unwrap_or(0), values.len());
            canvas.line(&[(x, y.at(low)), (x, y.at(high))], tone)?;
            let here = (x, y.at(middle));
            if let Some(before) = before.replace(here) {
                canvas.line(&[before, here], tone)?;
            }
            canvas.dot(here, 4, tone, ring)?;
        }
    }
    Ok(())
}

/// What each line is.
fn key(canvas: &Canvas<'_>, sweep: &Sweep<'_>, top: i32) -> Rendered {
    for (i, line) in sweep.lines.iter().take(LINES).enumerate() {
        let ((tone, ring), y) = (style(i), top + i as i32 * KEY + KEY / 2);
        canvas.dot((LEFT + 4, y), 4, tone, ring)?;
        canvas.text(&line.label(sweep.axis), (LEFT + 16, y), Label::new(BODY))?;
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
