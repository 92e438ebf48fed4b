//! Time per operator along the network: a bar an operator, in the order in which they ran.
//!
//! A long network is broken into rows at the borders of its blocks, like music; all rows share one
//! scale. Up to [`NAMED`] operators each has its name under its bar; beyond, blocks are named.

use super::{
    axes::{self, Plot, write, write_at},
    canvas::{Area, Canvas, Drawn, text_width},
    filling::{self, Filling},
    frame::{BODY, Frame, MARGIN, WIDTH},
    naming::of_measurement,
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
    style::{Mark, Set, label},
};
use crate::{
    analysis::{Analysis, Operator},
    format::{counted, duration, shorten, significant},
    sections::{Part, blocks, stages},
    sentences::{self, noise},
};
use plotters::{
    element::{Drawable, PathElement, PointCollection, Rectangle},
    style::Color,
};
use plotters_backend::{BackendCoord, DrawingBackend};
use profile::{Class, Rendering};
use std::ops::Range;

/// Most operators that are named one by one.
const NAMED: usize = 272;
/// Width of a bar's place where every operator is named, and where blocks are, pixels.
const SLOT: (i32, i32) = (13, 4);
const WIDEST_SLOT: i32 = 56;

const PLOT_HEIGHT: i32 = 140;
const VALUE_HEIGHT: i32 = 18;
const STAGE_HEIGHT: i32 = 28;
const NAME_SIZE: i32 = 10;
const NAME_LENGTH: usize = 24;
/// Operators whose time may be written above their bar, and the least height for it, as a share of
/// the highest bar.
const VALUES: (usize, f64) = (12, 0.25);
/// Operators that make a stage worth a name of its own.
const STAGE: usize = 3;

/// The chart of one measurement; `None` where no operator has a time.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(a: &Analysis) -> Rendered<Option<Chart>> {
    let Some(total) = a.operators_ns() else { return Ok(None) };
    let samples = a.ops.iter().filter_map(|op| op.time).map(|t| t.samples).max().unwrap_or(0);
    let of = match samples {
        1 => "1 sample".to_owned(),
        n => format!("median of {n} samples"),
    };
    let intervals = a.ops.iter().filter_map(|op| op.time).any(|t| t.interval.is_some());
    let sure = if intervals { " with its 95 % interval" } else { "" };
    let whole = a.whole.map_or(String::new(), |w| format!(", whole run {}", duration(w.median)));
    let mut subtitle = vec![
        format!("{} · {}", a.network(), a.place()),
        format!(
            "µs inside the running network, {of}{sure} · {}, Σ {}{whole}",
            counted(a.ops.len(), "operator"),
            duration(total),
        ),
    ];
    if !a.profile.noise.reasons.is_empty() {
        subtitle.push(noise(a));
    }
    let layout = Layout::of(a);
    let mut notes = Vec::new();
    if layout.rows.len() > 1 {
        notes.push(
            "In the order in which they ran, row by row; all rows share one scale.".to_owned(),
        );
    }
    if layout.filling == Filling::Hatched {
        notes.push(filling::NOTE.to_owned());
    }
    if a.ops.iter().any(|op| op.time.is_none()) {
        notes.push("–: an operator without a sample.".to_owned());
    }
    let frame = Frame {
        title: format!("{}: time per operator along the network", a.profile.model),
        subtitle,
        classes: a.classes().iter().map(|c| c.class).collect::<Vec<Class>>(),
        notes,
    };
    let height = layout.row_height() * layout.rows.len() as i32;
    frame.render(of_measurement(a, "operators"), height, |area| layout.draw(area)).map(Some)
}

struct Layout<'r> {
    ops: &'r [Operator],
    stages: Vec<Part>,
    blocks: Vec<Part>,
    rows: Vec<Range<usize>>,
    slot: i32,
    y: Scale,
    names_height: i32,
    valued: Vec<usize>,
    filling: Filling,
}

