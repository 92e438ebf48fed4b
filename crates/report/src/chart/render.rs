//! From what a chart shows to the chart.

use super::{
    alive, along, class_shares, figure2, guideline, models, mountain, mul_adds,
    naming::{of_pair, of_two},
    operators,
    picture::{Chart, Rendered},
    proxies, roofline, scorecard, sides, sweep, waterfall,
};
use crate::{compare::apart::Apart, document::figure::Figure};

/// Draws `figure`; `None` where it has nothing to show.
///
/// # Errors
/// Where a picture cannot be written.
pub fn render(figure: &Figure<'_>) -> Rendered<Option<Chart>> {
    match figure {
        Figure::Operators(a) => operators::chart(a),
        Figure::Alive(a) => alive::chart(a),
        Figure::MulAdds(a) => mul_adds::chart(a),
        Figure::Roofline(a) => roofline::chart(a),
        Figure::Mountain(a) => mountain::chart(a),
        Figure::Devices(group) => figure2::of_network(group),
        Figure::Kinds { networks, title, name } => figure2::of_networks(networks, title, name),
        Figure::Networks(across) => class_shares::chart(&across.group),
        Figure::Proxies(across) => proxies::chart(across),
        Figure::Model(across, proxy) => models::chart(across, *proxy),
        Figure::SlowDown(study) => guideline::chart(study).map(Some),
        Figure::Scorecard(place) => scorecard::chart(place),
        Figure::Waterfall(pair) => waterfall::chart(pair),
        Figure::Along(pair) => along::chart(pair),
        Figure::Sides(pair) => sides::chart([pair.a, pair.b], of_pair(pair, "classes")),
        Figure::Apart(Apart { a, b, .. }) => sides::chart([a, b], of_two([a, b], "classes")),
        Figure::Sweep(swept) => sweep::chart(swept).map(Some),
    }
}
