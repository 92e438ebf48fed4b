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
use std::hash::{DefaultHasher, Hash, Hasher};

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

/// Most characters of a file's name without its ending: file systems take 255 bytes.
const LONGEST: usize = 200;

/// A file name made of `words`: lower case, anything but letters, digits, `.` and `_` a hyphen; of more
/// than [`LONGEST`] characters a digest stands for the middle.
pub fn file_name(words: &[&str]) -> String {
    let lower = words.join("-").to_lowercase();
    let kept = |c: char| if c.is_ascii_alphanumeric() || "._".contains(c) { c } else { '-' };
    let parts: String = lower.chars().map(kept).collect();
    let name = parts.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    if name.len() <= LONGEST {
        return name;
    }
    let mut digest = DefaultHasher::new();
    name.hash(&mut digest);
    // All characters are ASCII; a digest and two hyphens are 18.
    let (start, end) = (LONGEST / 2, name.len() - (LONGEST / 2 - 18));
    format!("{}-{:016x}-{}", &name[..start], digest.finish(), &name[end..])
}

/// The file name of a chart of one measurement.
fn name_of(a: &Analysis<'_>, what: &str) -> String {
    let p = a.profile;
    let (batch, threads) = (format!("b{}", p.batch), format!("t{}", p.threads));
    let (kind, level) = (p.device.kind.name(), p.lowering());
    file_name(&[&p.model, &level, &batch, kind, &p.device.name, &threads, what])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_short_enough_and_stay_apart() {
        assert_eq!(file_name(&["A net(width=0.5)", "t1"]), "a-net-width-0.5-t1");
        let long =
            |middle: &str| file_name(&[&"a".repeat(200), middle, &"b".repeat(200), "roofline"]);
        assert_eq!(long("x").len(), LONGEST);
        assert!(long("x").ends_with("b-roofline"), "{}", long("x"));
        assert_ne!(long("x"), long("y"));
    }
}
