//! The stages of a network under a plot along it.

use super::{
    canvas::{Canvas, Label, text_width},
    frame::BODY,
    palette,
    picture::Rendered,
    scale::Scale,
};
use crate::sections::stages;

/// Height of their names under the plot.
pub const HEIGHT: i32 = 24;

/// Every second stage of the operators called `names` on a ground of its own, from `top` to `bottom`; stages are named
/// where there is room. `x` has a unit an operator.
///
/// # Errors
/// Where a picture cannot be written.
pub fn bands(
    canvas: &Canvas<'_>,
    names: &[impl AsRef<str>],
    x: &Scale,
    (top, bottom): (i32, i32),
) -> Rendered {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    for (i, stage) in stages(&names).iter().enumerate() {
        let (from, to) = (x.at(stage.range.start as f64), x.at(stage.range.end as f64));
        if i % 2 == 1 {
            canvas.rect((from, top), (to, bottom), palette::BAND)?;
        }
        if text_width(&stage.label, BODY) <= to - from {
            let label = Label::new(BODY).tone(palette::MUTED).centred();
            canvas.text(&stage.label, (i32::midpoint(from, to), bottom + 12), label)?;
        }
    }
    Ok(())
}
