//! All networks of one device: what a network costs by formula against what it takes, a point a
//! network, with the rank correlation of the two.

use super::{
    axes::{self, BOTTOM},
    canvas::Area,
    frame::Frame,
    labels::Labels,
    naming::of_place,
    palette,
    picture::{Chart, Rendered},
    scale::Scale,
    style::Mark,
};
use crate::{
    analysis::Analysis,
    findings::Across,
    format::{counted, duration, grouped, shorten, significant},
    proxy::{FEWEST, Proxy},
};
use plotters::element::Circle;

const HEIGHT: i32 = 420;
const RADIUS: i32 = 4;
/// Fewest networks that are drawn.
const LEAST: usize = 3;

/// The chart of one proxy; `None` for fewer than three networks with times.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(across: &Across<'_>, proxy: Proxy) -> Rendered<Option<Chart>> {
    let group = across.timed.as_slice();
    if group.len() < LEAST {
        return Ok(None);
    }
    let (first, p) = (group[0], &group[0].profile);
    let rank = across.rankings.iter().find(|ranking| ranking.proxy == proxy).map_or_else(
        || format!("fewer than {FEWEST}: too few for a rank correlation"),
        |ranking| {
            let (low, high) = ranking.interval;
            let [r, low, high] = [ranking.correlation, low, high].map(|r| grouped(r, 2));
            format!("Spearman's rank correlation {r}, 95 % bootstrap interval {low} to {high}")
        },
    );
    let noisy = group.iter().filter(|a| !a.profile.noise.reasons.is_empty()).count();
    let mut notes = vec![match proxy {
        Proxy::MulAdds => profile::FLOPS_CONVENTION.to_owned() + ".",
        Proxy::Access => profile::ACCESS_CONVENTION.to_owned() + ".",
        Proxy::Params => "Trainable parameters, those of batch norms included.".to_owned(),
        Proxy::Activations => "Activations: elements that convolutions write.".to_owned(),
        Proxy::Operators => "Operators at this level, whatever they compute.".to_owned(),
    }];
    if noisy > 0 {
        notes.push(format!("{noisy} of the {} runs were NOISY (rings).", group.len()));
    }
    let frame = Frame {
        title: format!("Every network: {} against time", proxy.name()),
        subtitle: vec![
            format!("{} · {}, batch {}", first.place(), p.lowering(), p.batch),
            format!("ms a run (median, uninstrumented) against {}, both logarithmic", proxy.unit()),
            format!("{} · {rank}", counted(group.len(), "network")),
        ],
        classes: Vec::new(),
        notes,
    };
    let name = of_place(first, proxy.name());
    frame.render(name, HEIGHT, |area| plot(area, group, proxy)).map(Some)
}

fn plot(area: &Area<'_>, group: &[&Analysis], proxy: Proxy) -> Rendered {
    let at = |a: &Analysis| (proxy.of(a), a.whole.map_or(0.0, |w| w.median / 1e6));
    let x = Scale::log(group.iter().map(|a| at(a).0));
    let y = Scale::log(group.iter().map(|a| at(a).1));
    let mut plot = axes::plot(area, (x, y), (axes::left(&y), BOTTOM))?;
    axes::mesh(&mut plot).x_desc(proxy.unit()).y_desc("ms").draw()?;
    plot.draw_series(group.iter().map(|a| {
        let run = a.whole.map_or_else(String::new, |w| format!(" · {} a run", duration(w.median)));
        let told = format!("{}{run} · {} {}", a.network(), significant(proxy.of(a)), proxy.unit());
        let noisy = !a.profile.noise.reasons.is_empty();
        Mark::told(told, Circle::new(at(a), RADIUS, palette::POINT.dot(noisy)))
    }))?;
    let points: Vec<_> = group.iter().map(|a| plot.backend_coord(&at(a))).collect();
    let mut labels = Labels::on([&plot; 2], points.iter().copied(), RADIUS);
    for (a, &at) in group.iter().zip(&points) {
        labels.render(&plot, &shorten(&a.profile.model, 30), at)?;
    }
    Ok(())
}
