//! Architectures × guidelines: what each network loses to each guideline on one device, a row a
//! network, the darker the dearer. Networks of known years are a history: the oldest stand first.

use super::{
    axes::{Plot, write},
    canvas::{Area, text_width},
    frame::{BODY, Frame, MARGIN},
    palette::{self, Tone},
    picture::{Chart, Rendered},
    scale::Scale,
    style::{Set, label},
};
use crate::{
    format::{NOTHING, grouped, shorten},
    guidelines::architecture::{axis::Axis, record::Architecture},
    names::Name,
};
use plotters::{chart::ChartBuilder, element::Rectangle, style::Color};
use profile::Guideline;

const ROW: i32 = 22;
const HEAD: i32 = 24;
const KEY: i32 = 30;
const NAME_LENGTH: usize = 34;
/// Between a column of numbers and what follows it.
const GAP: i32 = 12;
/// Ground and ink where nothing was measured, what was found is modelled, or nothing that differs from zero.
const UNSURE: (Tone, Tone) = (palette::BAND, palette::MUTED);

/// Gains below it are printed as 0.0 %.
const LEAST: f64 = 0.0005;

/// From which share of a run on a loss has the next tone.
const STEPS: [f64; 4] = [0.02, 0.05, 0.10, 0.20];

/// The chart of the networks of one place.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(place: &[&Architecture]) -> Rendered<Option<Chart>> {
    let Some(first) = place.first() else { return Ok(None) };
    let mut rows = place.to_vec();
    let loss = |a: &Architecture| -> f64 {
        Guideline::ALL.into_iter().filter_map(|g| a.axis(g).price_share).sum()
    };
    rows.sort_by(|a, b| a.age().cmp(&b.age()).then(loss(b).total_cmp(&loss(a))));
    let order = match rows.iter().any(|a| a.year.is_some()) {
        true => "oldest first, of one year most lost first",
        false => "most lost first",
    };
    let how = match first.modelled {
        true => "modelled, as is that of itself rewritten to obey the guideline: no price is known",
        false => {
            "measured against itself rewritten to obey the guideline, with half the 95 % interval"
        }
    };
    let frame = Frame {
        title: "What each network loses to each guideline".to_owned(),
        subtitle: vec![
            format!("{} · {}", first.place, first.setting()),
            format!(
                "% of the network's run, {how}; {order}. Negative: it runs faster as it is."
            ),
        ],
        classes: Vec::new(),
        notes: vec![
            "G1: convolutions alone with balanced channels. G2: grouped convolutions alone as dense \
             ones. G3: branches merged, end to end. G4: element-wise operators removed, end to end. \
             All at equal mult-adds (of Winograd's algorithm those that it executes)."
                .to_owned(),
        ],
    };
    let threads = format!("t{}", first.threads);
    let batch = format!("b{}", first.batch);
    let words = ["guidelines", first.level.name(), &batch, &first.device, &threads, "scorecard"];
    let height = HEAD + rows.len() as i32 * ROW + KEY;
    let name = Name::new(&words, &[&format!("{:?}{:?}", first.machine, first.apart)]);
    frame.render(name, height, |area| plot(area, &rows)).map(Some)
}

