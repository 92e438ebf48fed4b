//! All networks of one device: how well each figure that needs no measurement ranks them by time.

use super::{
    axes::{self, NUMBERS, write_at},
    canvas::{Area, text_width},
    frame::{BODY, Frame, MARGIN},
    naming::of_place,
    palette,
    picture::{Chart, Rendered},
    scale::Scale,
    style::{Set, label},
};
use crate::{findings::Across, format::grouped, proxy::Ranking};
use plotters::{
    element::{Circle, EmptyElement, Rectangle},
    style::Color,
};

const ROW: i32 = 28;
const VALUE_WIDTH: i32 = 150;
const RADIUS: i32 = 5;

/// The chart of the networks of one place, best proxy first; `None` where they are too few for
/// [rankings](Ranking::all).
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(across: &Across<'_>) -> Rendered<Option<Chart>> {
    let mut rows = across.rankings.clone();
    let Some(first) = across.timed.first().filter(|_| !rows.is_empty()) else { return Ok(None) };
    rows.sort_by(|a, b| b.correlation.total_cmp(&a.correlation));
    let p = &first.profile;
    let frame = Frame {
        title: "What predicts the order of networks by time".to_owned(),
        subtitle: vec![
            format!("{} · {}, batch {}", first.place(), p.level, p.batch),
            format!(
                "Spearman's rank correlation with the time of a run, over {} networks; bars: 95 % \
                 bootstrap interval. 1: the same order.",
                across.timed.len()
            ),
        ],
        classes: Vec::new(),
        notes: vec![
            "Activations: elements that convolutions write. Operators: their number.".to_owned(),
            profile::ACCESS_CONVENTION.to_owned() + ".",
        ],
    };
    let height = rows.len() as i32 * ROW + NUMBERS;
    frame.render(of_place(first, "proxies"), height, |area| plot(area, &rows)).map(Some)
}

fn plot(area: &Area<'_>, rows: &[Ranking]) -> Rendered {
    let widest = rows.iter().map(|r| text_width(r.proxy.name(), BODY)).max().unwrap_or(0);
    let least = rows.iter().map(|r| r.interval.0).fold(0.0, f64::min);
    let scales =
        (Scale::between(if least < 0.0 { -1.0 } else { 0.0 }, 1.0), Scale::rows(rows.len()));
    let beside_values = area.margin(0, 0, 0, VALUE_WIDTH);
    let mut plot = axes::plot(&beside_values, scales, (MARGIN + widest + 8, NUMBERS))?;
    axes::mesh(&mut plot)
        .disable_y_mesh()
        .y_labels(rows.len())
        .y_label_style(label(BODY))
        .y_label_formatter(&|row| rows[*row as usize].proxy.name().to_owned())
        .draw()?;
    let right = area.dim_in_pixel().0 as i32 - MARGIN;
    for (&Ranking { correlation: r, interval: (low, high), .. }, row) in rows.iter().zip(0_u32..) {
        let y = f64::from(row) + 0.5;
        let [from, to] = [low, high].map(|r| plot.backend_coord(&(r, y)).0);
        plot.draw_series([EmptyElement::at((low, y))
            + Rectangle::new([(0, -1), (to - from, 1)], palette::POINT.filled())])?;
        plot.draw_series([Circle::new((r, y), RADIUS, palette::POINT.dot(false))])?;
        let [r, low, high] = [r, low, high].map(|r| grouped(r, 2));
        let value = format!("{r} ({low} to {high})");
        write_at(&plot, &value, &label(BODY).ends(), (right, plot.backend_coord(&(0.0, y)).1))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        findings::Findings,
        fixture,
        measurements::Measurements,
        proxy::{FEWEST, Proxy},
    };

    #[test]
    fn every_proxy_is_ranked_where_there_are_networks_enough() {
        let profiles: Vec<_> = (0..FEWEST)
            .map(|n| {
                let (name, units) = (format!("net{n}"), [1 + n, n % 3, n / 2]);
                fixture::profile(&name, fixture::shufflenet(units), fixture::rasteriser(), 1)
            })
            .collect();
        let rendered = |profiles| {
            let measured = Measurements::of(profiles);
            chart(&Findings::of(&measured).places[0]).unwrap()
        };
        let texts = rendered(&profiles).unwrap().texts();
        for proxy in Proxy::ALL {
            assert!(texts.iter().any(|text| text == proxy.name()), "{}", proxy.name());
        }
        assert!(texts.iter().any(|text| text.contains("over 8 networks")), "{texts:?}");
        assert_eq!(rendered(&profiles[..FEWEST - 1]), None);
    }
}
