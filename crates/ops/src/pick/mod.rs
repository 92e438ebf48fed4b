//! Pixels of a map picked by row and column: what resizing to the nearest pixel, padding and cropping are.

mod definition;
mod gpu;
mod kernels;

pub(crate) use definition::{Pick, Source, distinct};
pub(crate) use gpu::{plan, table};
pub(crate) use kernels::kernel;
