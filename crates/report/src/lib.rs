//! From profiles to what a person looks at: tables, charts, pages, texts and files.
//!
//! A report is a pure function of [`profile::Profile`]s: it measures nothing, links neither
//! kernels nor GPU code, and draws the same from files of another machine as from its own. The way goes from
//! profiles to [`Measurements`], from these to [`Findings`], from these to a document, and from that to
//! pages and the terminal's text.
//!
//! ```
//! use report::{Findings, Measurements, terminal};
//! use std::path::Path;
//!
//! let file = Path::new("../../reports/example/profiles.jsonl.gz");
//! let mut profiles = profile::read(file, &mut |warning| panic!("{warning}"))?;
//! profiles.retain(|profile| profile.model == "shufflenet_v2" && profile.is_network());
//!
//! let measured = Measurements::of(&profiles);
//! let findings = Findings::of(&measured);
//! assert!(findings.verdicts().is_empty(), "these are no experiments");
//!
//! // The document as a page, with a chart in the page and as a file, and as the terminal's text.
//! let pages = report::pages(&findings)?;
//! assert!(pages.index.contains("shufflenet_v2"));
//! assert!(pages.charts[0].standalone().starts_with("<svg"));
//! assert!(terminal::measurements(&findings, 100).contains("shufflenet_v2"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod alive;
mod analysis;
mod answer;
mod apportion;
pub mod arguments;
mod ascii;
mod beside;
mod bound;
pub mod ceilings;
mod chart;
pub mod command;
mod compare;
mod document;
mod export;
mod findings;
pub mod folder;
pub mod format;
mod formula;
mod group;
mod guidelines;
mod html;
pub mod latency;
pub mod markdown;
mod measurements;
pub mod names;
pub mod paper;
mod place;
mod plateaus;
#[cfg(feature = "png")]
pub mod png;
mod proxy;
pub mod rows;
pub mod screen;
mod sections;
mod selection;
mod sentences;
mod sweep;
pub mod table;
mod tables;
pub mod terminal;
mod text;
mod trace;
mod unused;
pub mod validation;
pub mod visible;
mod write;

#[cfg(test)]
mod fixture;

pub use chart::picture::{Chart, DrawError, Rendered};
pub use compare::{
    apart::{Apart, apart},
    apart_record::ApartRecord,
    pair::Pair,
    record::PairRecord,
};
pub use findings::Findings;
pub use guidelines::{architecture::record::Architecture, published, records::Record};
pub use html::Pages;
pub use measurements::Measurements;
pub use write::{
    Copies, WriteError, csv, pages, scope, trace, write, write_apart, write_rows, write_with,
};