/// A column of numbers before the guidelines': its title, its width, and what stands in a row.
type Numbers = (&'static str, i32, fn(&Architecture) -> String);

const NUMBERS: [Numbers; 3] = [
    ("year", 72, |a| a.year.map_or_else(|| NOTHING.to_owned(), |year| year.to_string())),
    ("M mult-adds", 96, |a| grouped(a.mul_adds as f64 / 1e6, 1)),
    ("run, ms", 84, |a| a.run_ms.map_or_else(|| NOTHING.to_owned(), |ms| grouped(ms, 2))),
];

fn plot(area: &Area<'_>, rows: &[&Architecture]) -> Rendered {
    let (table, below) = area.split_vertically(HEAD + rows.len() as i32 * ROW);
    let noisy = |a: &Architecture| if a.noise.is_empty() { "" } else { " · NOISY" };
    let names: Vec<String> =
        rows.iter().map(|a| shorten(&a.model, NAME_LENGTH) + noisy(a)).collect();
    let mut left = MARGIN + names.iter().map(|name| text_width(name, BODY)).max().unwrap_or(0);
    for (title, width, number) in NUMBERS {
        let numbers: Vec<String> = rows.iter().map(|a| number(a)).collect();
        if numbers.iter().any(|number| number != NOTHING) {
            left += width;
            column(&table, left - GAP, title, &numbers)?;
        }
    }
    let mut plot = ChartBuilder::on(&table.margin(0, 0, left, MARGIN))
        .top_x_label_area_size(HEAD)
        .build_cartesian_2d(Scale::places(Guideline::ALL.len()), Scale::rows(rows.len()))?;
    header(&mut plot)?;
    for (row, (a, name)) in rows.iter().zip(&names).enumerate() {
        let middle = HEAD + row as i32 * ROW + ROW / 2;
        table.draw_text(name, &label(BODY), (MARGIN, middle))?;
        cells(&mut plot, a, row as f64)?;
    }
    key(&below)
}

/// Numbers that end at `x`, under their title.
fn column(table: &Area<'_>, x: i32, title: &str, numbers: &[String]) -> Rendered {
    let style = label(BODY).ends();
    table.draw_text(title, &style.clone().tone(palette::MUTED), (x, HEAD / 2))?;
    let place = |row: usize| (x, HEAD + row as i32 * ROW + ROW / 2);
    let mut rows = numbers.iter().enumerate();
    rows.try_for_each(|(row, number)| table.draw_text(number, &style, place(row)))
}

/// The guidelines' names.
fn header(plot: &mut Plot<'_>) -> Rendered {
    plot.configure_mesh()
        .disable_mesh()
        .axis_style(palette::PAPER)
        .set_all_tick_mark_size(3)
        .x_labels(Guideline::ALL.len())
        .x_label_style(label(BODY).bold())
        .x_label_formatter(&|place| Guideline::ALL[*place as usize].name().to_owned())
        .draw()
}

/// A network's cell for each guideline.
fn cells(plot: &mut Plot<'_>, a: &Architecture, row: f64) -> Rendered {
    for (guideline, place) in Guideline::ALL.into_iter().zip(0_u32..) {
        let x = f64::from(place);
        let (ground, ink) = if a.modelled { UNSURE } else { tones(a.axis(guideline)) };
        let mut cell = Rectangle::new([(x, row), (x + 1.0, row + 1.0)], ground.filled());
        cell.set_margin(0, 2, 0, 2);
        plot.draw_series([cell])?;
        let style = label(BODY).tone(ink).centred();
        write(plot, &text(a.axis(guideline)), &style, (x + 0.5, row + 0.5), (-1, -1))?;
    }
    Ok(())
}

/// `12.3 ± 0.4`.
fn text(axis: &Axis) -> String {
    let Some(share) = axis.price_share else { return NOTHING.to_owned() };
    let half = axis.price_share_ci.map_or(0.0, |[low, high]| (high - low) / 2.0);
    let percent = |share: f64| grouped(share * 100.0, 1);
    if half > 0.0 { format!("{} ± {}", percent(share), percent(half)) } else { percent(share) }
}

/// Ground and ink of a cell. A loss that cannot be told from none has no tone, however large.
fn tones(axis: &Axis) -> (Tone, Tone) {
    let unsure = axis.price_share_ci.is_some_and(|[low, high]| low < 0.0 && high > 0.0);
    match axis.price_share {
        None => UNSURE,
        Some(_) if unsure => UNSURE,
        Some(share) if share < -LEAST => palette::GAIN,
        Some(share) => palette::HEAT[STEPS.iter().filter(|step| share >= **step).count()],
    }
}

/// What the tones mean.
fn key(area: &Area<'_>) -> Rendered {
    let percent = |share: f64| grouped(share * 100.0, 0);
    let mut words =
        vec![(UNSURE, "interval includes 0".to_owned()), (palette::GAIN, "gains".to_owned())];
    for (i, &tones) in palette::HEAT.iter().enumerate() {
        let from = if i == 0 { 0.0 } else { STEPS[i - 1] };
        words.push((
            tones,
            match STEPS.get(i) {
                Some(&to) => format!("{} to {} %", percent(from), percent(to)),
                None => format!("{} % and more", percent(from)),
            },
        ));
    }
    let (mut x, y) = (MARGIN, KEY / 2);
    for ((ground, _), words) in words {
        area.draw(&Rectangle::new([(x, y - 6), (x + 14, y + 6)], ground.filled()))?;
        area.draw_text(&words, &label(BODY), (x + 20, y))?;
        x += 20 + text_width(&words, BODY) + 18;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guidelines::architecture::record;

    #[test]
    fn every_network_has_its_row_and_every_loss_its_tone() {
        let axis = |share| Axis { price_share: Some(share), ..Axis::default() };
        let mut dear = record::fixture("dear_net");
        (dear.g1, dear.g4.axis) = (axis(0.25), axis(-0.03));
        let cheap = record::fixture("cheap_net");
        let texts = chart(&[&cheap, &dear]).unwrap().unwrap().texts();
        let row = ["dear_net", "25.0", "–", "–", "−3.0", "cheap_net"];
        let first = texts.iter().position(|text| text == row[0]).unwrap();
        assert_eq!(texts[first..first + row.len()], row, "most lost first");
        assert!(texts.contains(&"20 % and more".to_owned()), "{texts:?}");
        assert_eq!(tones(&axis(0.02)), palette::HEAT[1]);
        assert_eq!(tones(&axis(0.0199)), palette::HEAT[0]);
        assert_eq!(tones(&axis(9.0)), palette::HEAT[4]);
        let within = |ci| Axis { price_share_ci: Some(ci), ..axis(0.25) };
        assert_eq!(tones(&within([-0.01, 0.51])), UNSURE);
        assert_eq!(tones(&within([0.24, 0.26])), palette::HEAT[4]);
        assert_eq!(chart(&[]).unwrap(), None);
    }

    #[test]
    fn the_oldest_stand_first_where_years_are_known() {
        let of = |model, year, mul_adds| Architecture {
            year,
            mul_adds,
            run_ms: None,
            ..record::fixture(model)
        };
        let mut dear = of("dear", Some(2017), 3_000_000);
        dear.g1.price_share = Some(0.2);
        let nets = [
            of("unknown", None, 4_000_000),
            of("new", Some(2024), 1_000_000),
            of("cheap", Some(2017), 2_000_000),
            dear,
        ];
        let texts = chart(&nets.each_ref()).unwrap().unwrap().texts();
        let at = |text: &str| texts.iter().position(|t| t == text);
        let start = at("year").unwrap();
        assert_eq!(texts[start..start + 5], ["year", "2017", "2017", "2024", "–"]);
        let start = at("M mult-adds").unwrap();
        assert_eq!(texts[start + 1..start + 5], ["3.0", "2.0", "1.0", "4.0"]);
        assert_eq!(at("run, ms"), None, "nobody has a time");
        let subtitle = chart(&[&nets[0]]).unwrap().unwrap().texts();
        assert!(!subtitle.contains(&"year".to_owned()), "{subtitle:?}");
    }
}
