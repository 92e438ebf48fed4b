//! What plotters draws on: a picture as SVG.
//!
//! Tones and sizes are classes, so that a page says each of them once ([`palette::style`]); which tone a colour is, the
//! palette knows. How wide a text is cannot be known without fonts: it is estimated from the widths of Arial's letters.

use super::{palette, picture::Rendered};
use crate::visible;
use maud::Escaper;
use plotters::{
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind},
};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
    text_anchor::{HPos, VPos},
};
use std::fmt::{self, Write};

/// A part of a picture, measured in pixels from its upper left.
pub type Area<'a> = DrawingArea<Canvas<'a>, Shift>;

/// The outcome of drawing an element.
pub type Drawn = Result<(), DrawingErrorKind<fmt::Error>>;

/// A picture under construction.
pub struct Canvas<'a> {
    svg: &'a mut String,
    size: (u32, u32),
}

impl<'a> Canvas<'a> {
    /// An empty picture that is written to `svg`.
    ///
    /// # Errors
    /// Where `svg` cannot be written.
    pub fn area(svg: &'a mut String, (width, height): (u32, u32)) -> Rendered<Area<'a>> {
        let mut canvas = Self { svg, size: (width, height) };
        canvas
            .write(format_args!(
                r#"<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">"#
            ))
            .map_err(DrawingAreaErrorKind::BackendError)?;
        let area = Area::from(canvas);
        area.fill(&palette::PAPER)?;
        Ok(area)
    }

    /// Begins a part of the picture that readers can ask about: an operator, by its name, and what is told.
    ///
    /// # Errors
    /// Where the picture cannot be written.
    pub fn open(&mut self, op: Option<&str>, title: Option<&str>) -> Drawn {
        let op = op.map_or_else(String::new, |op| format!(" data-op=\"{}\"", escaped(op)));
        let title = title.map(|title| format!("<title>{}</title>", escaped(title)));
        self.write(format_args!("<g class=\"mark\"{op}>{}", title.unwrap_or_default()))
    }

    /// Ends what was begun last.
    ///
    /// # Errors
    /// Where the picture cannot be written.
    pub fn close(&mut self) -> Drawn {
        self.write(format_args!("</g>"))
    }

    fn write(&mut self, element: fmt::Arguments<'_>) -> Drawn {
        writeln!(self.svg, "{element}").map_err(DrawingErrorKind::DrawingError)
    }
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = fmt::Error;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    /// Ends the picture.
    fn present(&mut self) -> Drawn {
        self.write(format_args!("</svg>"))
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(at, (at.0 + 1, at.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    /// Nothing where it has no area. What is not filled has a thick edge inside of its corners, as far as it has room.
    fn draw_rect<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let (width, height) = (to.0 - x, to.1 - y);
        if width <= 0 || height <= 0 {
            return Ok(());
        }
        let ring = !fill && width > 2 && height > 2;
        let (class, edge) = (shape(style, !ring), i32::from(ring));
        let ((x, y), (width, height)) =
            ((x + edge, y + edge), (width - 2 * edge, height - 2 * edge));
        self.write(format_args!(
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}"/>"#
        ))
    }

    /// Nothing where there are fewer than two points.
    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<String> = path.into_iter().map(|(x, y)| format!("{x} {y}")).collect();
        if points.len() < 2 {
            return Ok(());
        }
        self.write(format_args!(
            "<path class=\"{}\" d=\"M{}\"/>",
            shape(style, true),
            points.join(" ")
        ))
    }

    /// A dot with a thin edge of paper, or a ring filled with paper.
    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let class = shape(style, fill);
        self.write(format_args!(r#"<circle class="{class}" cx="{x}" cy="{y}" r="{radius}"/>"#))
    }

    /// A text of one line, whatever is in it: no other way leads text into a picture.
    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Drawn {
        let tone = palette::tone(style.color().rgb).name();
        let (size, anchor) = (style.size(), style.anchor());
        let side = match anchor.h_pos {
            HPos::Left => "",
            HPos::Center => " m",
            HPos::Right => " e",
        };
        // From the anchor down to the line that letters stand on, as a share of their size.
        let down = match anchor.v_pos {
            VPos::Top => 0.86,
            VPos::Center => 0.36,
            VPos::Bottom => -0.14,
        };
        let down = (size * down).round() as i32;
        let bold = if matches!(style.style(), FontStyle::Bold) { " b" } else { "" };
        let place = match style.transform() {
            FontTransform::None => format!(r#"x="{x}" y="{}""#, y + down),
            FontTransform::Rotate90 => turned((x - down, y), 90),
            FontTransform::Rotate180 => turned((x, y - down), 180),
            FontTransform::Rotate270 => turned((x + down, y), -90),
        };
        self.write(format_args!(
            r#"<text class="{tone} t{size}{side}{bold}" {place}>{}</text>"#,
            escaped(text)
        ))
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<fmt::Error>> {
        let size = style.size();
        Ok((text_width(text, size as i32) as u32, size as u32))
    }
}

/// The classes of a shape.
fn shape(style: &impl BackendStyle, fill: bool) -> String {
    let tone = palette::tone(style.color().rgb).name();
    if fill { tone.to_owned() } else { format!("{tone} ring") }
}

fn turned((x, y): BackendCoord, degrees: i32) -> String {
    format!(r#"transform="translate({x} {y})rotate({degrees})""#)
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    // A string takes whatever is written to it.
    let _ = Escaper::new(&mut out).write_str(&visible::line(text));
    out
}

/// Estimated width of `text` at `size` pixels, rather too wide than too narrow.
pub fn text_width(text: &str, size: i32) -> i32 {
    let width = |c: char| match c {
        'f' | 'i' | 'j' | 'l' | 't' | 'I' | '.' | ',' | ':' | ';' | '!' | '/' | ' ' => 0.28,
        'r' | '-' | '(' | ')' | '[' | ']' | '·' | '\'' | '\u{202f}' => 0.34,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' => 0.50,
        'm' | 'w' | 'M' | 'W' | '%' | '…' => 0.88,
        'A'..='Z' | 'Σ' => 0.70,
        _ => 0.56,
    };
    let em: f64 = text.chars().map(width).sum();
    (em * f64::from(size) * 1.03).ceil() as i32
}

/// Breaks texts at blanks into lines of at most `width` pixels at `size` pixels, also where a machine has
/// none of the fonts that [`text_width`] knows and takes DejaVu Sans, a seventh wider.
pub fn broken(texts: &[String], size: i32, width: i32) -> Vec<String> {
    let width = width * 7 / 8;
    let mut lines: Vec<String> = Vec::new();
    for text in texts {
        let mut line = String::new();
        for word in text.split(' ') {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if line.is_empty() || text_width(&longer, size) <= width {
                line = longer;
            } else {
                lines.push(std::mem::replace(&mut line, word.to_owned()));
            }
        }
        lines.push(line);
    }
    lines
}
