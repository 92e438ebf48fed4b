//! Processor cores that are described, not at hand: what a kernel's instructions and accesses take on one.
//!
//! A core (`experiments/cores/*.toml`) says what it does in a cycle and how its caches are built. A board
//! (`experiments/boards/*.toml`) says what each of its cores runs at: the clock, the sizes of caches, the memory.
//! Whoever runs a kernel tells a [`Simulation`] of each instruction and each access; [`CoreOnBoard::time`] says
//! what these take. Nothing here runs anything or knows an operator.

#![forbid(unsafe_code)]

mod board;
mod built_in;
mod cache;
mod core;
mod device;
mod figure;
mod hierarchy;
mod pages;
mod products;
mod resource;
mod simulation;
mod streams;
mod unknown;
mod validation;
mod window;

pub use built_in::{BOARDS, CORES, core, core_called};
pub use core::Core;
pub use device::{CoreOnBoard, Time, overlapped};
pub use figure::{BadFile, Described, Flaw};
pub use hierarchy::Traffic;
pub use resource::Resource;
pub use simulation::{Simulation, Work};
pub use unknown::UnknownDevice;
pub use validation::{Validation, validate};
