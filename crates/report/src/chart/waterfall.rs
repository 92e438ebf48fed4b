//! From A's whole run to B's: which operators make the difference.
//!
//! The axis is the difference, not the time: two runs of six milliseconds that differ by a tenth would fill it
//! with what they have in common.

use super::{
    canvas::{Canvas, Label, Mark, text_width},
    frame::{BODY, Frame, MARGIN, WIDTH},
    naming::of_pair,
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
};
use crate::{
    compare::pair::{Pair, Row},
    format::{duration, grouped, shorten, tick},
};
use profile::Class;

/// Operators that have a bar each, and the least difference for one, as a share of the largest.
const MOST: usize = 16;
const LEAST: f64 = 0.01;
const ROW: i32 = 22;
const AXIS_HEIGHT: i32 = 26;
const NAME_LENGTH: usize = 40;
const NUMBER: i32 = 11;

/// A bar: what it is called, its difference in nanoseconds, its colour, and whether the difference is certain.
struct Bar {
    name: String,
    ns: f64,
    tone: Tone,
    certain: bool,
}

/// The chart of a pair; `None` where a whole run was not measured.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(pair: &Pair<'_>) -> Rendered<Option<Chart>> {
    let Some((a, b)) = pair.a.whole.zip(pair.b.whole) else { return Ok(None) };
    let difference = b.median - a.median;
    let bars = bars(pair, difference);
    let frame = Frame {
        title: "Where the difference between A and B is".to_owned(),
        subtitle: vec![
            format!("A: {} · {}", pair.a.network(), pair.a.place()),
            format!("B: {} · {}", pair.b.network(), pair.b.place()),
            "µs that B takes more than A (to the right) or less, operator by operator: differences of medians"
                .to_owned(),
        ],
        classes: classes(pair),
        notes: vec![
            "In bold: operators that are slower or faster for certain, and those that only one side has.".to_owned(),
            "Operators that only one side has count in full. The rest of the run is dispatch, barriers, the timer, \
             and what medians lose when they are added."
                .to_owned(),
        ],
    };
    let ends = (
        format!("A: whole run {}", duration(a.median)),
        format!("B: whole run {}", duration(b.median)),
    );
    let height = (bars.len() as i32 + 2) * ROW + AXIS_HEIGHT;
    let plot = |canvas: &Canvas<'_>, top: i32| render(canvas, top, &bars, ends, difference);
    frame.render(of_pair(pair, "waterfall"), height, plot).map(Some)
}

/// The classes of both sides' operators.
fn classes(pair: &Pair<'_>) -> Vec<Class> {
    let ops = || pair.rows.iter().flat_map(|row| [row.a, row.b]).flatten();
    Class::ALL.into_iter().filter(|class| ops().any(|op| op.record.class == *class)).collect()
}

