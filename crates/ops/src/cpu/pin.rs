//! Threads that stay on one processor each.

/// Pins this thread to the processor of `worker`; whether the system did so.
#[cfg(not(target_family = "wasm"))]
pub fn to(worker: usize) -> bool {
    use core_affinity::{CoreId, get_core_ids, set_for_current};
    use std::sync::LazyLock;
    /// Asked once, before anything is pinned: a pinned thread, and every thread that it starts, is
    /// told of its own processor only.
    static PROCESSORS: LazyLock<Vec<CoreId>> = LazyLock::new(|| get_core_ids().unwrap_or_default());
    // Linux tells where a thread may run; other systems tell of the process alone.
    let alone = |id| !cfg!(target_os = "linux") || get_core_ids().is_some_and(|all| all == [id]);
    PROCESSORS.get(worker).is_some_and(|&id| set_for_current(id) && alone(id))
}

/// There is nothing to pin to.
#[cfg(target_family = "wasm")]
pub const fn to(_: usize) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::to;
    use std::thread;

    /// On threads of their own: a thread stays pinned, and the first question counts the processors.
    #[test]
    fn a_thread_is_pinned_where_there_is_a_processor_for_it() {
        let processors = core_affinity::get_core_ids().unwrap().len();
        let on_a_thread = |worker| thread::spawn(move || to(worker)).join().unwrap();
        assert!(on_a_thread(0));
        assert!(!on_a_thread(processors));
    }
}
