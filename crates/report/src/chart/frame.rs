//! What stands round the plot of every chart: title, subtitle, legend, notes.

use super::{
    canvas::{Area, Canvas, broken, text_width},
    palette,
    picture::{Chart, Rendered},
    style::{Set, label},
};
use crate::names::Name;
use plotters::{element::Rectangle, style::Color};
use profile::Class;

/// Width of every chart, pixels.
pub const WIDTH: i32 = 960;
/// Empty edge on both sides.
pub const MARGIN: i32 = 16;
/// Size of the text that explains a plot.
pub const BODY: i32 = 12;

const TITLE: i32 = 16;
const NOTE: i32 = 11;
const LINE_HEIGHT: i32 = 16;

/// What stands round a plot.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// What the chart shows.
    pub title: String,
    /// What ran and where, the unit, the statistic; broken into lines where it is long.
    pub subtitle: Vec<String>,
    /// Classes whose colours stand in the legend.
    pub classes: Vec<Class>,
    /// Conventions and how to read it.
    pub notes: Vec<String>,
}

impl Frame {
    /// Draws a chart whose plot is `height` pixels high: `plot` gets the plot's area.
    ///
    /// # Errors
    /// Where a picture cannot be written.
    pub fn render(
        &self,
        name: Name,
        height: i32,
        plot: impl FnOnce(&Area<'_>) -> Rendered,
    ) -> Rendered<Chart> {
        let subtitle = broken(&self.subtitle, BODY, WIDTH - 2 * MARGIN);
        let notes = broken(&self.notes, NOTE, WIDTH - 2 * MARGIN);
        let rows = |lines: &[String]| lines.len() as i32 * LINE_HEIGHT;
        let legend_top = MARGIN + TITLE + 10 + rows(&subtitle) + 6;
        let top = legend_top + if self.classes.is_empty() { 0 } else { LINE_HEIGHT + 10 };
        let notes_top = top + height + 12;
        let whole = notes_top + rows(&notes) + MARGIN / 2;
        let mut svg = String::new();
        let area = Canvas::area(&mut svg, (WIDTH as u32, whole as u32))?;
        area.draw_text(&self.title, &label(TITLE).bold(), (MARGIN, MARGIN + TITLE / 2))?;
        paragraph(&area, &subtitle, MARGIN + TITLE + 10, BODY)?;
        legend(&area, &self.classes, legend_top + LINE_HEIGHT / 2)?;
        plot(&area.margin(top, whole - top - height, 0, 0))?;
        paragraph(&area, &notes, notes_top, NOTE)?;
        area.present()?;
        drop(area);
        Ok(Chart { name, title: self.title.clone(), svg })
    }
}

fn paragraph(area: &Area<'_>, lines: &[String], top: i32, size: i32) -> Rendered {
    let style = label(size).tone(palette::MUTED);
    let mut y = top + LINE_HEIGHT / 2;
    for line in lines {
        area.draw_text(line, &style, (MARGIN, y))?;
        y += LINE_HEIGHT;
    }
    Ok(())
}

fn legend(area: &Area<'_>, classes: &[Class], y: i32) -> Rendered {
    let mut x = MARGIN;
    for &class in classes {
        let corners = [(x, y - 5), (x + 11, y + 6)];
        area.draw(&Rectangle::new(corners, palette::of(class).filled()))?;
        area.draw_text(class.name(), &label(BODY), (x + 17, y))?;
        x += 17 + text_width(class.name(), BODY) + 20;
    }
    Ok(())
}
