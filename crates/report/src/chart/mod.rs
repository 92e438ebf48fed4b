//! The charts, one a file.
//!
//! plotters draws them, on a backend that writes SVG with classes and marks (`canvas.rs`).
//! Each is a self-contained SVG picture that needs no fonts, no scripts and nothing from outside, and
//! turns dark where the reader prefers it. Each says what it shows, where it was taken (with the device's
//! rendering), in which unit, and by which convention.

mod alive;
mod along;
mod axes;
mod canvas;
mod class_shares;
mod figure2;
mod filling;
mod frame;
mod guideline;
mod labels;
mod models;
mod mountain;
mod mul_adds;
mod naming;
mod operators;
pub mod palette;
pub mod picture;
mod proxies;
pub mod render;
mod roofline;
mod scale;
mod scorecard;
mod share_bars;
mod sides;
mod stages;
mod style;
mod sweep;
mod waterfall;
