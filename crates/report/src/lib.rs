//! From profiles to what a person looks at: statistics, tables, charts and a page.
//!
//! A report is a pure function of [`profile::Profile`]s: it measures nothing, links neither
//! kernels nor GPU code, and draws the same from files of another machine as from its own.

pub mod analysis;
pub mod format;
pub mod guidelines;
pub mod stats;
pub mod text;

#[cfg(test)]
mod fixture;
