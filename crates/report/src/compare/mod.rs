//! Two sides that were measured in turn: how they differ, operator by operator, and how sure that is.

pub mod apart;
pub mod apart_record;
pub mod differences;
pub mod matching;
pub mod pair;
pub mod ratio;
pub mod record;
pub mod sentences;
#[cfg(test)]
mod simulated;
pub mod tables;
