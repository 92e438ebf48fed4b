//! The team of `ops::cpu`, the file itself, over loom's threads, atomics and cells: its tests run in
//! every order that the memory model allows. Kernels' tests run one task after the other, so nothing
//! else tests these orders. It is a package of its own because the kernels take long to compile.

#[path = "../../src/cpu/team.rs"]
#[allow(clippy::absurd_extreme_comparisons, reason = "nobody has patience here")]
pub mod team;

/// What stands in for `ops`'s module of this name. Nobody spins: where a thread parks, all is said.
mod sync {
    pub use loom::{
        cell::UnsafeCell,
        hint::spin_loop,
        sync::{
            Arc,
            atomic::{AtomicBool, AtomicUsize},
        },
        thread::{Builder, JoinHandle, park, yield_now},
    };

    pub const PATIENCE: u32 = 0;

    /// Waking a thread tells it all that happened before. Another may run first, as on a real machine: it
    /// must find what it needs without having been woken.
    pub fn unpark(thread: &JoinHandle<()>) {
        yield_now();
        thread.thread().unpark();
    }
}

/// What stands in for `ops`'s module of this name: loom's threads are all on one processor.
mod pin {
    pub fn pin_to(_: usize) -> std::io::Result<()> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}
