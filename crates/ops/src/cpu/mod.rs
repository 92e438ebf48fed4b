//! Running a graph on the CPU.
//!
//! Preparing a [`CpuSession`] chooses a kernel for each node, packs its weights and plans all
//! buffers in one arena. A run is one parallel region: every worker of the [`Team`](team::Team)
//! walks the same list of steps, takes tasks of the current one, and waits for the others before
//! the next.

mod aligned_buffer;
mod assembly;
mod bands;
mod bounds;
mod ceiling;
mod cut;
mod heap;
mod kernel;
mod layout;
pub(crate) mod machine;
#[cfg(not(target_family = "wasm"))]
mod mapped;
mod no_thread;
mod opaque;
mod options;
mod parallel_for;
mod pin;
mod plan;
mod prefetch;
mod session;
mod step;
mod sync;
mod tasks;
mod team;
#[cfg(test)]
pub(crate) mod testing;
mod tune;
mod vectors;
mod weave;

pub(crate) use aligned_buffer::{AlignedBuffer, odd_lines};
pub(crate) use bounds::Bounds;
pub use ceiling::CpuCeilings;
pub(crate) use cut::{Cut, Grid, tasks_for};
pub use heap::configure_allocator;
pub(crate) use kernel::candidates;
pub use kernel::{ByRows, Candidate, CpuKernel, Io, Kernel, Site};
pub use layout::Layout;
#[cfg(not(target_family = "wasm"))]
pub use mapped::Mapped;
pub use no_thread::NoThread;
pub(crate) use opaque::opaque;
pub use options::CpuOptions;
pub(crate) use parallel_for::{ParallelFor, parallel_for};
pub use pin::pin_to;
pub use session::CpuSession;
pub(crate) use vectors::{
    Function, PerVector, Pixels, RowsOfValues, Same, Values, each_vector, write_run, write_runs,
};
pub(crate) use weave::{Strands, Way, weaves};
