//! The vocabulary and the file format of the lab.
//!
//! Everything that crosses a room's door is defined here: what a tensor's [`Shape`] is, what an
//! operator must compute and touch ([`Cost`]), where a time was taken ([`Device`]), and the
//! [`Profile`] that a measurement leaves behind, one JSON line each. There are no kernels, no GPU
//! and no measuring in this crate, and it depends on nothing else of the lab.
//!
//! ```
//! use profile::{Class, Profile};
//! use std::path::Path;
//!
//! let file = Path::new("../../reports/example/profiles.jsonl.gz");
//! let profiles = profile::read(file, &mut |warning| panic!("{warning}"))?;
//! let of_class = |profile: &Profile, class| {
//!     profile.ops.iter().filter(|op| op.class == class).map(|op| op.mul_adds).sum::<u64>()
//! };
//! for profile in profiles.iter().filter(|profile| profile.is_network()) {
//!     assert!(profile.verification.passed, "{}", profile.model);
//!     assert!(of_class(profile, Class::Conv) > of_class(profile, Class::Other));
//! }
//! # Ok::<(), profile::FileError>(())
//! ```

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
mod modelled;
mod nanos;
mod range;
mod record;
mod shape;
mod shortened;
mod side;
mod worker;

pub use calibration::{Cache, Calibration, Mountain, Pattern, Peak, Workgroups};
pub use comparison::{Comparison, Rewrite};
pub use cost::{ACCESS_CONVENTION, Access, Class, Cost, FLOPS_CONVENTION, LARGEST_COUNT};
pub use device::{Device, DeviceKind, Machine, Rendering};
pub use experiment::{Experiment, Guideline, UnknownGuideline};
pub use jsonl::{FileError, append, append_all, demand_appendable, each, read};
pub use level::{Level, UnknownLevel};
pub use limits::flaw_of_part;
pub use modelled::{BAND, Instruction, Modelled, Vectors};
pub use nanos::nanos;
pub use record::{
    Attr, Build, Memory, Noise, OpRecord, Overhead, Profile, SCHEMA, Settings, Timing, Verification,
};
pub use shape::Shape;
pub use shortened::shortened;
pub use side::{Letter, Side};
pub use worker::Core;
