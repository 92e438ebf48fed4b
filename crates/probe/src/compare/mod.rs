//! Two sides that are measured in turn, so that what is between them is known.

pub mod builds;
mod gate;
mod plan;
mod sittings;

pub use builds::Build;
pub use gate::Limit;
pub use sittings::{Contender, Sittings};
