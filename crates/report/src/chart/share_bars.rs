//! Bars of shares by class, and what is drawn round them. How a bar is filled says where its shares come from.

use super::{
    canvas::{Canvas, Label, Mark, text_width},
    hatch::hatch,
    palette,
    picture::Rendered,
};
use crate::{
    analysis::{Analysis, ClassSum, measured},
    apportion::parts,
    format::{grouped, tick},
    formula::Formula,
    paper::Pie,
};
use profile::{Class, DeviceKind};

/// Height of the axis under bars.
pub const AXIS_HEIGHT: i32 = 26;
/// Width of the edge of a bar that is not filled.
const EDGE: i32 = 2;

/// One bar.
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// What kind of device; `None` where the shares are of no time.
    pub kind: Option<DeviceKind>,
    /// Where its shares come from.
    pub origin: Origin,
    segments: Vec<Segment>,
}

/// Where a bar's shares come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// What the network must do.
    Formula,
    /// Times that were taken.
    Measured,
    /// Times of a described core.
    Modelled,
    /// The paper.
    Published,
}

/// A class's part of a bar.
struct Segment {
    class: Class,
    /// From 0 to 1.
    share: f64,
    /// The share in per cent, as precise as it is known.
    percent: String,
}

impl Origin {
    const ALL: [Self; 4] = [Self::Formula, Self::Measured, Self::Modelled, Self::Published];

    /// What is said of such bars.
    const fn note(self) -> &'static str {
        match self {
            Self::Formula => "Formula: share of what the network must do, on whatever device.",
            Self::Measured => {
                "Measured (filled): share of the sum of the operators' medians; the rest of the run \
                 (dispatch, barriers, timer) is left out."
            }
            Self::Modelled => {
                "Modelled (hatched), not measured: share of what a described core would take."
            }
            Self::Published => {
                "Published (outlined): Ma et al. 2018 (arXiv 1807.11164), figure 2: share of the run, \
                 with all of their optimisations on."
            }
        }
    }
}

impl Bar {
    /// Shares of a measurement's time; `None` where an operator has none.
    pub fn of_time(a: &Analysis, label: String) -> Option<Self> {
        let classes = a.classes();
        let percents = parts(classes.iter().map(|sum| sum.share), 0.01, 1);
        let segment = |(sum, percent): (&ClassSum, String)| {
            Some(Segment { class: sum.class, share: sum.share?, percent })
        };
        let segments: Option<Vec<_>> = classes.iter().zip(percents).map(segment).collect();
        let origin = if measured(&a.profile) { Origin::Measured } else { Origin::Modelled };
        Some(Self { label, kind: Some(a.profile.device.kind), origin, segments: segments? })
    }

    /// Shares of what a network must do.
    pub fn of_formula(formula: Formula, a: &Analysis) -> Self {
        let segment = |(class, share): (Class, f64)| Segment {
            class,
            share,
            percent: grouped(100.0 * share, 1),
        };
        Self {
            label: formula.name().to_owned(),
            kind: None,
            origin: Origin::Formula,
            segments: formula.shares(a).into_iter().map(segment).collect(),
        }
    }

    /// Shares that the paper published.
    pub fn published(pie: &Pie) -> Self {
        let segment = |(&class, &percent): (&Class, &f64)| Segment {
            class,
            share: percent / 100.0,
            percent: tick(percent),
        };
        Self {
            label: format!("{} · published: figure 2, {}", pie.place(), pie.net),
            kind: Some(pie.platform),
            origin: Origin::Published,
            segments: pie.percent.iter().map(segment).collect(),
        }
    }

    /// The share of a class, 0 to 1.
    pub fn share(&self, class: Class) -> f64 {
        self.segments.iter().find(|s| s.class == class).map_or(0.0, |s| s.share)
    }