/// The largest differences, the others together, and what is left of the whole run's `difference`.
fn bars(pair: &Pair<'_>, difference: f64) -> Vec<Bar> {
    let mut rows: Vec<(&Row<'_>, f64)> =
        pair.rows.iter().filter_map(|row| Some((row, row.difference()?))).collect();
    rows.sort_by(|(_, a), (_, b)| b.abs().total_cmp(&a.abs()));
    let least = rows.first().map_or(0.0, |(_, ns)| ns.abs() * LEAST);
    let large = rows.iter().take(MOST).filter(|(_, ns)| ns.abs() >= least).count();
    let (large, small) = rows.split_at(large);
    let bar = |(row, ns): &(&Row<'_>, f64)| {
        let class = row.b.or(row.a).map(|op| op.record.class);
        let tone = class.map_or(palette::MUTED, palette::of);
        let certain = row.differs();
        Bar { name: row.name(), ns: *ns, tone, certain }
    };
    let mut bars: Vec<Bar> = large.iter().map(bar).collect();
    if !small.is_empty() {
        let ns = small.iter().map(|(_, ns)| ns).sum();
        let name = format!("{} other operators", small.len());
        bars.push(Bar { name, ns, tone: palette::MUTED, certain: false });
    }
    let operators: f64 = rows.iter().map(|(_, ns)| ns).sum();
    let (name, ns) = ("rest of the run".to_owned(), difference - operators);
    bars.push(Bar { name, ns, tone: palette::RULE, certain: false });
    bars
}

fn render(
    canvas: &Canvas<'_>,
    top: i32,
    bars: &[Bar],
    (first, last): (String, String),
    difference: f64,
) -> Rendered {
    let shown: Vec<String> = bars.iter().map(|bar| shorten(&bar.name, NAME_LENGTH)).collect();
    let names = shown.iter().chain([&first, &last]);
    let left = MARGIN + names.map(|name| text_width(name, BODY)).max().unwrap_or(0) + 8;
    let sums = bars.iter().scan(0.0, |sum, bar| {
        *sum += bar.ns;
        Some(*sum)
    });
    let sums: Vec<f64> = [0.0].into_iter().chain(sums).chain([difference]).collect();
    let low = sums.iter().copied().fold(0.0, f64::min);
    let high = sums.iter().copied().fold(0.0, f64::max);
    // Room for a number at either end.
    let scale = Scale::linear((high - low) / 1e3, (left + 60, WIDTH - MARGIN - 60));
    let x = |ns: f64| scale.at((ns - low) / 1e3);
    let bottom = top + (bars.len() as i32 + 2) * ROW;
    axis(canvas, (low, high), &x, (top, bottom))?;
    let row = |i: usize| top + i as i32 * ROW;
    let label = |text: &str, i: usize, label: Label| {
        canvas.text(text, (left - 8, row(i) + ROW / 2), label.ends())
    };
    label(&first, 0, Label::new(BODY).bold())?;
    canvas.line(&[(x(0.0), row(0) + 4), (x(0.0), row(1))], palette::INK)?;
    for (i, bar) in bars.iter().enumerate() {
        let (from, to) = (sums[i], sums[i] + bar.ns);
        let plain = Label::new(BODY);
        label(&shown[i], i + 1, if bar.certain { plain.bold() } else { plain })?;
        let (start, end) = (x(from.min(to)), x(from.max(to)).max(x(from.min(to)) + 1));
        let told = format!("{} · {} µs", bar.name, signed(bar.ns));
        canvas.mark(&Mark::operator(&bar.name).title(told), || {
            canvas.rect((start, row(i + 1) + 4), (end, row(i + 2) - 4), bar.tone)
        })?;
        canvas.line(&[(x(to), row(i + 1) + 4), (x(to), row(i + 2) + 4)], palette::RULE)?;
        number(canvas, bar.ns, (start, end), row(i + 1) + ROW / 2)?;
    }
    label(&last, bars.len() + 1, Label::new(BODY).bold())?;
    let at = x(difference);
    canvas.line(&[(at, row(bars.len() + 1) + 4), (at, row(bars.len() + 2))], palette::INK)?;
    number(canvas, difference, (at, at), row(bars.len() + 1) + ROW / 2)
}

/// A difference in microseconds, with its sign.
fn signed(ns: f64) -> String {
    let sign = if ns > 0.0 { "+" } else { "" };
    format!("{sign}{}", grouped(ns / 1e3, 1))
}

/// A difference beside its bar: behind it where it is more, before it where it is less.
fn number(canvas: &Canvas<'_>, ns: f64, (start, end): (i32, i32), y: i32) -> Rendered {
    let text = signed(ns);
    let label = Label::new(NUMBER).tone(palette::MUTED);
    let (at, label) = if ns < 0.0 { (start - 5, label.ends()) } else { (end + 5, label) };
    canvas.text(&text, (at, y), label)
}

/// Upright lines at round differences to both sides of none.
fn axis(
    canvas: &Canvas<'_>,
    (low, high): (f64, f64),
    x: &dyn Fn(f64) -> i32,
    (top, bottom): (i32, i32),
) -> Rendered {
    let steps = Scale::linear(high.max(-low) / 1e3, (0, 1)).ticks(5);
    let both = steps.iter().flat_map(|&step| [step, -step]);
    let mut ticks: Vec<f64> = both.filter(|us| (low..=high).contains(&(us * 1e3))).collect();
    ticks.sort_by(f64::total_cmp);
    ticks.dedup_by(|a, b| *a == *b);
    for us in ticks {
        let at = x(us * 1e3);
        canvas.line(&[(at, top), (at, bottom)], palette::GRID)?;
        let label = Label::new(NUMBER).tone(palette::MUTED).centred();
        canvas.text(&format!("{} µs", tick(us)), (at, bottom + 12), label)?;
    }
    Ok(())
}
