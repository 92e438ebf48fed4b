//! The hierarchical roofline: arithmetic reached against arithmetic a byte, a roof for each level of
//! memory, a point an operator. How far each is from what the device could do, and which way to go.

use super::{
    axes::{self, BOTTOM, Plot, write_at},
    canvas::{Area, text_width},
    frame::Frame,
    labels::{self, Labels},
    naming::of_measurement,
    palette,
    picture::{Chart, Rendered},
    scale::Scale,
    style::{Mark, Set, label},
};
use crate::{
    analysis::{Analysis, Operator},
    bound::Roof,
    ceilings::Level,
    format::{shorten, significant},
    sentences::noise,
};
use plotters::element::{Circle, PathElement};
use profile::Class;

const HEIGHT: i32 = 440;
const RADIUS: i32 = 4;
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
    frame.render(name, HEIGHT, |area| Points::on(area, &shown, roof)?.draw()).map(Some)
}

/// Points along a line, so near to each other that no label stands between them.
fn dotted([start, end]: [(i32, i32); 2]) -> impl Iterator<Item = (i32, i32)> {
    let steps = (end.0 - start.0).abs().max((end.1 - start.1).abs()) / RADIUS + 1;
    let between = move |from: i32, to: i32, step| from + (to - from) * step / steps;
    (0..=steps).map(move |step| (between(start.0, end.0, step), between(start.1, end.1, step)))
}

/// FLOPs a byte, and GFLOP/s.
fn place(op: &Operator) -> (f64, f64) {
    let intensity = op.record.flops as f64 / op.record.access.bytes().max(1) as f64;
    (intensity, op.gflops().unwrap_or(f64::MIN_POSITIVE))
}

/// Operators as points under a roof.
struct Points<'a, 'r> {
    ops: &'r [&'r Operator],
    roof: &'r Roof,
    plot: Plot<'a>,
}

impl<'a, 'r> Points<'a, 'r> {
    fn on(area: &Area<'a>, ops: &'r [&'r Operator], roof: &'r Roof) -> Rendered<Self> {
        // The ridges, where memory and arithmetic bind alike, are always in sight.
        let ridges = roof.levels().iter().map(|level| roof.peak / level.read);
        let x = Scale::log(ops.iter().map(|op| place(op).0).chain(ridges));
        let y = Scale::log(ops.iter().filter_map(|op| op.gflops()).chain([roof.peak]));
        Ok(Self { ops, roof, plot: axes::plot(area, (x, y), (axes::left(&y), BOTTOM))? })
    }

    fn draw(mut self) -> Rendered {
        axes::mesh(&mut self.plot).x_desc("FLOPs a byte").y_desc("GFLOP/s").draw()?;
        let pixel = |op: &&Operator| self.plot.backend_coord(&place(op));
        let points: Vec<(i32, i32)> = self.ops.iter().map(pixel).collect();
        let roofs = self.roof.levels().iter().filter_map(|level| self.slanted(level));
        let taken = points.iter().copied().chain(roofs.flat_map(|ends| dotted(self.pixels(ends))));
        let mut labels = Labels::on([&self.plot; 2], taken, RADIUS);
        self.draw_roofs(&mut labels)?;
        // The longest stand first: drawn last, they stay on top.
        self.plot.draw_series(self.ops.iter().rev().map(|op| {
            let ring = op.record.class == Class::Conv && op.groups() > 1;
            let dot = Circle::new(place(op), RADIUS, palette::of(op.record.class).dot(ring));
            Mark::operator(&op.record.name, dot)
        }))?;
        for (op, &at) in self.ops.iter().zip(&points).take(NAMED) {
            labels.render(&self.plot, &shorten(&op.record.name, 26), at)?;
        }
        Ok(())
    }

    /// The ends of a level's slanted roof, from the lower or left edge up to the flat one; none where it is
    /// out of sight.
    fn slanted(&self, level: &Level) -> Option<[(f64, f64); 2]> {
        let (x, y) = (self.plot.x_range(), self.plot.y_range());
        let from = x.start.max(y.start / level.read);
        let to = x.end.min(self.roof.peak / level.read);
        (from < to).then(|| [from, to].map(|x| (x, x * level.read)))
    }

    fn pixels(&self, ends: [(f64, f64); 2]) -> [(i32, i32); 2] {
        ends.map(|end| self.plot.backend_coord(&end))
    }

    /// The flat roof, and a slanted one for each level.
    fn draw_roofs(&self, labels: &mut Labels) -> Rendered {
        let muted = label(labels::SIZE).tone(palette::MUTED);
        let (peak, x) = (self.roof.peak, self.plot.x_range());
        let first = self.roof.levels().iter().map(|l| l.read).fold(0.0, f64::max);
        let flat = [((peak / first).max(x.start), peak), (x.end, peak)];
        self.plot.plotting_area().draw(&PathElement::new(flat, palette::RULE))?;
        let text = format!("peak {} GFLOP/s", significant(peak));
        let (end, y) = self.plot.backend_coord(&flat[1]);
        let right = end - 4 - text_width(&text, labels::SIZE);
        let spots = (0..20).flat_map(|i| [(right - 30 * i, y - 9), (right - 30 * i, y + 9)]);
        if let Some(spot) = labels.place(&text, spots) {
            write_at(&self.plot, &text, &muted, spot)?;
        }
        for level in self.roof.levels() {
            let Some(ends) = self.slanted(level) else { continue };
            self.plot.plotting_area().draw(&PathElement::new(ends, palette::RULE))?;
            let [start, end] = self.pixels(ends);
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
                write_at(&self.plot, &text, &muted, spot)?;
            }
        }
        Ok(())
    }
}