impl<'r> Layout<'r> {
    fn of(a: &'r Analysis) -> Self {
        let names: Vec<&str> = a.ops.iter().map(|op| op.record.name.as_str()).collect();
        let stages = stages(&names);
        let blocks: Vec<Part> = stages.iter().flat_map(|s| blocks(&names, s)).collect();
        let named = a.ops.len() <= NAMED;
        let least = if named { SLOT.0 } else { SLOT.1 };
        let high = |op: &Operator| op.time.map(|t| t.interval.map_or(t.median, |(_, h)| h));
        let top_ns = a.ops.iter().filter_map(high).fold(0.0, f64::max);
        let y = Scale::linear(top_ns / 1e3);
        let room = WIDTH - axes::left(&y) - MARGIN;
        let rows = balanced(&blocks, (room / least) as usize);
        let longest = rows.iter().map(ExactSizeIterator::len).max().unwrap_or(1);
        let mut valued: Vec<usize> = (0..a.ops.len())
            .filter(|&i| a.ops[i].ns().is_some_and(|ns| ns > 0.0 && ns >= VALUES.1 * top_ns))
            .collect();
        valued.sort_by(|&i, &j| median(&a.ops[j]).total_cmp(&median(&a.ops[i])));
        valued.truncate(VALUES.0);
        let mut layout = Self {
            ops: &a.ops,
            stages,
            blocks,
            rows,
            slot: (room / longest as i32).min(if named { WIDEST_SLOT } else { SLOT.0 }),
            y,
            names_height: 0,
            valued,
            filling: match a.profile.device.rendering {
                Rendering::Modelled => Filling::Hatched,
                Rendering::Real | Rendering::SoftwareRendered | Rendering::Emulated => {
                    Filling::Solid
                }
            },
        };
        let widths =
            layout.names(0..a.ops.len()).into_iter().map(|(_, n)| text_width(&n, NAME_SIZE));
        layout.names_height = widths.max().unwrap_or(0) + 10;
        layout
    }

    fn row_height(&self) -> i32 {
        VALUE_HEIGHT + PLOT_HEIGHT + self.names_height + STAGE_HEIGHT
    }

    /// What stands under the bars of a row: position (in slots, from the row's start) and name.
    fn names(&self, row: Range<usize>) -> Vec<(f64, String)> {
        let stage_of = |i: usize| {
            let at = self.stages.partition_point(|s| s.range.end <= i);
            self.stages.get(at)
        };
        let within_stage = |i: usize, name: &str| {
            let label = stage_of(i).filter(|s| s.range.len() >= STAGE).map_or("", |s| &s.label);
            let rest = name.strip_prefix(label).map_or(name, |rest| rest.trim_start_matches('.'));
            shorten(if rest.is_empty() { name } else { rest }, NAME_LENGTH)
        };
        if self.ops.len() <= NAMED {
            let name = |i: usize| within_stage(i, &self.ops[i].record.name);
            return row.clone().map(|i| ((i - row.start) as f64 + 0.5, name(i))).collect();
        }
        let middle = |b: &Part| (b.range.start + b.range.end) as f64 / 2.0 - row.start as f64;
        let mut names: Vec<(f64, String)> = Vec::new();
        for block in self.blocks.iter().filter(|b| row.contains(&b.range.start)) {
            let far = |(at, _): &(f64, String)| (middle(block) - at) * f64::from(self.slot) >= 12.0;
            if names.last().is_none_or(far) {
                names.push((middle(block), within_stage(block.range.start, &block.label)));
            }
        }
        names
    }

    fn draw(&self, area: &Area<'_>) -> Rendered {
        let areas = area.split_evenly((self.rows.len(), 1));
        self.rows.iter().zip(areas).try_for_each(|(row, area)| self.draw_row(row, &area))
    }

