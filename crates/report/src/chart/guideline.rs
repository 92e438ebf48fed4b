//! The slow-down of a guideline's experiment: ours, the paper's on both of its platforms, and what
//! memory access cost alone predicts. A panel a channel multiplier, a line each.

use super::{
    canvas::{Canvas, Label, Mark, text_width},
    frame::{BODY, Frame, MARGIN, WIDTH},
    naming::whereabouts,
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
};
use crate::{
    analysis::measured,
    format::{grouped, tick},
    guidelines::{
        published,
        study::{Curve, Study},
        tables::statement,
    },
    names::Name,
};

const LEFT: i32 = 44;
const GAP: i32 = 22;
const PLOT_HEIGHT: i32 = 240;
const LEGEND_HEIGHT: i32 = 26;
const PANEL_TITLE: i32 = 20;
const LABEL_SIZE: i32 = 11;
const RADIUS: i32 = 4;

/// One line of a panel: a slow-down a point, where there is one.
struct Line {
    name: &'static str,
    tone: Tone,
    ring: bool,
    slower: Vec<Option<f64>>,
}

/// The chart of one study.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(study: &Study<'_>) -> Rendered<Chart> {
    let frame = Frame {
        title: format!("{}: {}", study.guideline, statement(study.guideline)),
        subtitle: vec![
            format!("{} · grid {}", study.place(), study.grid_label()),
            format!("{} Above 1 is slower. Lines join rising doses.", how(study)),
        ],
        classes: Vec::new(),
        notes: notes(study),
    };
    let p = study.profile();
    let threads = format!("t{}", p.threads);
    let (kind, grid) = (p.device.kind.name(), study.grid_label());
    let words = [study.guideline.name(), &grid, kind, &p.device.name, &threads, "slow-down"];
    let name = Name::new(&words, &[&whereabouts(p)]);
    let labels = study.points().map(|point| text_width(&point.experiment.label, LABEL_SIZE));
    let height = LEGEND_HEIGHT + PANEL_TITLE + PLOT_HEIGHT + labels.max().unwrap_or(0) + 14;
    frame.render(name, height, |canvas, top| plot(canvas, study, top))
}

