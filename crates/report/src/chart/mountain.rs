//! The memory mountain of a device: bandwidth against working set, a line a pattern, and the knees at
//! which caches end.

use super::{
    axes::{self, LEFT},
    canvas::{Canvas, Label, Mark, text_width},
    frame::{Frame, MARGIN, WIDTH},
    labels::Labels,
    naming::whereabouts,
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
};
use crate::{
    analysis::Analysis,
    ceilings::Ceilings,
    format::{binary, bytes, significant},
    names::Name,
};
use profile::Pattern;

const HEIGHT: i32 = 380;
const BOTTOM: i32 = 42;
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
    frame.render(name, HEIGHT, |canvas, top| plot(canvas, ceilings, top)).map(Some)
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

fn plot(canvas: &Canvas<'_>, ceilings: &Ceilings, top: i32) -> Rendered {
    let mountain = &ceilings.calibration.mountain;
    let bottom = top + HEIGHT - BOTTOM;
    let x = Scale::log(mountain.bytes.iter().map(|&b| b as f64), (LEFT, WIDTH - MARGIN));
    let rates = Pattern::ALL.into_iter().flat_map(|p| mountain.slope(p)).copied();
    let y = Scale::log(rates.filter(|rate| *rate > 0.0), (bottom, top));
    axes::vertical(canvas, &y, "GB/s", &[x.pixels()])?;
    let (from, to) = x.ends();
    let powers = (10..50).step_by(2).map(|power| 1_u64 << power);
    let powers = powers.map(|power| (power as f64, bytes(power)));
    let shown = powers.filter(|(power, _)| (from..=to).contains(power));
    axes::horizontal(canvas, (&x, &y), "working set", shown)?;
    let line = |pattern: Pattern| -> Vec<(i32, i32)> {
        let points = mountain.bytes.iter().zip(mountain.slope(pattern));
        points.filter(|(_, r)| **r > 0.0).map(|(&b, &r)| (x.at(b as f64), y.at(r))).collect()
    };
    let lines = Pattern::ALL.map(|pattern| (pattern, line(pattern)));
    let within = (LEFT, top, WIDTH - MARGIN, bottom);
    let levels = &ceilings.levels;
    let knees = levels.iter().filter_map(|level| level.bytes).map(|knee| x.at(knee as f64));
    let upright = knees.flat_map(|x| (top..bottom).step_by(RADIUS as usize).map(move |y| (x, y)));
    let points = lines.iter().flat_map(|(_, points)| points.iter().copied()).chain(upright);
    let mut labels = Labels::new(within, points, RADIUS);
    for level in levels {
        let Some(knee) = level.bytes else { continue };
        let x = x.at(knee as f64);
        canvas.line(&[(x, top), (x, bottom)], palette::RULE)?;
        let told = level.reported.map_or(String::new(), |b| format!(" (system: {})", bytes(b)));
        let text = format!("{} {}{told}", level.name, bytes(knee));
        let left = x - 5 - text_width(&text, 11);
        let rows = (0..8).map(|row| bottom - 10 - 14 * row);
        let spots = rows.flat_map(|y| [(x + 5, y), (left, y)]);
        if let Some(spot) = labels.place(&text, spots) {
            canvas.text(&text, spot, Label::new(11))?;
        }
    }
    for (pattern, points) in &lines {
        canvas.line(points, tone(*pattern))?;
        let rates = mountain.bytes.iter().zip(mountain.slope(*pattern)).filter(|(_, r)| **r > 0.0);
        for ((&size, &rate), &at) in rates.zip(points) {
            let told =
                format!("{} · {} · {} GB/s", pattern.name(), binary(size), significant(rate));
            canvas.mark(&Mark::told(told), || canvas.dot(at, RADIUS, tone(*pattern), false))?;
        }
    }
    // Named where the lines are farthest apart: each at the first of its points with room.
    for (pattern, points) in &lines {
        let beside = points.iter().flat_map(|&(x, y)| [(x + 4, y - 10), (x + 4, y + 10)]);
        if let Some(spot) = labels.place(pattern.name(), beside) {
            canvas.text(pattern.name(), spot, Label::new(11).tone(tone(*pattern)).bold())?;
        }
    }
    Ok(())
}
