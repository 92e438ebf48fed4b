//! The slow-down of a guideline's experiment: ours, the paper's on both of its platforms, and what
//! memory access cost alone predicts. A panel a channel multiplier, a line each.

use super::{
    axes::{self, Plot, write},
    canvas::{Area, text_width},
    frame::{BODY, Frame, MARGIN},
    naming::whereabouts,
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
    style::{Mark, Set, label},
};
use crate::{
    analysis::measured,
    format::grouped,
    guidelines::{
        published,
        study::{Curve, Study},
        tables::statement,
    },
    names::Name,
};
use plotters::element::{Circle, PathElement};

/// Places between two panels.
const GAP: f64 = 0.5;
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
    frame.render(name, height, |area| plot(area, study))
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

fn plot(area: &Area<'_>, study: &Study<'_>) -> Rendered {
    let panels: Vec<Vec<Line>> = study.curves.iter().map(|c| lines(study, c)).collect();
    legend(area, panels.first().map_or(&[], Vec::as_slice))?;
    let highest = panels.iter().flatten().flat_map(|l| l.slower.iter().flatten());
    let highest = highest.copied().fold(1.0, f64::max);
    let places = |curve: &Curve<'_>| curve.points.len() as f64 + GAP;
    let whole: f64 = study.curves.iter().map(places).sum();
    let (x, y) = (Scale::linear(whole), Scale::linear(highest * 1.05));
    let height = area.dim_in_pixel().1 as i32;
    let names = height - LEGEND_HEIGHT - PANEL_TITLE - PLOT_HEIGHT;
    let below_titles = area.margin(LEGEND_HEIGHT + PANEL_TITLE, 0, 0, 0);
    let mut plot = axes::plot(&below_titles, (x, y), (axes::left(&y), names))?;
    axes::mesh(&mut plot).x_labels(0).y_desc("times the base").draw()?;
    plot.draw_series([PathElement::new([(0.0, 1.0), (whole, 1.0)], palette::RULE)])?;
    let mut left = 0.0;
    for (curve, lines) in study.curves.iter().zip(&panels) {
        panel(&mut plot, curve, lines, left)?;
        left += places(curve);
    }
    Ok(())
}

/// Draws the lines of one curve, whose places begin at `left`.
fn panel(plot: &mut Plot<'_>, curve: &Curve<'_>, lines: &[Line], left: f64) -> Rendered {
    let x = |i: usize| left + GAP / 2.0 + i as f64 + 0.5;
    let title = format!("channels × {}, maps {1}×{1}", curve.multiplier, curve.spatial);
    let middle = left + (GAP + curve.points.len() as f64) / 2.0;
    let above = (middle, plot.y_range().end);
    write(plot, &title, &label(BODY).bold().centred(), above, (0, -PANEL_TITLE / 2))?;
    for line in lines {
        let at = |i: usize| Some((x(i), line.slower[i]?));
        let rising = (1..curve.points.len())
            .filter(|&i| curve.points[i].experiment.dose > curve.points[i - 1].experiment.dose);
        let pieces = rising.filter_map(|i| Some([at(i - 1)?, at(i)?]));
        plot.draw_series(pieces.map(|piece| PathElement::new(piece, line.tone)))?;
        plot.draw_series(curve.points.iter().enumerate().filter_map(|(i, point)| {
            let (x, slower) = at(i)?;
            let told =
                format!("{} · {}: {} ×", point.experiment.label, line.name, grouped(slower, 2));
            let dot = Circle::new((x, slower), RADIUS, line.tone.dot(line.ring));
            Some(Mark::told(told, dot))
        }))?;
    }
    for (i, point) in curve.points.iter().enumerate() {
        if let Some((low, high)) = point.interval {
            // One that leaves the plot is cut at its edge, as is all that plotters draws in it.
            plot.draw_series([PathElement::new([(x(i), low), (x(i), high)], palette::POINT)])?;
        }
        let style = label(LABEL_SIZE).ends().turned();
        write(plot, &point.experiment.label, &style, (x(i), 0.0), (0, 8))?;
    }
    Ok(())
}

fn legend(area: &Area<'_>, lines: &[Line]) -> Rendered {
    let (mut x, y) = (MARGIN, 8);
    for line in lines.iter().rev() {
        area.draw(&PathElement::new([(x, y), (x + 24, y)], line.tone))?;
        area.draw(&Circle::new((x + 12, y), RADIUS, line.tone.dot(line.ring)))?;
        area.draw_text(line.name, &label(BODY), (x + 32, y))?;
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
