//! The axes of a plot: a grid at round values, their numbers, and what each axis shows.

use super::{
    canvas::{Canvas, Label, text_width},
    frame::{BODY, MARGIN},
    palette,
    picture::Rendered,
    scale::Scale,
};
use crate::format::tick;

/// Where plots with a vertical axis begin, pixels: its numbers stand left of it.
pub const LEFT: i32 = 64;

const NUMBER: i32 = 11;

/// The vertical axis in `unit`: a line across each of `spans` at every round value. The unit stands
/// above the numbers, and in place of one that it would touch.
///
/// # Errors
/// Where a picture cannot be written.
pub fn vertical(canvas: &Canvas<'_>, y: &Scale, unit: &str, spans: &[(i32, i32)]) -> Rendered {
    let at = y.pixels().1 + 6;
    let unit_ends = MARGIN + text_width(unit, BODY);
    for value in y.ticks(6) {
        let (y, number) = (y.at(value), tick(value));
        for &(left, right) in spans {
            canvas.line(&[(left, y), (right, y)], palette::GRID)?;
        }
        let touches = (y - at).abs() < BODY && LEFT - 6 - text_width(&number, NUMBER) < unit_ends;
        if !touches {
            let label = Label::new(NUMBER).tone(palette::MUTED).ends();
            canvas.text(&number, (LEFT - 6, y), label)?;
        }
    }
    canvas.text(unit, (MARGIN, at), Label::new(BODY).tone(palette::MUTED))
}

/// The horizontal axis of a plot as high as `y`: an upright line at each of `ticks`, values with
/// what they are called, and `name` below.
///
/// # Errors
/// Where a picture cannot be written.
pub fn horizontal(
    canvas: &Canvas<'_>,
    (x, y): (&Scale, &Scale),
    name: &str,
    ticks: impl IntoIterator<Item = (f64, String)>,
) -> Rendered {
    let ((left, right), (bottom, top)) = (x.pixels(), y.pixels());
    for (value, number) in ticks {
        let x = x.at(value);
        canvas.line(&[(x, top), (x, bottom)], palette::GRID)?;
        let label = Label::new(NUMBER).tone(palette::MUTED).centred();
        canvas.text(&number, (x, bottom + 12), label)?;
    }
    canvas.line(&[(left, bottom), (right, bottom)], palette::RULE)?;
    let label = Label::new(BODY).tone(palette::MUTED).centred();
    canvas.text(name, (i32::midpoint(left, right), bottom + 30), label)
}

/// Round values of `scale` with their numbers.
pub fn round(scale: &Scale) -> Vec<(f64, String)> {
    scale.ticks(8).into_iter().map(|value| (value, tick(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(top_value: f64, unit: &str) -> String {
        let mut svg = String::new();
        let canvas = Canvas::new(&mut svg, (200, 200)).unwrap();
        let y = Scale::linear(top_value, (180, 20));
        vertical(&canvas, &y, unit, &[(LEFT, 190)]).unwrap();
        canvas.finish().unwrap();
        svg
    }

    #[test]
    fn no_number_stands_on_the_unit() {
        assert!(rendered(600.0, "µs").contains(&tick(600.0)), "there is room beside it");
        assert!(!rendered(6000.0, "GFLOP/s").contains(&tick(6000.0)));
        assert!(rendered(6000.0, "GFLOP/s").contains(&tick(4000.0)));
    }
}
