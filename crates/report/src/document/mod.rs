//! What a report says, and in which order: the page and the terminal's text are two renderings of it.

mod across;
mod answers;
pub mod apart;
pub mod architectures;
pub mod block;
pub mod ceilings;
pub mod compared;
pub mod contents;
pub mod figure;
mod kinds;
pub mod measured;
pub mod models;
pub mod network;
pub mod reading;
pub mod studies;
pub mod sweeps;