    /// Draws it, its segments set apart by a pixel and labelled where the label fits.
    ///
    /// # Errors
    /// Where a picture cannot be written.
    pub fn draw(
        &self,
        canvas: &Canvas<'_>,
        (left, right): (i32, i32),
        (top, bottom): (i32, i32),
    ) -> Rendered {
        let x = |share: f64| left + (share * f64::from(right - left)).round() as i32;
        let size = if bottom - top > 16 { 12 } else { 11 };
        let mut sum = 0.0;
        for Segment { class, share, percent } in &self.segments {
            let (from, to) = (x(sum), x(sum + share));
            sum += share;
            let told = format!("{class} {percent} % · {}", self.label);
            canvas.mark(&Mark::told(told), || {
                self.fill(canvas, *class, (from, top), (to - 1, bottom))
            })?;
            let named = format!("{class} {percent}");
            let fits = |text: &&String| text_width(text, size) + 8 <= to - from;
            if let Some(text) = [&named, percent].into_iter().find(fits) {
                let tone = match self.origin {
                    Origin::Published => palette::INK,
                    _ => palette::on(*class),
                };
                let at = ((from + to) / 2, (top + bottom) / 2);
                if self.origin == Origin::Modelled {
                    // Text cannot be read on slanted lines.
                    let half = text_width(text, size) / 2 + 3;
                    let ground = palette::of(*class);
                    canvas.rect((at.0 - half, top), (at.0 + half, bottom), ground)?;
                }
                canvas.text(text, at, Label::new(size).tone(tone).centred())?;
            }
        }
        Ok(())
    }

    fn fill(
        &self,
        canvas: &Canvas<'_>,
        class: Class,
        from: (i32, i32),
        to: (i32, i32),
    ) -> Rendered {
        canvas.rect(from, to, palette::of(class))?;
        match self.origin {
            Origin::Formula | Origin::Measured => Ok(()),
            Origin::Modelled => hatch(canvas, from, to),
            Origin::Published => {
                let inner = ((from.0 + EDGE, from.1 + EDGE), (to.0 - EDGE, to.1 - EDGE));
                canvas.rect(inner.0, inner.1, palette::PAPER)
            }
        }
    }
}

/// What is said of `bars`, by where they come from.
pub fn notes<'b>(bars: impl Iterator<Item = &'b Bar> + Clone) -> Vec<String> {
    let of = |origin: &Origin| bars.clone().any(|bar| bar.origin == *origin);
    Origin::ALL.into_iter().filter(of).map(|origin| origin.note().to_owned()).collect()
}

/// The classes that any of `bars` has.
pub fn present<'b>(bars: impl Iterator<Item = &'b Bar> + Clone) -> Vec<Class> {
    let any = |class: &Class| bars.clone().any(|bar| bar.share(*class) > 0.0);
    Class::ALL.into_iter().filter(any).collect()
}

/// Grid and per cent under bars.
///
/// # Errors
/// Where a picture cannot be written.
pub fn axis(canvas: &Canvas<'_>, (left, right): (i32, i32), (top, bottom): (i32, i32)) -> Rendered {
    let label = Label::new(11).tone(palette::MUTED);
    for percent in (0..=100).step_by(20) {
        let x = left + (right - left) * percent / 100;
        canvas.line(&[(x, top), (x, bottom + 2)], palette::GRID)?;
        let label = match percent {
            0 => label,
            100 => label.ends(),
            _ => label.centred(),
        };
        canvas.text(&format!("{percent} %"), (x, bottom + 12), label)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_note_says_of_each_bar_where_it_comes_from() {
        let bar = |device| {
            let profile = fixture::shufflenet_on(device, 1);
            Bar::of_time(&Analysis::of(&profile), String::new()).unwrap()
        };
        let said = |bars: &[Bar]| notes(bars.iter());
        let (measured, modelled) = (Origin::Measured.note(), Origin::Modelled.note());
        assert_eq!(said(&[bar(fixture::core()), bar(fixture::rasteriser())]), [measured]);
        assert_eq!(said(&[bar(fixture::modelled())]), [modelled]);
        assert_eq!(said(&[bar(fixture::modelled()), bar(fixture::core())]), [measured, modelled]);
    }
}