    fn draw_row(&self, row: &Range<usize>, area: &Area<'_>) -> Rendered {
        let (x, y) = (Scale::places(row.len()), self.y);
        let left = axes::left(&y);
        // A slot is as wide in a short row as in a long one.
        let rest = WIDTH - MARGIN - left - row.len() as i32 * self.slot;
        let below_values = area.margin(VALUE_HEIGHT, 0, 0, rest - 1);
        let below = self.names_height + STAGE_HEIGHT;
        let mut plot = axes::plot(&below_values, (x, y), (left, below))?;
        self.draw_stages(area, &plot, row)?;
        axes::mesh(&mut plot).x_labels(0).y_desc("µs").draw()?;
        plot.draw_series(row.clone().map(|i| {
            let op = &self.ops[i];
            let bar = Bar::of(op, (i - row.start) as f64, self.filling);
            Mark::operator(&op.record.name, bar).title(sentences::operator(op))
        }))?;
        let style = label(NAME_SIZE).ends().turned();
        for (at, name) in self.names(row.clone()) {
            write(&plot, &name, &style, (at, 0.0), (0, 6))?;
        }
        self.draw_values(&plot, row)
    }

    /// Names the stages that are worth it under brackets, and shades every second of them.
    fn draw_stages(&self, area: &Area<'_>, plot: &Plot<'_>, row: &Range<usize>) -> Rendered {
        let bottom = VALUE_HEIGHT + PLOT_HEIGHT + self.names_height;
        let x = |i: usize| plot.backend_coord(&((i - row.start) as f64, 0.0)).0;
        let named = self.stages.iter().filter(|s| s.range.len() >= STAGE);
        for (i, stage) in named.enumerate() {
            let (start, end) = (stage.range.start.max(row.start), stage.range.end.min(row.end));
            if start >= end {
                continue;
            }
            let (left, right) = (x(start), x(end));
            if i % 2 == 0 {
                let corners = [(left, 4), (right, bottom + 20)];
                area.draw(&Rectangle::new(corners, palette::BAND.filled()))?;
            }
            if text_width(&stage.label, BODY) <= right - left {
                let bracket = [(left + 2, bottom), (right - 2, bottom)];
                area.draw(&PathElement::new(bracket, palette::RULE))?;
                let at = (i32::midpoint(left, right), bottom + 11);
                area.draw_text(&stage.label, &label(BODY).bold().centred(), at)?;
            }
        }
        Ok(())
    }

    /// Writes the longest times above their bars, where no higher bar is in the way.
    fn draw_values(&self, plot: &Plot<'_>, row: &Range<usize>) -> Rendered {
        let mut written: Vec<i32> = Vec::new();
        for &i in self.valued.iter().filter(|i| row.contains(i)) {
            let Some(time) = self.ops[i].time else { continue };
            let text = significant(time.median / 1e3);
            let half = text_width(&text, 11) / 2;
            let reach = (half / self.slot + 1) as usize;
            let near = i.saturating_sub(reach).max(row.start)..(i + reach + 1).min(row.end);
            let top = time.interval.map_or(time.median, |(_, high)| high) / 1e3;
            let (x, y) = plot.backend_coord(&((i - row.start) as f64 + 0.5, top));
            let hidden = self.ops[near].iter().any(|op| median(op) > time.median);
            if hidden || written.iter().any(|w| (w - x).abs() < 2 * half + 6) {
                continue;
            }
            written.push(x);
            write_at(
                plot,
                &text,
                &label(11).centred(),
                (x.max(axes::left(&self.y) + half), y - 8),
            )?;
        }
        Ok(())
    }
}

/// The bar of an operator with its interval, or a dash where it has no time.
struct Bar {
    /// Left end of the median, right end of none, and the ends of the interval in the middle.
    points: [(f64, f64); 4],
    timed: bool,
    tone: Tone,
    filling: Filling,
}

