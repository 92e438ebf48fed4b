//! What stands round the plot of every chart: title, subtitle, legend, notes.

use super::{
    canvas::{Canvas, Label, broken, text_width},
    palette,
    picture::{Chart, Rendered},
};
use crate::names::Name;
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
    /// Draws a chart whose plot is `height` pixels high: `plot` gets the canvas and the plot's top.
    ///
    /// # Errors
    /// Where a picture cannot be written.
    pub fn render(
        &self,
        name: Name,
        height: i32,
        plot: impl FnOnce(&Canvas<'_>, i32) -> Rendered,
    ) -> Rendered<Chart> {
        let subtitle = broken(&self.subtitle, BODY, WIDTH - 2 * MARGIN);
        let notes = broken(&self.notes, NOTE, WIDTH - 2 * MARGIN);
        let rows = |lines: &[String]| lines.len() as i32 * LINE_HEIGHT;
        let legend_top = MARGIN + TITLE + 10 + rows(&subtitle) + 6;
        let top = legend_top + if self.classes.is_empty() { 0 } else { LINE_HEIGHT + 10 };
        let notes_top = top + height + 12;
        let mut svg = String::new();
        let canvas = Canvas::new(&mut svg, (WIDTH, notes_top + rows(&notes) + MARGIN / 2))?;
        canvas.text(&self.title, (MARGIN, MARGIN + TITLE / 2), Label::new(TITLE).bold())?;
        paragraph(&canvas, &subtitle, MARGIN + TITLE + 10, BODY)?;
        legend(&canvas, &self.classes, legend_top + LINE_HEIGHT / 2)?;
        plot(&canvas, top)?;
        paragraph(&canvas, &notes, notes_top, NOTE)?;
        canvas.finish()?;
        Ok(Chart { name, title: self.title.clone(), svg })
    }
}

fn paragraph(canvas: &Canvas<'_>, lines: &[String], top: i32, size: i32) -> Rendered {
    let mut y = top + LINE_HEIGHT / 2;
    for line in lines {
        canvas.text(line, (MARGIN, y), Label::new(size).tone(palette::MUTED))?;
        y += LINE_HEIGHT;
    }
    Ok(())
}

fn legend(canvas: &Canvas<'_>, classes: &[Class], y: i32) -> Rendered {
    let mut x = MARGIN;
    for &class in classes {
        canvas.rect((x, y - 5), (x + 11, y + 6), palette::of(class))?;
        canvas.text(class.name(), (x + 17, y), Label::new(BODY))?;
        x += 17 + text_width(class.name(), BODY) + 20;
    }
    Ok(())
}
