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

use crate::{analysis::Analysis, names::Name, visible};
use maud::{Markup, PreEscaped, Render};
use plotters::drawing::DrawingAreaErrorKind;
use profile::Profile;

/// The outcome of drawing.
pub type Drawn<T = ()> = Result<T, DrawingAreaErrorKind<std::io::Error>>;

/// A finished picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What its file is called, without an ending.
    pub name: Name,
    /// What it shows, for readers who cannot see it.
    title: String,
    svg: String,
}

impl Chart {
    /// The picture as part of a page that has [`palette::style`] in its style sheet.
    pub fn inline(&self) -> Markup {
        let attributes = format!("<svg role=\"img\" aria-label=\"{}\" ", escaped(&self.title));
        PreEscaped(self.svg.replacen("<svg ", &attributes, 1))
    }

    /// The picture as a file of its own.
    pub fn standalone(&self) -> String {
        let style = format!(">\n<style>{}</style>\n", palette::style());
        self.inline().into_string().replacen(">\n", &style, 1)
    }
}

/// `text` as an attribute's value.
fn escaped(text: &str) -> String {
    visible::line(text).render().into_string()
}

/// The name of a chart of one measurement.
fn name_of(a: &Analysis<'_>, what: &str) -> Name {
    let p = a.profile;
    let (batch, threads) = (format!("b{}", p.batch), format!("t{}", p.threads));
    let (kind, level) = (p.device.kind.name(), p.lowering());
    let words = [&p.model, &level, &batch, kind, &p.device.name, &threads, what];
    Name::new(&words, &[&p.input.to_string(), &whereabouts(p)])
}

/// Device and machine in full, for names of files: two of one name are two.
fn whereabouts(p: &Profile) -> String {
    format!("{:?} {:?}", p.device, p.machine)
}
