//! The stages of a network under a plot along it.

use super::{
    axes::{Plot, write},
    canvas::text_width,
    frame::BODY,
    palette,
    picture::Rendered,
    style::{Set, label},
};
use crate::sections::stages;
use plotters::{element::Rectangle, style::Color};

/// Height of their names under the plot.
pub const HEIGHT: i32 = 24;

/// Every second stage of the operators called `names` on a ground of its own; stages are named under the plot
/// where there is room. `plot` has a unit an operator.
///
/// # Errors
/// Where a picture cannot be written.
pub fn bands(plot: &mut Plot<'_>, names: &[impl AsRef<str>]) -> Rendered {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let (y, style) = (plot.y_range(), label(BODY).tone(palette::MUTED).centred());
    for (i, stage) in stages(&names).iter().enumerate() {
        let corners = [(stage.range.start as f64, y.start), (stage.range.end as f64, y.end)];
        if i % 2 == 1 {
            plot.draw_series([Rectangle::new(corners, palette::BAND.filled())])?;
        }
        let [left, right] = corners.map(|corner| plot.backend_coord(&corner).0);
        if text_width(&stage.label, BODY) <= right - left {
            let middle = (corners[0].0 + corners[1].0) / 2.0;
            write(plot, &stage.label, &style, (middle, y.start), (0, 13))?;
        }
    }
    Ok(())
}
