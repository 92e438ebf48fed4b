//! Bars of shares by class, and what is drawn round them. How a bar is filled says where its shares come from.

use super::{
    axes::{self, NUMBERS, Plot, write_at},
    canvas::{Area, text_width},
    filling::{Filled, Filling},
    frame::BODY,
    palette,
    picture::Rendered,
    scale::Scale,
    style::{Mark, Set, label},
};
use crate::{
    analysis::{Analysis, ClassSum, measured},
    apportion::parts,
    format::{grouped, tick},
    formula::Formula,
    paper::Pie,
};
use plotters::{element::Rectangle, style::Color};
use profile::{Class, DeviceKind};

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

    const fn filling(self) -> Filling {
        match self {
            Self::Formula | Self::Measured => Filling::Solid,
            Self::Modelled => Filling::Hatched,
            Self::Published => Filling::Outlined,
        }
    }

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

    /// Draws it between two rows of `plot`, its segments set apart by a pixel and labelled where the label fits.
    ///
    /// # Errors
    /// Where a picture cannot be written.
    pub fn draw(&self, plot: &mut Plot<'_>, (top, bottom): (f64, f64)) -> Rendered {
        let mut sum = 0.0;
        for segment in self.segments.iter().filter(|segment| segment.share > 0.0) {
            let (from, to) = (100.0 * sum, 100.0 * (sum + segment.share));
            sum += segment.share;
            let Segment { class, percent, .. } = segment;
            let told = format!("{class} {percent} % · {}", self.label);
            let (tone, filling) = (palette::of(*class), self.origin.filling());
            let corners = [(from, top), (to, bottom)];
            plot.draw_series([Mark::told(told, Filled { corners, tone, filling })])?;
            self.name(plot, segment, corners.map(|corner| plot.backend_coord(&corner)))?;
        }
        Ok(())
    }

    /// Labels a segment between two pixels, where there is room.
    fn name(
        &self,
        plot: &mut Plot<'_>,
        segment: &Segment,
        [from, to]: [(i32, i32); 2],
    ) -> Rendered {
        let Segment { class, percent, .. } = segment;
        let size = if to.1 - from.1 > 16 { 12 } else { 11 };
        let named = format!("{class} {percent}");
        let fits = |text: &&String| text_width(text, size) + 8 <= to.0 - from.0;
        let Some(text) = [&named, percent].into_iter().find(fits) else { return Ok(()) };
        let tone = match self.origin {
            Origin::Published => palette::INK,
            _ => palette::on(*class),
        };
        let (x, y) = (i32::midpoint(from.0, to.0), i32::midpoint(from.1, to.1));
        if self.origin == Origin::Modelled {
            // Text cannot be read on slanted lines.
            let half = text_width(text, size) / 2 + 3;
            let ground = [(x - half, from.1), (x + half, to.1)];
            let picture = plot.plotting_area().use_screen_coord();
            picture.draw(&Rectangle::new(ground, palette::of(*class).filled()))?;
        }
        write_at(plot, text, &label(size).tone(tone).centred(), (x, y))
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

/// A plot of `rows` bars, with room left of them and for per cents below.
///
/// # Errors
/// Where a picture cannot be written.
pub fn plot<'a>(area: &Area<'a>, rows: usize, left: i32) -> Rendered<Plot<'a>> {
    axes::plot(area, (Scale::linear(100.0), Scale::rows(rows)), (left, NUMBERS))
}

/// Grid and per cents, and the names of rows where they have some.
///
/// # Errors
/// Where a picture cannot be written.
pub fn axes(plot: &mut Plot<'_>, names: &[&str]) -> Rendered {
    axes::mesh(plot)
        .disable_y_mesh()
        .y_labels(names.len())
        .y_label_style(label(BODY))
        .y_label_formatter(&|row| names[*row as usize].to_owned())
        .x_label_formatter(&|percent| format!("{} %", tick(*percent)))
        .draw()
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
