//! What every chart is drawn with: lines, bars, dots, texts whose width is known, and marks, which readers can ask.
//!
//! A picture has five kinds of elements, written as they are drawn: plotters, which chooses where ticks stand
//! (`scale.rs`), has no classes and no titles for its elements. Colours and sizes are classes, so that a page
//! says each of them once ([`palette::style`]). How wide a text is cannot be known without fonts: it is estimated
//! from the widths of Arial's letters.

use super::{
    palette::{self, Tone},
    picture::Rendered,
};
use crate::visible;
use maud::Escaper;
use std::{cell::RefCell, fmt::Write};

/// How a text is set.
#[derive(Clone, Copy)]
pub struct Label {
    size: i32,
    tone: Tone,
    bold: bool,
    anchor: &'static str,
    turned: bool,
}

impl Label {
    /// Ink, from the left, centred on its y, `size` pixels.
    pub const fn new(size: i32) -> Self {
        Self { size, tone: palette::INK, bold: false, anchor: "", turned: false }
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
        Self { anchor: " e", ..self }
    }

    /// Centred where it would begin.
    pub const fn centred(self) -> Self {
        Self { anchor: " m", ..self }
    }

    /// Turned to read upwards.
    pub const fn turned(self) -> Self {
        Self { turned: true, ..self }
    }

    /// From the middle of its letters down to the line that they stand on, pixels.
    const fn baseline(self) -> i32 {
        (self.size * 36 + 50) / 100
    }
}

/// What a part of a picture stands for.
#[derive(Clone, Debug, Default)]
pub struct Mark<'m> {
    /// The operator, by its name: whoever picks it sees it in other charts and tables as well.
    op: Option<&'m str>,
    /// What is told to those who ask; of an operator that has none here, the page tells what its chart along the
    /// network does.
    title: Option<String>,
}

impl<'m> Mark<'m> {
    /// An operator.
    pub const fn operator(name: &'m str) -> Self {
        Self { op: Some(name), title: None }
    }

    /// Anything that `title` tells about.
    pub fn told(title: impl Into<String>) -> Self {
        Self::default().title(title)
    }

    /// The same with what is told about it.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }
}

/// A picture under construction. Coordinates are pixels from the upper left.
pub struct Canvas<'a> {
    svg: RefCell<&'a mut String>,
}

impl<'a> Canvas<'a> {
    /// An empty picture that is written to `svg`.
    ///
    /// # Errors
    /// Where `svg` cannot be written.
    pub fn new(svg: &'a mut String, (width, height): (i32, i32)) -> Rendered<Self> {
        writeln!(
            svg,
            r#"<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">"#
        )?;
        let canvas = Self { svg: RefCell::new(svg) };
        canvas.rect((0, 0), (width, height), palette::PAPER)?;
        Ok(canvas)
    }

    /// Ends the picture.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(self) -> Rendered {
        writeln!(self.svg.borrow_mut(), "</svg>")
    }

    /// What `draw` draws, as one thing that readers can ask about.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn mark(&self, mark: &Mark<'_>, draw: impl FnOnce() -> Rendered) -> Rendered {
        self.write(|svg| {
            svg.write_str("<g class=\"mark\"")?;
            if let Some(op) = mark.op {
                svg.write_str(" data-op=\"")?;
                escaped(svg, op)?;
                svg.write_str("\"")?;
            }
            svg.write_str(">")?;
            if let Some(title) = &mark.title {
                svg.write_str("<title>")?;
                escaped(svg, title)?;
                svg.write_str("</title>")?;
            }
            Ok(())
        })?;
        draw()?;
        self.write(|svg| writeln!(svg, "</g>"))
    }

    /// A text of one line, whatever is in it.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn text(&self, text: &str, (x, y): (i32, i32), label: Label) -> Rendered {
        let down = label.baseline();
        let (tone, size, anchor) = (label.tone.name(), label.size, label.anchor);
        let bold = if label.bold { " b" } else { "" };
        self.write(|svg| {
            write!(svg, "<text class=\"{tone} t{size}{anchor}{bold}\" ")?;
            match label.turned {
                true => write!(svg, "transform=\"translate({} {y})rotate(-90)\">", x + down)?,
                false => write!(svg, "x=\"{x}\" y=\"{}\">", y + down)?,
            }
            escaped(svg, text)?;
            writeln!(svg, "</text>")
        })
    }

    /// A filled rectangle between two corners; nothing where it has no area.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn rect(&self, (x, y): (i32, i32), to: (i32, i32), tone: Tone) -> Rendered {
        let (tone, width, height) = (tone.name(), to.0 - x, to.1 - y);
        if width <= 0 || height <= 0 {
            return Ok(());
        }
        self.write(|svg| {
            writeln!(
                svg,
                r#"<rect class="{tone}" x="{x}" y="{y}" width="{width}" height="{height}"/>"#
            )
        })
    }

    /// A line through points; nothing where they are fewer than two.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn line(&self, points: &[(i32, i32)], tone: Tone) -> Rendered {
        if points.len() < 2 {
            return Ok(());
        }
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x} {y}")).collect();
        self.write(|svg| {
            writeln!(svg, "<path class=\"{}\" d=\"M{}\"/>", tone.name(), points.join(" "))
        })
    }

    /// A dot with a thin edge of paper, or a ring filled with paper.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn dot(&self, (x, y): (i32, i32), radius: i32, tone: Tone, ring: bool) -> Rendered {
        let (tone, ring) = (tone.name(), if ring { " ring" } else { "" });
        self.write(|svg| {
            writeln!(svg, r#"<circle class="{tone}{ring}" cx="{x}" cy="{y}" r="{radius}"/>"#)
        })
    }

    fn write(&self, write: impl FnOnce(&mut String) -> Rendered) -> Rendered {
        write(*self.svg.borrow_mut())
    }
}

/// Writes text into a picture: no other way leads there.
fn escaped(svg: &mut String, text: &str) -> Rendered {
    Escaper::new(svg).write_str(&visible::line(text))
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
