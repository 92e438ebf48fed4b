//! A finished picture.

use super::palette;
use crate::{names::Name, visible};
use maud::{Markup, PreEscaped, Render};
use plotters::drawing::DrawingAreaErrorKind;
use std::fmt;

/// A picture that could not be drawn.
pub type DrawError = DrawingAreaErrorKind<fmt::Error>;

/// The outcome of drawing.
pub type Rendered<T = ()> = Result<T, DrawError>;

/// A finished picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What its file is called, without an ending.
    pub name: Name,
    /// What it shows, for readers who cannot see it.
    pub title: String,
    /// SVG.
    pub svg: String,
}

impl Chart {
    /// The picture as part of a page that has [`palette::style`] in its style sheet.
    pub fn inline(&self) -> Markup {
        let attributes = format!("<svg role=\"img\" aria-label=\"{}\" ", escaped(&self.title));
        PreEscaped(self.svg.replacen("<svg ", &attributes, 1))
    }

    /// The picture as a file of its own, light or dark as its reader prefers.
    pub fn standalone(&self) -> String {
        self.styled(&palette::style())
    }

    /// The same in one theme.
    #[cfg(feature = "png")]
    pub fn in_theme(&self, theme: palette::Theme) -> String {
        self.styled(&palette::style_in(theme))
    }

    fn styled(&self, style: &str) -> String {
        let style = format!(">\n<style>{style}</style>\n");
        self.inline().into_string().replacen(">\n", &style, 1)
    }
}

#[cfg(test)]
impl Chart {
    /// Every text in it.
    pub fn texts(&self) -> Vec<String> {
        let svg = self.standalone();
        let picture = roxmltree::Document::parse(&svg).expect("a chart is XML");
        let texts = picture.descendants().filter(|node| node.has_tag_name("text"));
        texts.map(|node| node.text().unwrap_or_default().trim().to_owned()).collect()
    }
}

/// `text` as an attribute's value.
fn escaped(text: &str) -> String {
    visible::line(text).render().into_string()
}
