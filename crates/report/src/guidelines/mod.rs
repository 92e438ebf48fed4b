//! The four guidelines of the ShuffleNetV2 paper (arXiv 1807.11164, section 3): their formulas, and
//! what an experiment or an architecture says of them on a device.

pub mod g1;
pub mod g2;
pub mod study;
pub mod verdict;
