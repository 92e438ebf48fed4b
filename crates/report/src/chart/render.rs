//! From what a chart shows to the chart.

use super::{
    along, class_shares, guideline, models, mountain, mul_adds, operators,
    picture::{Chart, Rendered},
    proxies, roofline, scorecard, waterfall,
};
use crate::document::figure::Figure;

/// Draws `figure`; `None` where it has nothing to show.
///
/// # Errors
/// Where plotters fails.
pub fn render(figure: &Figure<'_>) -> Rendered<Option<Chart>> {
    match figure {
        Figure::Operators(a) => operators::chart(a),
        Figure::MulAdds(a) => mul_adds::chart(a),
        Figure::Roofline(a) => roofline::chart(a),
        Figure::Mountain(a) => mountain::chart(a),
        Figure::Devices(group) => class_shares::devices(group),
        Figure::Networks(across) => class_shares::networks(&across.group),
        Figure::Proxies(across) => proxies::chart(across),
        Figure::Model(across, proxy) => models::chart(across, *proxy),
        Figure::SlowDown(study) => guideline::chart(study).map(Some),
        Figure::Scorecard(place) => scorecard::chart(place),
        Figure::Waterfall(pair) => waterfall::chart(pair),
        Figure::Along(pair) => along::chart(pair),
        Figure::Sides(pair) => class_shares::sides(pair),
    }
}
