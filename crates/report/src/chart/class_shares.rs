//! Where the time goes by class: stacked bars of shares, a bar a device or a bar a network.

use super::{
    canvas::{Canvas, Label, text_width},
    frame::{Frame, MARGIN, WIDTH},
    naming::{of_pair, of_place},
    palette,
    picture::{Chart, Rendered},
};
use crate::{
    analysis::{Analysis, ClassSum, measured},
    apportion::parts,
    compare::pair::Pair,
    format::{duration, shorten, tick},
    names::Name,
    paper::{self, Pie},
};
use profile::Class;

const AXIS_HEIGHT: i32 = 26;
/// Height of a device's row: its label over its bar.
const DEVICE_ROW: i32 = 52;
/// Height of a network's row: its label before its bar.
const NETWORK_ROW: i32 = 20;
const NAME_LENGTH: usize = 34;
/// Pixels from one slanted line to the next.
const HATCH: usize = 7;

const MEASURED: &str = "Measured: share of the sum of the operators' medians; the rest of the run \
     (dispatch, barriers, timer) is left out.";
const MODELLED: &str =
    "Hatched: modelled, not measured: share of what a described core would take.";
const PUBLISHED: &str = "Published: Ma et al. 2018 (arXiv 1807.11164), figure 2: share of the run, \
     with all of their optimisations on.";

/// One bar.
struct Bar {
    label: String,
    segments: Vec<Segment>,
    origin: Origin,
}

/// Where a bar's shares come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Measured,
    Modelled,
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

impl Bar {
    fn measured(a: &Analysis, label: String) -> Option<Self> {
        let classes = a.classes();
        let percents = parts(classes.iter().map(|sum| sum.share), 0.01, 1);
        let segment = |(sum, percent): (&ClassSum, String)| {
            Some(Segment { class: sum.class, share: sum.share?, percent })
        };
        let segments: Option<Vec<_>> = classes.iter().zip(percents).map(segment).collect();
        let origin = if measured(&a.profile) { Origin::Measured } else { Origin::Modelled };
        Some(Self { label, segments: segments?, origin })
    }

    fn published(pie: &Pie) -> Self {
        let segment = |(&class, &percent): (&Class, &f64)| Segment {
            class,
            share: percent / 100.0,
            percent: tick(percent),
        };
        Self {
            label: format!("{} · published: figure 2, {}", pie.place(), pie.net),
            segments: pie.percent.iter().map(segment).collect(),
            origin: Origin::Published,
        }
    }

    fn share(&self, class: Class) -> f64 {
        self.segments.iter().find(|s| s.class == class).map_or(0.0, |s| s.share)
    }
}

/// One network on every device that ran it, and on the paper's, where its figure 2 has the
/// network. `None` where no device has times.
///
/// # Errors
/// Where plotters fails.
pub fn devices(group: &[&Analysis]) -> Rendered<Option<Chart>> {
    let Some(first) = group.iter().find(|a| a.has_times()) else { return Ok(None) };
    let label = |a: &Analysis| {
        let run = a.whole.map(|w| format!(" · {} a run", duration(w.median)));
        format!("{}{}{}", a.place(), run.unwrap_or_default(), a.noisy())
    };
    let pies = paper::figure2(&first.profile);
    let measured = group.iter().filter_map(|a| Bar::measured(a, label(a)));
    let bars: Vec<Bar> = measured.chain(pies.iter().map(Bar::published)).collect();
    let p = &first.profile;
    let title = format!("{}: share of time by class", p.model);
    let subtitle = format!("{} · % of the operators' time, a bar a device", first.network());
    let name = Name::new(&[&p.model, &p.lowering(), &p.inputs(), "classes"], &[]);
    under_labels(name, title, subtitle, &bars).map(Some)
}

/// Two sides that were compared. `None` where one has no times.
///
/// # Errors
/// Where plotters fails.
pub fn sides(pair: &Pair<'_>) -> Rendered<Option<Chart>> {
    let bar = |letter: &str, a: &Analysis| {
        let run = a.whole.map(|w| format!(" · {} a run", duration(w.median)));
        let label = format!("{letter}: {} · {}{}", a.network(), a.place(), run.unwrap_or_default());
        Bar::measured(a, label)
    };
    let (Some(a), Some(b)) = (bar("A", pair.a), bar("B", pair.b)) else { return Ok(None) };
    let title = "A and B: share of time by class".to_owned();
    let subtitle = "% of the operators' time, a bar a side".to_owned();
    under_labels(of_pair(pair, "classes"), title, subtitle, &[a, b]).map(Some)
}

/// Bars with their labels above them.
fn under_labels(name: Name, title: String, subtitle: String, bars: &[Bar]) -> Rendered<Chart> {
    let frame =
        Frame { title, subtitle: vec![subtitle], classes: present(bars), notes: notes(bars) };
    let height = bars.len() as i32 * DEVICE_ROW + AXIS_HEIGHT;
    let across = (MARGIN, WIDTH - MARGIN);
    let plot = |canvas: &Canvas<'_>, top: i32| {
        axis(canvas, across, (top + 18, top + height - AXIS_HEIGHT))?;
        for (i, bar) in bars.iter().enumerate() {
            let top = top + i as i32 * DEVICE_ROW;
            let (tone, bottom) = match bar.origin {
                Origin::Published => (palette::MUTED, top + 38),
                Origin::Measured | Origin::Modelled => (palette::INK, top + 44),
            };
            canvas.text(&bar.label, (across.0, top + 9), Label::new(12).tone(tone))?;
            stack(canvas, bar, across, (top + 18, bottom))?;
        }
        Ok(())
    };
    frame.render(name, height, plot)
}

