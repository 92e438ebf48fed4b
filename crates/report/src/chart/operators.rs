//! Time per operator along the network: a bar an operator, in the order in which they ran.
//!
//! A long network is broken into rows at the borders of its blocks, like music; all rows share one
//! scale. Up to [`NAMED`] operators each has its name under its bar; beyond, blocks are named.

use super::{
    canvas::{Canvas, Label, Mark, text_width},
    frame::{BODY, Frame, MARGIN, WIDTH},
    hatch::{self, hatch},
    naming::of_measurement,
    palette,
    picture::{Chart, Rendered},
    scale::Scale,
};
use crate::{
    analysis::{Analysis, Operator},
    format::{counted, duration, shorten, significant, tick},
    sections::{Part, blocks, stages},
    sentences::{self, noise},
};
use profile::{Class, Rendering};
use std::ops::Range;

/// Most operators that are named one by one.
const NAMED: usize = 272;
/// Width of a bar's place where every operator is named, and where blocks are, pixels.
const SLOT: (i32, i32) = (13, 4);
const WIDEST_SLOT: i32 = 56;

const LEFT: i32 = 60;
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
    if layout.is_modelled {
        notes.push(hatch::NOTE.to_owned());
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
    frame
        .render(of_measurement(a, "operators"), height, |canvas, top| layout.render(canvas, top))
        .map(Some)
}

struct Layout<'r> {
    ops: &'r [Operator],
    stages: Vec<Part>,
    blocks: Vec<Part>,
    rows: Vec<Range<usize>>,
    slot: i32,
    top_ns: f64,
    names_height: i32,
    valued: Vec<usize>,
    is_modelled: bool,
}