impl Bar {
    fn of(op: &Operator, at: f64, filling: Filling) -> Self {
        let median = median(op) / 1e3;
        let (low, high) = op.time.and_then(|time| time.interval).unwrap_or_default();
        let middle = at + 0.5;
        let interval = [(middle, low / 1e3), (middle, high / 1e3)];
        Self {
            points: [(at, median), (at + 1.0, 0.0), interval[0], interval[1]],
            timed: op.time.is_some(),
            tone: palette::of(op.record.class),
            filling,
        }
    }
}

impl<'a> PointCollection<'a, (f64, f64)> for &'a Bar {
    type Point = &'a (f64, f64);
    type IntoIter = &'a [(f64, f64)];

    fn point_iter(self) -> Self::IntoIter {
        &self.points
    }
}

impl Drawable<Canvas<'_>> for Bar {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        canvas: &mut Canvas<'_>,
        _: (u32, u32),
    ) -> Drawn {
        let points: Vec<BackendCoord> = points.collect();
        let [(left, top), (right, base), low, high] = points[..] else { return Ok(()) };
        if !self.timed {
            return canvas.draw_text("–", &label(NAME_SIZE).centred(), (low.0, base - 5));
        }
        let slot = right - left;
        let gap = if slot >= 8 { slot / 6 } else { 0 };
        // The least bar is a pixel high, so that an operator faster than the timer still shows.
        let corners = [(left + gap, top.min(base - 1)), (right - gap.max(1), base)];
        filling::fill(canvas, corners[0], corners[1], self.tone, self.filling)?;
        if low.1 - high.1 > 2 {
            canvas.draw_line(low, high, &palette::INK.to_rgba())?;
        }
        Ok(())
    }
}

/// The median of an operator's time, 0 where it has none.
fn median(op: &Operator) -> f64 {
    op.ns().unwrap_or(0.0)
}

/// As few rows as [`rows`] needs, of about the same length.
fn balanced(blocks: &[Part], capacity: usize) -> Vec<Range<usize>> {
    let fewest = rows(blocks, capacity).len();
    let enough = (1..capacity).find(|&c| rows(blocks, c).len() == fewest);
    rows(blocks, enough.unwrap_or(capacity))
}

/// Fills rows of at most `capacity` operators with whole blocks, as long as one fits a row.
fn rows(blocks: &[Part], capacity: usize) -> Vec<Range<usize>> {
    let mut rows: Vec<Range<usize>> = Vec::new();
    for block in blocks {
        match rows.last_mut() {
            Some(row) if block.range.end - row.start <= capacity => row.end = block.range.end,
            _ => {
                let starts = block.range.clone().step_by(capacity);
                rows.extend(starts.map(|s| s..(s + capacity).min(block.range.end)));
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn operators_of_a_modelled_device_are_hatched_and_called_so() {
        let drawn = |device| {
            let profile = fixture::shufflenet_on(device, 1);
            chart(&Analysis::of(&profile)).unwrap().unwrap()
        };
        let lines = |chart: &Chart| chart.svg.matches("<path").count();
        let [modelled, measured] = [fixture::modelled(), fixture::core()].map(drawn);
        let told = |chart: &Chart| chart.texts().iter().any(|text| text.contains(filling::NOTE));
        assert!(told(&modelled) && !told(&measured));
        // A slanted line a bar at least, where the other has its interval at most.
        assert!(lines(&modelled) > lines(&measured), "{} lines", lines(&modelled));
    }

    #[test]
    fn rows_break_between_blocks() {
        let block = |range: Range<usize>| Part { label: String::new(), range };
        let blocks = [block(0..3), block(3..7), block(7..9), block(9..10)];
        assert_eq!(rows(&blocks, 7), [0..7, 7..10]);
        assert_eq!(rows(&[block(0..2), block(2..12)], 4), [0..2, 2..6, 6..10, 10..12]);
        assert_eq!(rows(&[], 4), []);
        let even = [block(0..2), block(2..4), block(4..6), block(6..8)];
        assert_eq!((rows(&even, 7), balanced(&even, 7)), (vec![0..6, 6..8], vec![0..4, 4..8]));
    }
}
