//! Running a graph on the CPU.
//!
//! Preparing a [`CpuSession`] chooses a kernel for each node, packs its weights and plans all
//! buffers in one arena. A run is one parallel region: every worker of the [`Team`](team::Team)
//! walks the same list of steps, takes tasks of the current one, and waits for the others before
//! the next.

mod assembly;
mod bands;
mod bounds;
mod ceiling;
mod cut;
mod heap;
mod kernel;
mod lines;
pub(crate) mod machine;
mod near;
mod no_thread;
mod options;
mod pin;
mod plan;
mod ranged;
mod session;
mod step;
mod sync;
mod tasks;
mod team;
#[cfg(test)]
pub(crate) mod testing;
mod tune;
mod unknown;
mod vectors;

pub(crate) use bounds::Bounds;
pub use ceiling::CpuCeilings;
pub(crate) use cut::{Cut, Grid, tasks_for};
pub use heap::give_freed_back;
pub(crate) use kernel::candidates;
pub use kernel::{ByRows, Candidate, CpuKernel, Io, Kernel, Layout, Site};
pub(crate) use lines::{Lines, odd_lines};
pub use no_thread::NoThread;
pub use options::CpuOptions;
pub(crate) use ranged::{Ranged, ranged};
pub use session::CpuSession;
pub(crate) use unknown::unknown;
pub(crate) use vectors::{
    Function, PerVector, Pixels, RowsOfValues, Same, Values, each_vector, write_run, write_runs,
};
