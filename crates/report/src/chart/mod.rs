//! The charts, one a file.
//!
//! Each takes analyses and gives [`Chart`]s: self-contained SVG pictures that need no fonts, no
//! scripts and nothing from outside, and turn dark where the reader prefers it. Each says what it
//! shows, where it was taken (with the device's rendering), in which unit, and by which convention.

mod axes;
mod canvas;
pub mod class_shares;
mod frame;
pub mod guideline;
mod labels;
pub mod models;
pub mod mountain;
pub mod mul_adds;
pub mod operators;
pub mod palette;
pub mod proxies;
pub mod roofline;
mod scale;
pub mod scorecard;

use crate::{analysis::Analysis, html::escape};
use plotters::drawing::DrawingAreaErrorKind;

/// The outcome of drawing.
pub type Drawn<T = ()> = Result<T, DrawingAreaErrorKind<std::io::Error>>;

/// A finished picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Its file's name, without an ending.
    pub name: String,
    /// What it shows, for readers who cannot see it.
    pub title: String,
    svg: String,
}

impl Chart {
    /// The picture as part of a page that has [`palette::style`] in its style sheet.
    pub fn inline(&self) -> String {
        let attributes = format!("<svg role=\"img\" aria-label=\"{}\" ", escape(&self.title));
        self.svg.replacen("<svg ", &attributes, 1)
    }

    /// The picture as a file of its own.
    pub fn standalone(&self) -> String {
        self.inline().replacen(">\n", &format!(">\n<style>{}</style>\n", palette::style()), 1)
    }
}

/// A file name made of `words`: lower case, anything but letters, digits, `.` and `_` a hyphen.
pub fn file_name(words: &[&str]) -> String {
    let lower = words.join("-").to_lowercase();
    let kept = |c: char| if c.is_ascii_alphanumeric() || "._".contains(c) { c } else { '-' };
    let parts: String = lower.chars().map(kept).collect();
    parts.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The file name of a chart of one measurement.
fn name_of(a: &Analysis<'_>, what: &str) -> String {
    let p = a.profile;
    let (batch, threads) = (format!("b{}", p.batch), format!("t{}", p.threads));
    let (kind, level) = (p.device.kind.name(), p.lowering());
    file_name(&[&p.model, &level, &batch, kind, &p.device.name, &threads, what])
}