/// Where slow-downs come from.
fn how(study: &Study<'_>) -> &'static str {
    match measured(study.profile()) {
        true => {
            "Time over that of the base (the first point of each panel) within a round, median of all \
             rounds; bars: 95 % interval."
        }
        false => {
            "Modelled time over that of the base (the first point of each panel); nothing was timed."
        }
    }
}

fn notes(study: &Study<'_>) -> Vec<String> {
    let paper = "Paper: ShuffleNetV2 (arXiv 1807.11164), GTX 1080 Ti (real) and Snapdragon 810, one \
                 thread (real).";
    let alone = "Memory access alone: the slow-down if time were proportional to MAC.";
    let first = if study.is_published() { format!("{paper} {alone}") } else { alone.to_owned() };
    vec![first, format!("{}.", profile::ACCESS_CONVENTION)]
}

fn lines(study: &Study<'_>, curve: &Curve<'_>) -> Vec<Line> {
    let cells: Vec<_> = curve
        .points
        .iter()
        .map(|p| {
            let e = p.experiment;
            published::cell(study.guideline, &e.label, e.multiplier)
                .filter(|_| study.is_published())
        })
        .collect();
    let paper =
        |of: fn(&published::Published) -> f64| cells.iter().map(move |c| c.as_ref().map(of));
    let all = [
        Line {
            name: "memory access alone",
            tone: palette::MUTED,
            ring: true,
            slower: curve.points.iter().map(|p| Some(p.predicted)).collect(),
        },
        Line {
            name: "paper, GPU",
            tone: palette::PAPER_GPU,
            ring: true,
            slower: paper(|c| c.gpu.slowdown).collect(),
        },
        Line {
            name: "paper, ARM",
            tone: palette::PAPER_ARM,
            ring: true,
            slower: paper(|c| c.arm.slowdown).collect(),
        },
        Line {
            name: if measured(study.profile()) { "this device" } else { "this device, modelled" },
            tone: palette::POINT,
            ring: !measured(study.profile()),
            slower: curve.points.iter().map(|p| Some(p.slowdown)).collect(),
        },
    ];
    all.into_iter().filter(|line| line.slower.iter().any(Option::is_some)).collect()
}

fn plot(canvas: &Canvas<'_>, study: &Study<'_>, top: i32) -> Rendered {
    let panels: Vec<Vec<Line>> = study.curves.iter().map(|c| lines(study, c)).collect();
    legend(canvas, panels.first().map_or(&[], Vec::as_slice), top + 8)?;
    let highest = panels.iter().flatten().flat_map(|l| l.slower.iter().flatten());
    let highest = highest.copied().fold(1.0, f64::max);
    let top = top + LEGEND_HEIGHT + PANEL_TITLE;
    let scale = Scale::linear(highest * 1.05, (top + PLOT_HEIGHT, top));
    for value in scale.ticks(8) {
        let y = scale.at(value);
        canvas.line(&[(LEFT, y), (WIDTH - MARGIN, y)], palette::GRID)?;
        let label = Label::new(LABEL_SIZE).tone(palette::MUTED).ends();
        canvas.text(&tick(value), (LEFT - 6, y), label)?;
    }
    canvas.line(&[(LEFT, scale.at(1.0)), (WIDTH - MARGIN, scale.at(1.0))], palette::RULE)?;
    let width = (WIDTH - MARGIN - LEFT) / study.curves.len() as i32;
    for (i, (curve, lines)) in study.curves.iter().zip(&panels).enumerate() {
        let left = LEFT + i as i32 * width;
        panel(canvas, curve, lines, &scale, (left, left + width - GAP))?;
    }
    Ok(())
}

/// Draws the lines of one curve between two x.
fn panel(
    canvas: &Canvas<'_>,
    curve: &Curve<'_>,
    lines: &[Line],
    scale: &Scale,
    (left, right): (i32, i32),
) -> Rendered {
    let (bottom, top) = scale.pixels();
    let title = format!("channels × {}, maps {1}×{1}", curve.multiplier, curve.spatial);
    let at = ((left + right) / 2, top - PANEL_TITLE / 2);
    canvas.text(&title, at, Label::new(BODY).bold().centred())?;
    let slot = (right - left) / curve.points.len() as i32;
    let x = |i: usize| left + slot / 2 + i as i32 * slot;
    for line in lines {
        let at = |i: usize| Some((x(i), scale.at(line.slower[i]?)));
        for i in 1..curve.points.len() {
            let rises = curve.points[i].experiment.dose > curve.points[i - 1].experiment.dose;
            if let (true, Some(from), Some(to)) = (rises, at(i - 1), at(i)) {
                canvas.line(&[from, to], line.tone)?;
            }
        }
        for (i, point) in curve.points.iter().enumerate() {
            let (Some(slower), Some(at)) = (line.slower[i], at(i)) else { continue };
            let told =
                format!("{} · {}: {} ×", point.experiment.label, line.name, grouped(slower, 2));
            canvas.mark(&Mark::told(told), || canvas.dot(at, RADIUS, line.tone, line.ring))?;
        }
    }
    for (i, point) in curve.points.iter().enumerate() {
        if let Some((low, high)) = point.interval {
            // An interval that leaves the plot is cut at its upper edge.
            let y = |slower: f64| scale.at(slower).max(top);
            canvas.line(&[(x(i), y(low)), (x(i), y(high))], palette::POINT)?;
        }
        let label = Label::new(LABEL_SIZE).ends().turned();
        canvas.text(&point.experiment.label, (x(i), bottom + 8), label)?;
    }
    Ok(())
}

fn legend(canvas: &Canvas<'_>, lines: &[Line], y: i32) -> Rendered {
    let mut x = MARGIN;
    for line in lines.iter().rev() {
        canvas.line(&[(x, y), (x + 24, y)], line.tone)?;
        canvas.dot((x + 12, y), RADIUS, line.tone, line.ring)?;
        canvas.text(line.name, (x + 32, y), Label::new(BODY))?;
        x += 32 + text_width(line.name, BODY) + 24;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, measurements::Measurements};
    use profile::Guideline;

    #[test]
    fn a_study_has_its_four_lines_and_says_where_it_ran() {
        let profiles = fixture::experiment(Guideline::G1, fixture::core(), [1.0, 1.1, 1.5, 2.0]);
        let texts = chart(&Study::all(Measurements::of(&profiles).all())[0]).unwrap().texts();
        let at = |wanted: &str| texts.iter().position(|text| text.contains(wanted));
        let place = at("x86, avx2, real");
        let lines = ["this device", "paper, ARM", "paper, GPU", "memory access alone"].map(at);
        assert!(place.is_some() && place < lines[0], "{texts:?}");
        assert!(lines.is_sorted() && lines[0].is_some(), "{texts:?}");
    }

    #[test]
    fn points_that_are_not_the_paper_s_have_no_paper_lines() {
        let mut profiles = fixture::experiment(Guideline::G1, fixture::core(), [1.0; 4]);
        for profile in &mut profiles {
            profile.experiment.as_mut().unwrap().grid = "iso-flops".into();
        }
        let measured = Measurements::of(&profiles);
        let study = &Study::all(measured.all())[0];
        let names: Vec<&str> =
            lines(study, &study.curves[0]).iter().map(|line| line.name).collect();
        assert_eq!(names, ["memory access alone", "this device"]);
    }
}
