//! What every chart is drawn with: lines, bars, dots, and text whose width is known.
//!
//! plotters draws the shapes and writes the SVG; what it cannot know without fonts, how wide a
//! text is, is estimated here from the widths of Arial's letters.

use super::{
    palette::{self, Tone},
    picture::Rendered,
};
use crate::visible;
use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Circle, PathElement, Rectangle, Text},
    style::{
        Color, FontFamily, FontStyle, FontTransform, IntoFont, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

const FONT: &str = "Arial, Helvetica, Liberation Sans, sans-serif";

/// plotters writes `size / 1.24` into the SVG.
const PLOTTERS_SCALE: f64 = 1.24;

/// How a text is set.
#[derive(Clone, Copy)]
pub struct Label {
    size: i32,
    tone: Tone,
    bold: bool,
    across: HPos,
    turned: bool,
}

impl Label {
    /// Ink, from the left, centred on its y, `size` pixels.
    pub const fn new(size: i32) -> Self {
        Self { size, tone: palette::INK, bold: false, across: HPos::Left, turned: false }
    }

    /// In another tone.
    pub const fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// In bold.
    pub const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// Ending where it would begin.
    pub const fn ends(self) -> Self {
        Self { across: HPos::Right, ..self }
    }

    /// Centred where it would begin.
    pub const fn centred(self) -> Self {
        Self { across: HPos::Center, ..self }
    }

    /// Turned to read upwards.
    pub const fn turned(self) -> Self {
        Self { turned: true, ..self }
    }

    fn style(self) -> TextStyle<'static> {
        let weight = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = f64::from(self.size) * PLOTTERS_SCALE;
        let turn = if self.turned { FontTransform::Rotate270 } else { FontTransform::None };
        TextStyle {
            font: (FontFamily::Name(FONT), size, weight).into_font().transform(turn),
            color: self.tone.color().to_backend_color(),
            pos: Pos::new(self.across, VPos::Center),
        }
    }
}

/// A picture under construction. Coordinates are pixels from the upper left.
pub struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

impl<'a> Canvas<'a> {
    /// An empty picture that is written to `svg`.
    ///
    /// # Errors
    /// Where plotters fails.
    pub fn new(svg: &'a mut String, (width, height): (i32, i32)) -> Rendered<Self> {
        let size = (width.unsigned_abs(), height.unsigned_abs());
        let canvas = Self { area: SVGBackend::with_string(svg, size).into_drawing_area() };
        canvas.rect((0, 0), (width, height), palette::PAPER)?;
        Ok(canvas)
    }

    /// Ends the picture.
    ///
    /// # Errors
    /// Where plotters fails.
    pub fn finish(self) -> Rendered {
        self.area.present()
    }

    /// A text of one line, whatever is in it: no other way leads from text into a picture.
    ///
    /// # Errors
    /// Where plotters fails.
    pub fn text(&self, text: &str, at: (i32, i32), label: Label) -> Rendered {
        self.area.draw(&Text::new(visible::line(text), at, label.style()))
    }

    /// A filled rectangle between two corners; nothing where it has no area.
    ///
    /// # Errors
    /// Where plotters fails.
    pub fn rect(&self, from: (i32, i32), to: (i32, i32), tone: Tone) -> Rendered {
        if to.0 <= from.0 || to.1 <= from.1 {
            return Ok(());
        }
        self.area.draw(&Rectangle::new([from, to], tone.color().filled()))
    }

    /// A line through points.
    ///
    /// # Errors
    /// Where plotters fails.
    pub fn line(&self, points: &[(i32, i32)], tone: Tone) -> Rendered {
        let style = ShapeStyle::from(tone.color()).stroke_width(1);
        self.area.draw(&PathElement::new(points.to_vec(), style))
    }

    /// A dot with a thin edge of paper, or a ring filled with paper.
    ///
    /// # Errors
    /// Where plotters fails.
    pub fn dot(&self, at: (i32, i32), radius: i32, tone: Tone, ring: bool) -> Rendered {
        let (inside, edge, width) =
            if ring { (palette::PAPER, tone, 2) } else { (tone, palette::PAPER, 1) };
        self.area.draw(&Circle::new(at, radius, inside.color().filled()))?;
        self.area.draw(&Circle::new(at, radius, ShapeStyle::from(edge.color()).stroke_width(width)))
    }
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
