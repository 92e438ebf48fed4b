//! All networks of one device: how well each figure that needs no measurement ranks them by time.

use super::{
    canvas::{Canvas, Label, text_width},
    frame::{BODY, Frame, MARGIN, WIDTH},
    naming::of_place,
    palette,
    picture::{Chart, Rendered},
};
use crate::{
    findings::Across,
    format::{grouped, tick},
    proxy::Ranking,
};

const ROW: i32 = 28;
const AXIS: i32 = 26;
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
    let height = rows.len() as i32 * ROW + AXIS;
    frame.render(of_place(first, "proxies"), height, |c, top| plot(c, &rows, top)).map(Some)
}

fn plot(canvas: &Canvas<'_>, rows: &[Ranking], top: i32) -> Rendered {
    let widest = rows.iter().map(|r| text_width(r.proxy.name(), BODY)).max().unwrap_or(0);
    let (left, right) = (MARGIN + widest + 16, WIDTH - MARGIN - VALUE_WIDTH);
    let least = rows.iter().map(|r| r.interval.0).fold(0.0, f64::min);
    let from = if least < 0.0 { -1.0 } else { 0.0 };
    let x = |r: f64| left + ((r - from) / (1.0 - from) * f64::from(right - left)).round() as i32;
    let bottom = top + rows.len() as i32 * ROW;
    let label = Label::new(11).tone(palette::MUTED).centred();
    for i in 0..=4 {
        let value = from + (1.0 - from) * f64::from(i) / 4.0;
        canvas.line(&[(x(value), top), (x(value), bottom + 2)], palette::GRID)?;
        canvas.text(&tick(value), (x(value), bottom + 12), label)?;
    }
    for (Ranking { proxy, correlation: r, interval: (low, high) }, i) in rows.iter().zip(0..) {
        let y = top + i * ROW + ROW / 2;
        canvas.text(proxy.name(), (left - 12, y), Label::new(BODY).ends())?;
        canvas.rect((x(*low), y - 1), (x(*high), y + 1), palette::POINT)?;
        canvas.dot((x(*r), y), RADIUS, palette::POINT, false)?;
        let [r, low, high] = [*r, *low, *high].map(|r| grouped(r, 2));
        let value = format!("{r} ({low} to {high})");
        canvas.text(&value, (WIDTH - MARGIN, y), Label::new(BODY).ends())?;
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
