//! Architectures on the axes of the four guidelines: what formulas and times say of a network, and
//! the price that it pays to each guideline on a device, measured against itself rewritten.

pub mod axis;
pub mod claims;
mod conv;
pub mod followers;
mod g1;
mod g2;
mod g3;
mod g4;
pub mod history;
pub mod price;
pub mod record;
pub mod sentences;
pub mod tables;
pub mod told_apart;
