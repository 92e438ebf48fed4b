//! Threads that stay on one processor each.

use std::io;

/// Pins this thread to `processor`, a number as the system counts them.
///
/// # Errors
/// What the system answered, where it did not do so.
#[cfg(target_os = "linux")]
pub fn pin_to(processor: usize) -> io::Result<()> {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    if processor >= CpuSet::MAX_CPU {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut alone = CpuSet::new();
    alone.set(processor);
    sched_setaffinity(None, &alone)?;
    // There are systems that take the call and do nothing.
    match sched_getaffinity(None)? == alone {
        true => Ok(()),
        false => Err(io::Error::other("the system took no notice")),
    }
}

/// Other systems tell of the process alone, so that they are believed.
#[cfg(not(any(target_os = "linux", target_family = "wasm")))]
pub fn pin_to(processor: usize) -> io::Result<()> {
    match core_affinity::set_for_current(core_affinity::CoreId { id: processor }) {
        true => Ok(()),
        false => Err(io::Error::other("the system refused")),
    }
}

/// There is nothing to pin to.
#[cfg(target_family = "wasm")]
pub fn pin_to(_: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::pin_to;
    use rustix::thread::{CpuSet, sched_getaffinity};
    use std::thread;

    /// On threads of their own: a thread stays pinned.
    #[test]
    fn a_thread_is_pinned_where_there_is_a_processor_for_it() {
        let allowed = sched_getaffinity(None).unwrap();
        let all = || 0..CpuSet::MAX_CPU;
        let on_a_thread = |processor| thread::spawn(move || pin_to(processor)).join().unwrap();
        on_a_thread(all().find(|&cpu| allowed.is_set(cpu)).unwrap()).unwrap();
        let nowhere = all().rfind(|&cpu| !allowed.is_set(cpu)).unwrap();
        let refusal = on_a_thread(nowhere).unwrap_err();
        assert_eq!(refusal.raw_os_error(), Some(libc::EINVAL));
        assert!(on_a_thread(1 << 20).is_err());
    }
}
