//! Slanted lines: what they cover was modelled, not measured.

use super::{canvas::Canvas, palette, picture::Rendered};

/// Pixels from one line to the next.
const APART: usize = 7;

/// What is said where operators are drawn so.
pub const NOTE: &str = "Hatched: modelled, not measured.";

/// Hatches a rectangle.
///
/// # Errors
/// Where it cannot be written.
pub fn hatch(
    canvas: &Canvas<'_>,
    (left, top): (i32, i32),
    (right, bottom): (i32, i32),
) -> Rendered {
    let height = bottom - top;
    for x in (left - height..right).step_by(APART) {
        let (from, to) = (left.max(x), right.min(x + height));
        canvas.line(&[(from, bottom - (from - x)), (to, bottom - (to - x))], palette::GRID)?;
    }
    Ok(())
}
