//! Mult-adds against time, a point an operator: how far arithmetic explains time, and which
//! operators take time without any.

use super::{
    axes::{self, BOTTOM, Plot, write_at},
    canvas::{Area, text_width},
    frame::{Frame, MARGIN},
    labels::{self, Labels},
    naming::of_measurement,
    palette,
    picture::{Chart, Rendered},
    scale::Scale,
    style::{Mark, Set, label},
};
use crate::{
    analysis::{Analysis, Operator, rate},
    format::{counted, shorten, tick},
    sentences::noise,
};
use plotters::element::{Circle, PathElement};
use profile::Class;

const HEIGHT: i32 = 440;
/// Width of the column of operators that have no mult-adds.
const COLUMN: i32 = 150;
/// The share of that column that is empty on either side.
const EDGE: f64 = 0.08;
const RADIUS: i32 = 4;
/// Operators that are named.
const NAMED: usize = 10;

/// The chart of one measurement; `None` where no operator has a time that a logarithm can show.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(a: &Analysis) -> Rendered<Option<Chart>> {
    let shown: Vec<&Operator> =
        a.slowest(usize::MAX).into_iter().filter(|op| op.ns() > Some(0.0)).collect();
    if shown.is_empty() {
        return Ok(None);
    }
    let left_out = a.ops.len() - shown.len();
    let mut subtitle = vec![
        format!("{} · {}", a.network(), a.place()),
        "µs (median) against millions of mult-adds, both logarithmic, a point an operator"
            .to_owned(),
    ];
    if !a.profile.noise.reasons.is_empty() {
        subtitle.push(noise(a));
    }
    let mut notes = vec![
        "Rings: grouped or depthwise convolution. Lines: equal speed.".to_owned(),
        profile::FLOPS_CONVENTION.to_owned() + ".",
    ];
    if left_out > 0 {
        notes.push(format!(
            "Left out: {} without a time above zero.",
            counted(left_out, "operator")
        ));
    }
    let frame = Frame {
        title: format!("{}: mult-adds against time per operator", a.profile.model),
        subtitle,
        classes: a.classes().iter().map(|c| c.class).collect(),
        notes,
    };
    let plot = |area: &Area<'_>| Points::on(area, &shown)?.draw();
    frame.render(of_measurement(a, "mul-adds"), HEIGHT, plot).map(Some)
}

/// Operators as points, those that have no mult-adds in a column of their own.
struct Points<'a, 'r> {
    ops: &'r [&'r Operator],
    column: Plot<'a>,
    plot: Plot<'a>,
}

impl<'a, 'r> Points<'a, 'r> {
    fn on(area: &Area<'a>, ops: &'r [&'r Operator]) -> Rendered<Self> {
        let millions = ops.iter().map(|op| op.record.mul_adds as f64 / 1e6).filter(|&m| m > 0.0);
        let micros = ops.iter().filter_map(|op| op.ns()).map(|ns| ns / 1e3);
        let (x, y) = (Scale::log(millions), Scale::log(micros));
        let left = axes::left(&y);
        let (beside, right) = area.split_horizontally(left + COLUMN + MARGIN);
        let column = axes::plot(&beside, (Scale::places(1), y), (left, BOTTOM))?;
        Ok(Self { ops, column, plot: axes::plot(&right, (x, y), (MARGIN, BOTTOM))? })
    }

    fn draw(mut self) -> Rendered {
        self.column.plotting_area().fill(&palette::BAND)?;
        axes::mesh(&mut self.column).x_labels(0).x_desc("no mult-adds").y_desc("µs").draw()?;
        axes::mesh(&mut self.plot).x_desc("mult-adds, millions").draw()?;
        let points = self.ops.iter().enumerate().map(|(i, op)| {
            let (plot, at) = self.place(i, op);
            plot.backend_coord(&at)
        });
        let points: Vec<(i32, i32)> = points.collect();
        let both = [&self.column, &self.plot];
        let mut labels = Labels::on(both, points.iter().copied(), RADIUS);
        self.draw_guides(&mut labels)?;
        // The longest stand first: drawn last, they stay on top.
        for (i, op) in self.ops.iter().enumerate().rev() {
            let ring = op.record.class == Class::Conv && op.groups() > 1;
            let (plot, at) = self.place(i, op);
            let dot = Circle::new(at, RADIUS, palette::of(op.record.class).dot(ring));
            plot.plotting_area().draw(&Mark::operator(&op.record.name, dot))?;
        }
        for (op, &at) in self.ops.iter().zip(&points).take(NAMED) {
            labels.render(&self.plot, &shorten(&op.record.name, 26), at)?;
        }
        Ok(())
    }

    /// Where an operator stands; those without mult-adds are spread over their column.
    fn place(&self, i: usize, op: &Operator) -> (&Plot<'a>, (f64, f64)) {
        let micros = op.ns().unwrap_or(0.0) / 1e3;
        if op.record.mul_adds > 0 {
            return (&self.plot, (op.record.mul_adds as f64 / 1e6, micros));
        }
        // Multiples of the golden ratio spread any number of points evenly.
        let spread = (i as f64 * 0.618_033_988_75).fract();
        (&self.column, (EDGE + spread * (1.0 - 2.0 * EDGE), micros))
    }

    /// Lines of equal GFLOP/s round the speeds that were reached, labelled where they leave the
    /// plot.
    fn draw_guides(&self, labelled: &mut Labels) -> Rendered {
        // Millions of mult-adds over µs are 1e12 mult-adds/s, each 2 FLOPs.
        let speed = |op: &&Operator| rate(2.0 * op.record.mul_adds as f64, op.ns()?);
        let speeds: Vec<f64> = self.ops.iter().filter_map(speed).collect();
        let slowest = speeds.iter().copied().fold(f64::INFINITY, f64::min);
        let fastest = speeds.iter().copied().fold(0.0, f64::max);
        if speeds.is_empty() {
            return Ok(());
        }
        let (x, y) = (self.plot.x_range(), self.plot.y_range());
        for exponent in slowest.log10().floor() as i32..=fastest.log10().ceil() as i32 {
            let gflops = 10f64.powi(exponent);
            let from = x.start.max(y.start * gflops / 2e3);
            let to = x.end.min(y.end * gflops / 2e3);
            if from >= to {
                continue;
            }
            let ends = [from, to].map(|millions| (millions, 2e3 * millions / gflops));
            self.plot.plotting_area().draw(&PathElement::new(ends, palette::RULE))?;
            let [start, end] = ends.map(|end| self.plot.backend_coord(&end));
            let text = format!("{} GFLOP/s", tick(gflops));
            // Left of and above a rising line its label is clear of it; the first free spot from
            // the upper end takes it.
            let beside = (0..20).map(|twentieth| {
                let x = end.0 - (end.0 - start.0) * twentieth / 20;
                let y = end.1 + (start.1 - end.1) * twentieth / 20;
                (x - 14 - text_width(&text, labels::SIZE), y - 4)
            });
            if let Some(spot) = labelled.place(&text, beside) {
                write_at(&self.plot, &text, &label(labels::SIZE).tone(palette::MUTED), spot)?;
            }
        }
        Ok(())
    }
}
