//! Mult-adds against time, a point an operator: how far arithmetic explains time, and which
//! operators take time without any.

use super::{
    axes::{self, LEFT},
    canvas::{Canvas, Label, Mark, text_width},
    frame::{BODY, Frame, MARGIN, WIDTH},
    labels::{self, Labels},
    naming::of_measurement,
    palette,
    picture::{Chart, Rendered},
    scale::Scale,
};
use crate::{
    analysis::{Analysis, Operator, rate},
    format::{counted, shorten, tick},
    sentences::noise,
};
use profile::Class;

const HEIGHT: i32 = 440;
/// Width of the column of operators that have no mult-adds.
const COLUMN: i32 = 150;
const GAP: i32 = 28;
const RADIUS: i32 = 4;
const BOTTOM: i32 = 42;
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
    frame
        .render(of_measurement(a, "mul-adds"), HEIGHT, |canvas, top| {
            Plot::of(&shown, top).render(canvas)
        })
        .map(Some)
}

struct Plot<'r> {
    ops: &'r [&'r Operator],
    top: i32,
    x: Scale,
    y: Scale,
}

impl<'r> Plot<'r> {
    fn of(ops: &'r [&'r Operator], top: i32) -> Self {
        let millions = ops.iter().map(|op| op.record.mul_adds as f64 / 1e6).filter(|&m| m > 0.0);
        let micros = ops.iter().filter_map(|op| op.ns()).map(|ns| ns / 1e3);
        let x = Scale::log(millions, (LEFT + COLUMN + GAP, WIDTH - MARGIN));
        Self { ops, top, x, y: Scale::log(micros, (top + HEIGHT - BOTTOM, top)) }
    }

    fn render(&self, canvas: &Canvas<'_>) -> Rendered {
        let points: Vec<(i32, i32)> =
            self.ops.iter().enumerate().map(|(i, op)| self.point(i, op)).collect();
        let within = (LEFT, self.top, WIDTH - MARGIN, self.y.pixels().0);
        let mut labels = Labels::new(within, points.iter().copied(), RADIUS);
        self.render_axes(canvas)?;
        self.render_guides(canvas, &mut labels)?;
        // The longest stand first: drawn last, they stay on top.
        for (op, &at) in self.ops.iter().zip(&points).rev() {
            let ring = op.record.class == Class::Conv && op.groups() > 1;
            canvas.mark(&Mark::operator(&op.record.name), || {
                canvas.dot(at, RADIUS, palette::of(op.record.class), ring)
            })?;
        }
        for (op, &at) in self.ops.iter().zip(&points).take(NAMED) {
            labels.render(canvas, &shorten(&op.record.name, 26), at)?;
        }
        Ok(())
    }

    /// The pixel of an operator; those without mult-adds are spread over their column.
    fn point(&self, i: usize, op: &Operator) -> (i32, i32) {
        let y = self.y.at(op.ns().unwrap_or(0.0) / 1e3);
        if op.record.mul_adds > 0 {
            return (self.x.at(op.record.mul_adds as f64 / 1e6), y);
        }
        // Multiples of the golden ratio spread any number of points evenly.
        let spread = (i as f64 * 0.618_033_988_75).fract();
        (LEFT + 12 + (spread * f64::from(COLUMN - 24)) as i32, y)
    }

    fn render_axes(&self, canvas: &Canvas<'_>) -> Rendered {
        let (bottom, top) = self.y.pixels();
        canvas.rect((LEFT, top), (LEFT + COLUMN, bottom), palette::BAND)?;
        axes::vertical(canvas, &self.y, "µs", &[(LEFT, LEFT + COLUMN), self.x.pixels()])?;
        let millions = "mult-adds, millions";
        axes::horizontal(canvas, (&self.x, &self.y), millions, axes::round(&self.x))?;
        canvas.line(&[(LEFT, bottom), (LEFT + COLUMN, bottom)], palette::RULE)?;
        let label = Label::new(BODY).tone(palette::MUTED).centred();
        canvas.text("no mult-adds", (LEFT + COLUMN / 2, bottom + 12), label)
    }

    /// Lines of equal GFLOP/s round the speeds that were reached, labelled where they leave the
    /// plot.
    fn render_guides(&self, canvas: &Canvas<'_>, labelled: &mut Labels) -> Rendered {
        // Millions of mult-adds over µs are 1e12 mult-adds/s, each 2 FLOPs.
        let speed = |op: &&Operator| rate(2.0 * op.record.mul_adds as f64, op.ns()?);
        let speeds: Vec<f64> = self.ops.iter().filter_map(speed).collect();
        let slowest = speeds.iter().copied().fold(f64::INFINITY, f64::min);
        let fastest = speeds.iter().copied().fold(0.0, f64::max);
        if speeds.is_empty() {
            return Ok(());
        }
        let ((x0, x1), (y0, y1)) = (self.x.ends(), self.y.ends());
        for exponent in slowest.log10().floor() as i32..=fastest.log10().ceil() as i32 {
            let gflops = 10f64.powi(exponent);
            let (from, to) = (x0.max(y0 * gflops / 2e3), x1.min(y1 * gflops / 2e3));
            if from >= to {
                continue;
            }
            let at = |millions: f64| (self.x.at(millions), self.y.at(2e3 * millions / gflops));
            let (start, end) = (at(from), at(to));
            canvas.line(&[start, end], palette::RULE)?;
            let text = format!("{} GFLOP/s", tick(gflops));
            // Left of and above a rising line its label is clear of it; the first free spot from
            // the upper end takes it.
            let beside = (0..20).map(|twentieth| {
                let x = end.0 - (end.0 - start.0) * twentieth / 20;
                let y = end.1 + (start.1 - end.1) * twentieth / 20;
                (x - 14 - text_width(&text, labels::SIZE), y - 4)
            });
            if let Some(spot) = labelled.place(&text, beside) {
                canvas.text(&text, spot, Label::new(labels::SIZE).tone(palette::MUTED))?;
            }
        }
        Ok(())
    }
}