impl<'r> Layout<'r> {
    fn of(a: &'r Analysis) -> Self {
        let names: Vec<&str> = a.ops.iter().map(|op| op.record.name.as_str()).collect();
        let stages = stages(&names);
        let blocks: Vec<Part> = stages.iter().flat_map(|s| blocks(&names, s)).collect();
        let named = a.ops.len() <= NAMED;
        let least = if named { SLOT.0 } else { SLOT.1 };
        let room = WIDTH - LEFT - MARGIN;
        let rows = balanced(&blocks, (room / least) as usize);
        let longest = rows.iter().map(ExactSizeIterator::len).max().unwrap_or(1);
        let high = |op: &Operator| op.time.map(|t| t.interval.map_or(t.median, |(_, h)| h));
        let top_ns = a.ops.iter().filter_map(high).fold(0.0, f64::max);
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
            top_ns,
            names_height: 0,
            valued,
            is_modelled: a.profile.device.rendering == Rendering::Modelled,
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

    fn render(&self, canvas: &Canvas<'_>, top: i32) -> Rendered {
        for (i, row) in self.rows.iter().enumerate() {
            let top = top + i as i32 * self.row_height() + VALUE_HEIGHT;
            self.render_row(canvas, row.clone(), top)?;
        }
        Ok(())
    }

    fn render_row(&self, canvas: &Canvas<'_>, row: Range<usize>, top: i32) -> Rendered {
        let base = top + PLOT_HEIGHT;
        let scale = Scale::linear(self.top_ns / 1e3, (base, top));
        let x = |i: usize| LEFT + (i - row.start) as i32 * self.slot;
        self.render_stages(canvas, &row, top)?;
        for value in scale.ticks(5) {
            let y = scale.at(value);
            canvas.line(&[(LEFT, y), (x(row.end), y)], palette::GRID)?;
            let label = Label::new(11).tone(palette::MUTED).ends();
            canvas.text(&tick(value), (LEFT - 6, y), label)?;
        }
        canvas.text("µs", (MARGIN, top - 6), Label::new(11).tone(palette::MUTED))?;
        for i in row.clone() {
            let op = &self.ops[i];
            let mark = Mark::operator(&op.record.name).title(sentences::operator(op));
            canvas.mark(&mark, || self.render_bar(canvas, op, x(i), &scale))?;
        }
        canvas.line(&[(LEFT, base), (x(row.end), base)], palette::RULE)?;
        for (at, name) in self.names(row.clone()) {
            let x = LEFT + (at * f64::from(self.slot)).round() as i32;
            canvas.text(&name, (x, base + 6), Label::new(NAME_SIZE).ends().turned())?;
        }
        self.render_values(canvas, &row, &scale)
    }

    fn render_bar(&self, canvas: &Canvas<'_>, op: &Operator, x: i32, scale: &Scale) -> Rendered {
        let base = scale.at(0.0);
        let middle = x + self.slot / 2;
        let Some(time) = op.time else {
            return canvas.text("–", (middle, base - 5), Label::new(10).centred());
        };
        let gap = if self.slot >= 8 { self.slot / 6 } else { 0 };
        // The least bar is a pixel high, so that an operator faster than the timer still shows.
        let y = scale.at(time.median / 1e3).min(base - 1);
        let to = (x + self.slot - gap.max(1), base);
        canvas.rect((x + gap, y), to, palette::of(op.record.class))?;
        if self.is_modelled {
            hatch(canvas, (x + gap, y), to)?;
        }
        match time.interval {
            Some((low, high)) if scale.at(low / 1e3) - scale.at(high / 1e3) > 2 => {
                let ends = [(middle, scale.at(low / 1e3)), (middle, scale.at(high / 1e3))];
                canvas.line(&ends, palette::INK)
            }
            _ => Ok(()),
        }
    }

    /// Names the stages that are worth it under brackets, and shades every second of them.
    fn render_stages(&self, canvas: &Canvas<'_>, row: &Range<usize>, top: i32) -> Rendered {
        let bottom = top + PLOT_HEIGHT + self.names_height;
        let x = |i: usize| LEFT + (i - row.start) as i32 * self.slot;
        let named = self.stages.iter().filter(|s| s.range.len() >= STAGE);
        for (i, stage) in named.enumerate() {
            let (start, end) = (stage.range.start.max(row.start), stage.range.end.min(row.end));
            if start >= end {
                continue;
            }
            let (left, right) = (x(start), x(end));
            if i % 2 == 0 {
                canvas.rect((left, top - VALUE_HEIGHT + 4), (right, bottom + 20), palette::BAND)?;
            }
            if text_width(&stage.label, BODY) <= right - left {
                canvas.line(&[(left + 2, bottom), (right - 2, bottom)], palette::RULE)?;
                let at = ((left + right) / 2, bottom + 11);
                canvas.text(&stage.label, at, Label::new(BODY).bold().centred())?;
            }
        }
        Ok(())
    }

    /// Writes the longest times above their bars, where no higher bar is in the way.
    fn render_values(&self, canvas: &Canvas<'_>, row: &Range<usize>, scale: &Scale) -> Rendered {
        let mut written: Vec<i32> = Vec::new();
        for &i in self.valued.iter().filter(|i| row.contains(i)) {
            let Some(time) = self.ops[i].time else { continue };
            let text = significant(time.median / 1e3);
            let half = text_width(&text, 11) / 2;
            let reach = (half / self.slot + 1) as usize;
            let near = i.saturating_sub(reach).max(row.start)..(i + reach + 1).min(row.end);
            let x = LEFT + (i - row.start) as i32 * self.slot + self.slot / 2;
            let hidden = self.ops[near].iter().any(|op| median(op) > time.median);
            if hidden || written.iter().any(|w| (w - x).abs() < 2 * half + 6) {
                continue;
            }
            written.push(x);
            let top = scale.at(time.interval.map_or(time.median, |(_, high)| high) / 1e3);
            canvas.text(&text, (x.max(LEFT + half), top - 8), Label::new(11).centred())?;
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
        let told = |chart: &Chart| chart.texts().iter().any(|text| text.contains(hatch::NOTE));
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
