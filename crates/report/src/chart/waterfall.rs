//! From A's whole run to B's: which operators make the difference.
//!
//! The axis is the difference, not the time: two runs of six milliseconds that differ by a tenth would fill it
//! with what they have in common.

use super::{
    axes::{self, NUMBER, NUMBERS, Plot, write_at},
    canvas::{Area, text_width},
    filling::{Filled, Filling},
    frame::{BODY, Frame, MARGIN},
    naming::of_pair,
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
    style::{Mark, Set, label},
};
use crate::{
    compare::pair::{Pair, Row},
    format::{duration, grouped, shorten, tick},
};
use plotters::element::PathElement;
use profile::Class;

/// Operators that have a bar each, and the least difference for one, as a share of the largest.
const MOST: usize = 16;
const LEAST: f64 = 0.01;
const ROW: i32 = 22;
/// The share of a row that is empty above its bar, and below.
const GAP: f64 = 0.18;
const NAME_LENGTH: usize = 40;
/// Room for a number beside the longest bar, a share of the plot.
const ROOM: f64 = 0.1;

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
    let height = (bars.len() as i32 + 2) * ROW + NUMBERS;
    let plot = |area: &Area<'_>| plot(area, &bars, ends, difference);
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

fn plot(
    area: &Area<'_>,
    bars: &[Bar],
    (first, last): (String, String),
    difference: f64,
) -> Rendered {
    let bar_names = bars.iter().map(|bar| shorten(&bar.name, NAME_LENGTH));
    let names: Vec<String> = [first].into_iter().chain(bar_names).chain([last]).collect();
    let widest = names.iter().map(|name| text_width(name, BODY)).max().unwrap_or(0);
    let sums = bars.iter().scan(0.0, |sum, bar| {
        *sum += bar.ns;
        Some(*sum)
    });
    let sums: Vec<f64> = [0.0].into_iter().chain(sums).collect();
    let low = sums.iter().copied().fold(difference.min(0.0), f64::min);
    let high = sums.iter().copied().fold(difference.max(0.0), f64::max);
    let room = ROOM * (high - low);
    let x = Scale::between((low - room) / 1e3, (high + room) / 1e3);
    let mut plot = axes::plot(area, (x, Scale::rows(names.len())), (MARGIN + widest + 8, NUMBERS))?;
    axes::mesh(&mut plot)
        .disable_y_mesh()
        .y_labels(names.len())
        .y_label_style(label(BODY))
        .y_label_formatter(&|row| names[*row as usize].clone())
        .x_labels(6)
        .x_label_formatter(&|us| format!("{} µs", tick(*us)))
        .draw()?;
    let upright = |ns: f64, from: f64, to: f64, tone: Tone| {
        PathElement::new([(ns / 1e3, from), (ns / 1e3, to)], tone)
    };
    plot.draw_series([upright(0.0, GAP, 1.0, palette::INK)])?;
    for (i, bar) in bars.iter().enumerate() {
        let (from, to, row) = (sums[i], sums[i + 1], (i + 1) as f64);
        let corners = [(from / 1e3, row + GAP), (to / 1e3, row + 1.0 - GAP)];
        let told = format!("{} · {} µs", bar.name, signed(bar.ns));
        let filled = Filled { corners, tone: bar.tone, filling: Filling::Solid };
        plot.draw_series([Mark::operator(&bar.name, filled).title(told)])?;
        plot.draw_series([upright(to, row + GAP, row + 1.0 + GAP, palette::RULE)])?;
        let [start, end] = [from.min(to), from.max(to)];
        number(&plot, bar.ns, (start, end), row, bar.certain)?;
    }
    let row = (bars.len() + 1) as f64;
    plot.draw_series([upright(difference, row + GAP, row + 1.0, palette::INK)])?;
    number(&plot, difference, (difference, difference), row, true)
}

/// A difference in microseconds, with its sign.
fn signed(ns: f64) -> String {
    let sign = if ns > 0.0 { "+" } else { "" };
    format!("{sign}{}", grouped(ns / 1e3, 1))
}

/// A difference beside its bar: behind it where it is more, before it where it is less.
fn number(plot: &Plot<'_>, ns: f64, ends: (f64, f64), row: f64, certain: bool) -> Rendered {
    let plain = label(NUMBER).tone(palette::MUTED);
    let style = if certain { plain.tone(palette::INK).bold() } else { plain };
    let [(start, y), (end, _)] =
        [ends.0, ends.1].map(|ns| plot.backend_coord(&(ns / 1e3, row + 0.5)));
    let (x, style) = if ns < 0.0 { (start - 5, style.ends()) } else { (end + 5, style) };
    write_at(plot, &signed(ns), &style, (x, y))
}
