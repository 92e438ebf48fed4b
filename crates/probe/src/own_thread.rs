//! Threads that are pinned, and nobody's heirs.

use ops::cpu::NoThread;
use std::{
    panic::resume_unwind,
    thread::{self, Builder},
};

/// Runs `job` on a thread of its own, and waits for it. A session of the CPU pins the thread that
/// prepares it; whoever measures next, such as a driver that renders on the processor, must not
/// inherit that.
///
/// # Errors
/// Those of `job`, and where the system refuses a thread.
pub fn on_own_thread<T: Send>(job: impl FnOnce() -> anyhow::Result<T> + Send) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let thread = Builder::new().spawn_scoped(scope, job).map_err(NoThread::from)?;
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}
