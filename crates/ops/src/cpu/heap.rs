//! Freed memory goes back to the system.
//!
//! glibc maps large blocks on their own and unmaps them when they are freed, but each such block that is
//! freed raises the size that counts as large, up to 32 MiB. Weights as they were drawn, and maps that the
//! reference was compared with, would then stay with the program as long as it runs, and its resident size
//! would say little of the network's.

/// Bytes from which a block is mapped on its own.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: libc::c_int = 256 << 10;

/// Fixes the size from which blocks are mapped on their own, where the allocator is one that moves it. To
/// be called first in a program.
pub fn give_freed_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the call takes the allocator's lock and sets a number; a thread that allocates meanwhile sees
    // the old one or the new. Any size is allowed, and one that were refused would change nothing.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
    }
}
