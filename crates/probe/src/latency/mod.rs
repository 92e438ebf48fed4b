//! Operators alone, and what they say of networks.
//!
//! A latency table has the time of every operator of a grid, each measured as a network of its own. A network is
//! predicted by adding up its operators' rows. The difference from what it takes is what a table cannot see.

mod alone;
mod grid;
mod prediction;
mod rows;

pub use alone::distinct;
pub use grid::{Axes, from_file};
pub use prediction::Prediction;
pub use rows::Table;
