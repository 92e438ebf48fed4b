//! What the [`Team`](super::team::Team) is built of. It is named here once, so that a model checker's
//! threads, atomics and cells can take its place (`crates/ops/loom`).

pub use std::{
    hint::spin_loop,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize},
    },
    thread::{Builder, JoinHandle, park, yield_now},
};

/// Spins before a waiting thread gives its processor away.
pub const PATIENCE: u32 = 20_000;

/// Wakes a thread that is parked, or will not let it park once.
pub fn unpark(thread: &JoinHandle<()>) {
    thread.thread().unpark();
}

/// A cell whose users see to it that nobody reads what is being written.
pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    /// A cell that holds `value`.
    pub const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    /// Calls `read` with a pointer to the value, valid for reads while nobody writes.
    pub fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    /// Calls `write` with a pointer to the value, valid while nobody else uses it.
    pub fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }
}
