//! What a real GPU's compiler makes of the lab's shaders, without that GPU: registers, spills, waves.
//!
//! Mesa's driver for AMD's GPUs compiles for hardware that is not there if `RADV_FORCE_FAMILY` names
//! it, and tells what came out. Whoever uses this sets that variable for a process of its own.
//!
//! WGSL becomes SPIR-V here as it does in wgpu (`spirv.rs`); the driver is asked in `driver.rs`.

mod driver;
mod listing;
mod spirv;

pub use driver::{Compiled, Driver, Refused};
pub use listing::Loads;
pub use spirv::{Invalid, spirv};
