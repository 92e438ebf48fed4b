//! From profiles to what a person looks at: statistics, tables, charts and a page.
//!
//! A report is a pure function of [`profile::Profile`]s: it measures nothing, links neither
//! kernels nor GPU code, and draws the same from files of another machine as from its own.

#![forbid(unsafe_code)]

pub mod analysis;
mod apportion;
pub mod arguments;
pub mod bound;
pub mod ceilings;
pub mod chart;
pub mod export;
pub mod folder;
pub mod format;
pub mod guidelines;
pub mod html;
pub mod names;
pub mod paper;
pub mod place;
pub mod plateaus;
pub mod screen;
pub mod sections;
pub mod selection;
pub mod sentences;
pub mod table;
pub mod tables;
pub mod text;
pub mod trace;
pub mod visible;
mod write;

#[cfg(test)]
mod fixture;

pub use write::{WriteError, scope, write};
