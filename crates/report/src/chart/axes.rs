//! The axes of a plot: plotters' chart of two [`Scale`]s, a grid at round values, their numbers, and what each shows.

use super::{
    canvas::{Area, Canvas, text_width},
    frame::{BODY, MARGIN},
    palette,
    picture::Rendered,
    scale::Scale,
    style::{Set, label},
};
use plotters::{
    chart::{ChartBuilder, ChartContext, MeshStyle},
    coord::{
        cartesian::Cartesian2d,
        ranged1d::{BoldPoints, Ranged, ValueFormatter},
    },
    style::TextStyle,
};

/// A plot with its axes.
pub type Plot<'a> = ChartContext<'a, Canvas<'a>, Cartesian2d<Scale, Scale>>;
/// How its grid, its numbers and its names are drawn.
pub type Mesh<'a, 'b> = MeshStyle<'a, 'b, Scale, Scale, Canvas<'a>>;

/// Room for a horizontal axis with numbers and a name, pixels.
pub const BOTTOM: i32 = 42;
/// Room for a horizontal axis with numbers alone, pixels.
pub const NUMBERS: i32 = 22;
/// Size of numbers.
pub const NUMBER: i32 = 11;

/// Numbers on a vertical axis at most, where it is linear.
const ROWS: usize = 6;
/// Length of a tick, pixels; numbers stand twice as far off.
const TICK: i32 = 3;

/// Where a plot begins whose vertical axis is `y`, pixels: left of it are its numbers, left of them its turned name.
pub fn left(y: &Scale) -> i32 {
    let numbers = y.key_points(BoldPoints(ROWS)).into_iter().map(|value| y.format_ext(&value));
    let widest = numbers.map(|number| text_width(&number, NUMBER)).max().unwrap_or(0);
    MARGIN + BODY + 4 + widest + 2 * TICK
}

/// A plot over `x` and `y` in the whole width of `area`, with room left of it and below.
///
/// # Errors
/// Where a picture cannot be written.
pub fn plot<'a>(
    area: &Area<'a>,
    (x, y): (Scale, Scale),
    (left, bottom): (i32, i32),
) -> Rendered<Plot<'a>> {
    ChartBuilder::on(area)
        .margin_left(MARGIN)
        .margin_right(MARGIN)
        .y_label_area_size(left - MARGIN)
        .x_label_area_size(bottom)
        .build_cartesian_2d(x, y)
}

/// The grid and the axes of a plot, to be named and drawn.
pub fn mesh<'a, 'b>(plot: &'b mut Plot<'a>) -> Mesh<'a, 'b> {
    let mut mesh = plot.configure_mesh();
    mesh.set_all_tick_mark_size(TICK)
        .bold_line_style(palette::GRID)
        .axis_style(palette::RULE)
        .label_style(label(NUMBER).tone(palette::MUTED))
        .axis_desc_style(label(BODY).tone(palette::MUTED))
        .x_labels(8)
        .y_labels(ROWS);
    mesh
}

/// Writes `text` some pixels off a point of `plot`, beyond its edges too.
///
/// # Errors
/// Where a picture cannot be written.
pub fn write(
    plot: &Plot<'_>,
    text: &str,
    style: &TextStyle<'_>,
    at: (f64, f64),
    off: (i32, i32),
) -> Rendered {
    let (x, y) = plot.backend_coord(&at);
    write_at(plot, text, style, (x + off.0, y + off.1))
}

/// Writes `text` at a pixel of the picture that `plot` is in.
///
/// # Errors
/// Where a picture cannot be written.
pub fn write_at(
    plot: &Plot<'_>,
    text: &str,
    style: &TextStyle<'_>,
    (x, y): (i32, i32),
) -> Rendered {
    let area = plot.plotting_area().strip_coord_spec();
    let (left, top) = area.get_base_pixel();
    area.draw_text(text, style, (x - left, y - top))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_stands_on_the_name() {
        for top in [0.5, 7.0, 6e3, 6e6, 6e300] {
            let (mut svg, y) = (String::new(), Scale::linear(top));
            let area = Canvas::area(&mut svg, (400, 200)).unwrap();
            let mut plot = plot(&area, (Scale::places(1), y), (left(&y), 0)).unwrap();
            mesh(&mut plot).x_labels(0).y_desc("GFLOP/s").draw().unwrap();
            area.present().unwrap();
            drop((plot, area));
            let picture = roxmltree::Document::parse(&svg).unwrap();
            let texts = picture.descendants().filter(|node| node.has_tag_name("text"));
            // Numbers end at their x; the name is turned and has none.
            let numbers = texts.filter_map(|text| Some((text.attribute("x")?, text.text()?)));
            let begins =
                |(x, text): (&str, &str)| x.parse::<i32>().unwrap() - text_width(text, NUMBER);
            let first = numbers.map(begins).min().unwrap();
            assert!(first >= MARGIN + BODY, "{top}: {first}");
        }
    }
}
