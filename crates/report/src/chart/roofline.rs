//! The hierarchical roofline: arithmetic reached against arithmetic a byte, a roof for each level of
//! memory, a point an operator. How far each is from what the device could do, and which way to go.

use super::{
    axes::{self, LEFT},
    canvas::{Canvas, Label, Mark, text_width},
    frame::{Frame, MARGIN, WIDTH},
    labels::{self, Labels},
    naming::of_measurement,
    palette,
    picture::{Chart, Rendered},
    scale::Scale,
};
use crate::{
    analysis::{Analysis, Operator},
    bound::Roof,
    ceilings::Level,
    format::{shorten, significant},
    sentences::noise,
};
use profile::Class;

const HEIGHT: i32 = 440;
const RADIUS: i32 = 4;
const BOTTOM: i32 = 42;
/// Operators that are named.
const NAMED: usize = 8;

/// The chart of one measurement; `None` where the device was not calibrated, or no operator that
/// computes has a time.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(a: &Analysis) -> Rendered<Option<Chart>> {
    let Some(roof) = &a.roof else { return Ok(None) };
    let shown: Vec<&Operator> =
        a.slowest(usize::MAX).into_iter().filter(|op| op.gflops().is_some()).collect();
    if shown.is_empty() {
        return Ok(None);
    }
    let mut subtitle = vec![
        format!("{} · {}", a.network(), a.place()),
        "GFLOP/s (median) against FLOPs a byte of memory access cost, both logarithmic, a point an \
         operator"
            .to_owned(),
    ];
    if !a.profile.noise.reasons.is_empty() {
        subtitle.push(noise(a));
    }
    let mut notes = vec![
        "Rings: grouped or depthwise convolution. Lines: measured peak of fused multiply-adds, and \
         reading from each level of memory. A point above the roof of a level is fed from nearer."
            .to_owned(),
        profile::FLOPS_CONVENTION.to_owned() + ".",
    ];
    notes.extend(a.caution());
    let left_out = a.ops.len() - shown.len();
    if left_out > 0 {
        let ops = if left_out == 1 { "operator computes" } else { "operators compute" };
        notes.push(format!("{left_out} {ops} nothing, which has no place here."));
    }
    let frame = Frame {
        title: format!("{}: roofline", a.profile.model),
        subtitle,
        classes: a.classes().iter().filter(|c| c.flops > 0).map(|c| c.class).collect(),
        notes,
    };
    let name = of_measurement(a, "roofline");
    frame.render(name, HEIGHT, |canvas, top| Plot::of(&shown, roof, top).render(canvas)).map(Some)
}

/// Points along a line, so near to each other that no label stands between them.
fn dotted([start, end]: [(i32, i32); 2]) -> impl Iterator<Item = (i32, i32)> {
    let steps = (end.0 - start.0).abs().max((end.1 - start.1).abs()) / RADIUS + 1;
    let between = move |from: i32, to: i32, step| from + (to - from) * step / steps;
    (0..=steps).map(move |step| (between(start.0, end.0, step), between(start.1, end.1, step)))
}

/// FLOPs a byte.
fn intensity(op: &Operator) -> f64 {
    op.record.flops as f64 / op.record.access.bytes().max(1) as f64
}

struct Plot<'r> {
    ops: &'r [&'r Operator],
    roof: &'r Roof,
    x: Scale,
    y: Scale,
}

impl<'r> Plot<'r> {
    fn of(ops: &'r [&'r Operator], roof: &'r Roof, top: i32) -> Self {
        // The ridges, where memory and arithmetic bind alike, are always in sight.
        let ridges = roof.levels().iter().map(|level| roof.peak / level.read);
        let intensities = ops.iter().map(|op| intensity(op)).chain(ridges);
        let reached = ops.iter().filter_map(|op| op.gflops()).chain([roof.peak]);
        let x = Scale::log(intensities, (LEFT, WIDTH - MARGIN));
        Self { ops, roof, x, y: Scale::log(reached, (top + HEIGHT - BOTTOM, top)) }
    }

    fn render(&self, canvas: &Canvas<'_>) -> Rendered {
        let point = |op: &&Operator| {
            (self.x.at(intensity(op)), self.y.at(op.gflops().unwrap_or(f64::MIN_POSITIVE)))
        };
        let points: Vec<(i32, i32)> = self.ops.iter().map(point).collect();
        let (bottom, top) = self.y.pixels();
        let within = (LEFT, top, WIDTH - MARGIN, bottom);
        let taken = points.iter().copied().chain(self.roofs().flat_map(dotted));
        let mut labels = Labels::new(within, taken, RADIUS);
        self.render_axes(canvas)?;
        self.render_roofs(canvas, &mut labels)?;
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

    fn render_axes(&self, canvas: &Canvas<'_>) -> Rendered {
        axes::vertical(canvas, &self.y, "GFLOP/s", &[self.x.pixels()])?;
        axes::horizontal(canvas, (&self.x, &self.y), "FLOPs a byte", axes::round(&self.x))
    }

    /// The ends of the slanted roofs, from the lower or left edge up to the flat one; none of a level whose
    /// roof is out of sight.
    fn roofs(&self) -> impl Iterator<Item = [(i32, i32); 2]> {
        self.roof.levels().iter().filter_map(|level| self.slanted(level))
    }

    fn slanted(&self, level: &Level) -> Option<[(i32, i32); 2]> {
        let ((x0, x1), (y0, _)) = (self.x.ends(), self.y.ends());
        let (from, to) = (x0.max(y0 / level.read), x1.min(self.roof.peak / level.read));
        let at = |x: f64| (self.x.at(x), self.y.at(x * level.read));
        (from < to).then(|| [at(from), at(to)])
    }

    /// The flat roof, and a slanted one for each level.
    fn render_roofs(&self, canvas: &Canvas<'_>, labels: &mut Labels) -> Rendered {
        let (x0, x1) = self.x.ends();
        let muted = Label::new(labels::SIZE).tone(palette::MUTED);
        let peak = self.roof.peak;
        let first = self.roof.levels().iter().map(|l| l.read).fold(0.0, f64::max);
        let start = (peak / first).max(x0);
        let y = self.y.at(peak);
        canvas.line(&[(self.x.at(start), y), (self.x.at(x1), y)], palette::RULE)?;
        let text = format!("peak {} GFLOP/s", significant(peak));
        let right = self.x.at(x1) - 4 - text_width(&text, labels::SIZE);
        let spots = (0..20).flat_map(|i| [(right - 30 * i, y - 9), (right - 30 * i, y + 9)]);
        if let Some(spot) = labels.place(&text, spots) {
            canvas.text(&text, spot, muted)?;
        }
        for level in self.roof.levels() {
            let Some([start, end]) = self.slanted(level) else { continue };
            canvas.line(&[start, end], palette::RULE)?;
            let text = format!("{} {} GB/s", level.name, significant(level.read));
            let width = text_width(&text, labels::SIZE);
            // Over its ridge, in the first row with room; else along the line from its lower end, left of and
            // above it, or right of and below it: a label's height away, for where the line is nearly flat.
            let over = (0..3).map(|row| (end.0 - width / 2, end.1 - 12 - 14 * row));
            let beside = (1..20).flat_map(|twentieth| {
                let x = start.0 + (end.0 - start.0) * twentieth / 20;
                let y = start.1 + (end.1 - start.1) * twentieth / 20;
                [(x - 8 - width, y - 11), (x + 8, y + 12)]
            });
            if let Some(spot) = labels.place(&text, over.chain(beside)) {
                canvas.text(&text, spot, muted)?;
            }
        }
        Ok(())
    }
}
