//! The four guidelines of the ShuffleNetV2 paper (arXiv 1807.11164, section 3): their formulas, and
//! what an experiment or an architecture says of them on a device.

pub mod apart;
pub mod architecture;
pub mod g3;
pub mod g4;
pub mod published;
pub mod records;
pub mod study;
pub mod tables;
pub mod verdict;