/// Every network that one device ran at one level, most convolution first. `None` where fewer
/// than two have times.
///
/// # Errors
/// Where plotters fails.
pub fn networks(group: &[&Analysis]) -> Rendered<Option<Chart>> {
    let label = |a: &Analysis| shorten(&a.profile.model, NAME_LENGTH);
    let mut bars: Vec<Bar> = group.iter().filter_map(|a| Bar::measured(a, label(a))).collect();
    let Some(first) = group.first().filter(|_| bars.len() > 1) else { return Ok(None) };
    bars.sort_by(|a, b| b.share(Class::Conv).total_cmp(&a.share(Class::Conv)));
    let frame = Frame {
        title: "Every network: share of time by class".to_owned(),
        subtitle: vec![
            format!(
                "{} · {}, batch {}",
                first.place(),
                first.profile.lowering(),
                first.profile.batch
            ),
            "% of the operators' time, a bar a network, most convolution first".to_owned(),
        ],
        classes: present(&bars),
        notes: notes(&bars),
    };
    let widest = bars.iter().map(|bar| text_width(&bar.label, 12)).max().unwrap_or(0);
    let height = bars.len() as i32 * NETWORK_ROW + AXIS_HEIGHT;
    let across = (MARGIN + widest + 8, WIDTH - MARGIN);
    let plot = |canvas: &Canvas<'_>, top: i32| {
        axis(canvas, across, (top, top + height - AXIS_HEIGHT))?;
        for (i, bar) in bars.iter().enumerate() {
            let top = top + i as i32 * NETWORK_ROW;
            canvas.text(&bar.label, (across.0 - 8, top + 8), Label::new(12).ends())?;
            stack(canvas, bar, across, (top, top + 16))?;
        }
        Ok(())
    };
    frame.render(of_place(first, "classes"), height, plot).map(Some)
}

/// What is said of the bars, by where they come from.
fn notes(bars: &[Bar]) -> Vec<String> {
    let of = [
        (Origin::Measured, MEASURED),
        (Origin::Modelled, MODELLED),
        (Origin::Published, PUBLISHED),
    ];
    let some = of.iter().filter(|(origin, _)| bars.iter().any(|bar| bar.origin == *origin));
    some.map(|(_, note)| (*note).to_owned()).collect()
}

/// The classes that any bar has.
fn present(bars: &[Bar]) -> Vec<Class> {
    let any = |class: &Class| bars.iter().any(|bar| bar.share(*class) > 0.0);
    Class::ALL.into_iter().filter(any).collect()
}

/// Grid and per cent under the bars.
fn axis(canvas: &Canvas<'_>, (left, right): (i32, i32), (top, bottom): (i32, i32)) -> Rendered {
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

/// One bar, its segments set apart by a pixel and labelled where the label fits.
fn stack(
    canvas: &Canvas<'_>,
    bar: &Bar,
    (left, right): (i32, i32),
    (top, bottom): (i32, i32),
) -> Rendered {
    let x = |share: f64| left + (share * f64::from(right - left)).round() as i32;
    let size = if bottom - top > 16 { 12 } else { 11 };
    let mut sum = 0.0;
    for Segment { class, share, percent } in &bar.segments {
        let (from, to) = (x(sum), x(sum + share));
        sum += share;
        canvas.rect((from, top), (to - 1, bottom), palette::of(*class))?;
        if bar.origin == Origin::Modelled {
            hatch(canvas, (from, top), (to - 1, bottom))?;
        }
        let named = format!("{class} {percent}");
        let fits = |text: &&String| text_width(text, size) + 8 <= to - from;
        if let Some(text) = [&named, percent].into_iter().find(fits) {
            let label = Label::new(size).tone(palette::on(*class)).centred();
            canvas.text(text, ((from + to) / 2, (top + bottom) / 2), label)?;
        }
    }
    Ok(())
}

/// Slanted lines over a rectangle.
fn hatch(canvas: &Canvas<'_>, (left, top): (i32, i32), (right, bottom): (i32, i32)) -> Rendered {
    let height = bottom - top;
    for x in (left - height..right).step_by(HATCH) {
        let (from, to) = (left.max(x), right.min(x + height));
        canvas.line(&[(from, bottom - (from - x)), (to, bottom - (to - x))], palette::GRID)?;
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
            Bar::measured(&Analysis::of(&profile), String::new()).unwrap()
        };
        assert_eq!(notes(&[bar(fixture::core()), bar(fixture::rasteriser())]), [MEASURED]);
        assert_eq!(notes(&[bar(fixture::modelled())]), [MODELLED]);
        assert_eq!(notes(&[bar(fixture::core()), bar(fixture::modelled())]), [MEASURED, MODELLED]);
    }
}
