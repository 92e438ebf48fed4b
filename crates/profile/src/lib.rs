//! The vocabulary and the file format of the lab.
//!
//! Everything that crosses a room's door is defined here: what a tensor's [`Shape`] is, what an
//! operator must compute and touch ([`Cost`]), where a time was taken ([`Device`]), and the
//! [`Profile`] that a measurement leaves behind, one JSON line each. There are no kernels, no GPU
//! and no measuring in this crate, and it depends on nothing else of the lab.

#![forbid(unsafe_code)]

pub mod cache;
mod calibration;
mod comparison;
mod cost;
mod device;
mod experiment;
pub mod file;
mod jsonl;
mod level;
mod limits;
mod nanos;
mod range;
mod record;
mod shape;

pub use calibration::{Cache, Calibration, Mountain, Pattern, Peak};
pub use comparison::{Comparison, Rewrite};
pub use cost::{ACCESS_CONVENTION, Access, Class, Cost, FLOPS_CONVENTION, LARGEST_COUNT};
pub use device::{Device, DeviceKind, Machine, Rendering};
pub use experiment::{Experiment, Guideline, UnknownGuideline};
pub use jsonl::{FileError, append, append_all, each, read};
pub use level::{Level, UnknownLevel};
pub use nanos::nanos;
pub use record::{
    Attr, Build, Memory, Noise, OpRecord, Overhead, Profile, SCHEMA, Settings, Timing, Verification,
};
pub use shape::Shape;
