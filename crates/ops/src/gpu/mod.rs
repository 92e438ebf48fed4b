//! Running a graph on a GPU.
//!
//! A kernel is data: WGSL text that stands next to its operator, the values of its `override`
//! constants, how weights are packed, and a list of dispatches ([`KernelPlan`]). All of that is there
//! without wgpu, so that tables, packing and shaders are tested on machines that have no GPU. The
//! feature `gpu` adds what runs plans: adapters and sessions over wgpu.
//!
//! **Layout.** Activations lie N, H, W, C with the channels of a pixel padded to a multiple of
//! four, so that every load and store is a `vec4f`, whatever the channel count (58, 116, 1001). The
//! padding lanes hold finite values that nothing reads as a channel: weights are zero there, and
//! reductions over channels mask them. A *quad* is four channels of a pixel.
//!
//! **Memory.** A shader reads and writes quads by number and does not know what they lie in: storage
//! buffers on real GPUs, `rgba32float` textures on software rasterisers, which fetch a texel several
//! times faster than four elements of a buffer. Where kernels are chosen by trial, packed weights may lie in the other.
//! Nor does it know whether a map lies alone there or is some
//! channels of a wider one (`access`, `views`).

mod access;
mod ceiling;
mod channel_copy;
mod constants;
mod hardware;
mod joined;
mod kernel;
mod layout;
mod load;
mod pairs;
mod quads;
mod room;
mod shared;
mod slots;
mod views;
mod whole;

#[cfg(feature = "gpu")]
mod adapter;
#[cfg(feature = "gpu")]
mod clock;
#[cfg(feature = "gpu")]
mod context;
#[cfg(feature = "gpu")]
mod floor;
#[cfg(feature = "gpu")]
mod held;
#[cfg(feature = "gpu")]
mod layers;
#[cfg(feature = "gpu")]
mod memory;
#[cfg(feature = "gpu")]
mod proof;
#[cfg(feature = "gpu")]
mod session;
#[cfg(feature = "gpu")]
mod step;
#[cfg(feature = "gpu")]
mod stopwatch;
#[cfg(feature = "gpu")]
mod timed;
#[cfg(feature = "gpu")]
mod tune;

#[cfg(test)]
mod cases;
#[cfg(feature = "gpu")]
#[cfg(test)]
mod device_tests;
#[cfg(feature = "gpu")]
#[cfg(test)]
mod laid;
#[cfg(test)]
mod languages;
#[cfg(feature = "gpu")]
#[cfg(test)]
mod pair_tests;
#[cfg(test)]
mod tests;

pub use access::{Beside, Binding, End, Scratch};
pub use ceiling::Chains;
pub(crate) use channel_copy::ChannelCopy;
pub use constants::Constants;
pub(crate) use constants::{Constant, constants};
pub use hardware::Hardware;
pub use kernel::{
    AdapterLimits, Algorithm, Candidate, Dispatch, GpuKernel, KernelPlan, Site, Suits,
};
pub(crate) use kernel::{MOST_ITERATIONS, REDUCING_LANES, candidates, nothing};
pub use layout::{Layout, Layouts};
pub(crate) use load::ABOUT_AS_FAST;
pub use load::{Figures, Load};
pub use pairs::paired;
pub use quads::quads;
pub(crate) use quads::vectors;
pub use room::{NoRoom, demand};
pub use whole::{bytes, dispatches};

#[cfg(feature = "gpu")]
pub use adapter::{Adapter, NoAdapter, watchers};
#[cfg(feature = "gpu")]
pub use ceiling::GpuCeilings;
#[cfg(feature = "gpu")]
pub use context::Patience;
#[cfg(feature = "gpu")]
pub use session::{GpuOptions, GpuSession, Preparation};
#[cfg(feature = "gpu")]
pub use tune::{Trial, tried};
