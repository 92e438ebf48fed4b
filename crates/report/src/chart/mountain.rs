//! The memory mountain of a device: bandwidth against working set, a line a pattern, and the knees at
//! which caches end.

use super::{
    axes::{self, BOTTOM, Plot, write_at},
    canvas::{Area, text_width},
    frame::Frame,
    labels::{self, Labels},
    naming::whereabouts,
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
    style::{Mark, Set, label},
};
use crate::{
    analysis::Analysis,
    ceilings::Ceilings,
    format::{binary, bytes, significant},
    names::Name,
};
use plotters::element::{Circle, PathElement};
use profile::Pattern;

const HEIGHT: i32 = 380;
const RADIUS: i32 = 2;

/// The chart of the device that `a` was taken on; `None` where it was not calibrated.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(a: &Analysis) -> Rendered<Option<Chart>> {
    let Some(ceilings) = &a.ceilings else { return Ok(None) };
    let (profile, calibration) = (&a.profile, &ceilings.calibration);
    if calibration.mountain.bytes.is_empty() {
        return Ok(None);
    }
    let (device, threads) = (&profile.device, profile.threads);
    let frame = Frame {
        title: "Memory mountain: bandwidth by working set".to_owned(),
        subtitle: vec![
            format!("{} · measured {}", device.place(threads), calibration.taken_at),
            "GB/s (best of several tries) against the bytes of all arrays and threads together, \
             both logarithmic"
                .to_owned(),
        ],
        classes: Vec::new(),
        notes: [
            "read: sum of a. copy: b = a. triad: c = a + s·b. update: a = −a. Bytes count once for \
             each element read or written. Upright lines: knees of the read curve, where a cache ends."
                .to_owned(),
        ]
        .into_iter()
        .chain(ceilings.caution())
        .collect(),
    };
    let threads = format!("t{threads}");
    let words = [device.kind.name(), &device.name, &device.arch, &threads, "mountain"];
    let name = Name::new(&words, &[&whereabouts(profile)]);
    frame.render(name, HEIGHT, |area| plot(area, ceilings)).map(Some)
}

/// A tone a pattern.
fn tone(pattern: Pattern) -> Tone {
    match pattern {
        Pattern::Read => palette::POINT,
        Pattern::Copy => palette::PAPER_GPU,
        Pattern::Triad => palette::PAPER_ARM,
        Pattern::Update => palette::INK,
    }
}

fn plot(area: &Area<'_>, ceilings: &Ceilings) -> Rendered {
    let mountain = &ceilings.calibration.mountain;
    let rates = Pattern::ALL.into_iter().flat_map(|p| mountain.slope(p)).copied();
    let (x, y) = (Scale::bytes(&mountain.bytes), Scale::log(rates.filter(|rate| *rate > 0.0)));
    let mut plot = axes::plot(area, (x, y), (axes::left(&y), BOTTOM))?;
    axes::mesh(&mut plot).x_desc("working set").y_desc("GB/s").draw()?;
    let slope = |pattern: Pattern| -> Vec<(u64, f64)> {
        let points = mountain.bytes.iter().copied().zip(mountain.slope(pattern).iter().copied());
        points.filter(|(_, rate)| *rate > 0.0).collect()
    };
    let slopes = Pattern::ALL.map(|pattern| (pattern, slope(pattern)));
    let pixel = |&(size, rate): &(u64, f64)| plot.backend_coord(&(size as f64, rate));
    let points: Vec<_> = slopes.iter().flat_map(|(_, slope)| slope.iter().map(pixel)).collect();
    let mut labels =
        Labels::on([&plot; 2], points.into_iter().chain(knees(&plot, ceilings)), RADIUS);
    for level in &ceilings.levels {
        let Some(knee) = level.bytes else { continue };
        let y = plot.y_range();
        let upright = [(knee as f64, y.start), (knee as f64, y.end)];
        plot.draw_series([PathElement::new(upright, palette::RULE)])?;
        let told = level.reported.map_or(String::new(), |b| format!(" (system: {})", bytes(b)));
        let text = format!("{} {}{told}", level.name, bytes(knee));
        let (x, bottom) = plot.backend_coord(&upright[0]);
        let left = x - 5 - text_width(&text, labels::SIZE);
        let rows = (0..8).map(|row| bottom - 10 - 14 * row);
        let spots = rows.flat_map(|y| [(x + 5, y), (left, y)]);
        if let Some(spot) = labels.place(&text, spots) {
            write_at(&plot, &text, &label(labels::SIZE), spot)?;
        }
    }
    for (pattern, slope) in &slopes {
        let at = |&(size, rate): &(u64, f64)| (size as f64, rate);
        let line: Vec<(f64, f64)> = slope.iter().map(at).collect();
        plot.draw_series([PathElement::new(line, tone(*pattern))])?;
        plot.draw_series(slope.iter().map(|point| {
            let (name, size) = (pattern.name(), binary(point.0));
            let told = format!("{name} · {size} · {} GB/s", significant(point.1));
            Mark::told(told, Circle::new(at(point), RADIUS, tone(*pattern).dot(false)))
        }))?;
    }
    // Named where the lines are farthest apart: each at the first of its points with room.
    for (pattern, slope) in &slopes {
        let pixels = slope.iter().map(|&(size, rate)| plot.backend_coord(&(size as f64, rate)));
        let beside = pixels.flat_map(|(x, y)| [(x + 4, y - 10), (x + 4, y + 10)]);
        if let Some(spot) = labels.place(pattern.name(), beside) {
            let style = label(labels::SIZE).tone(tone(*pattern)).bold();
            write_at(&plot, pattern.name(), &style, spot)?;
        }
    }
    Ok(())
}

/// Pixels along the upright lines, so near to each other that no label stands between them.
fn knees(plot: &Plot<'_>, ceilings: &Ceilings) -> Vec<(i32, i32)> {
    let (_, rows) = plot.plotting_area().get_pixel_range();
    let knees = ceilings.levels.iter().filter_map(|level| level.bytes);
    let x = |knee: u64| plot.backend_coord(&(knee as f64, 1.0)).0;
    let upright = |x: i32| rows.clone().step_by(RADIUS as usize).map(move |y| (x, y));
    knees.map(x).flat_map(upright).collect()
}
