//! What the allocator and the system are told about memory.
//!
//! Large buffers lie in huge pages, and what is freed goes back to the system:
//! glibc maps large blocks on their own and unmaps them when they are freed, but each such block that is
//! freed raises the size that counts as large, up to 32 MiB. Weights as they were drawn, and maps that the
//! reference was compared with, would then stay with the program as long as it runs, and its resident size
//! would say little of the network's.
//!
//! musl needs no such word, and takes none: it has one heap for all threads, maps blocks of 128 KiB and more on
//! their own, whatever was freed before, and gives back groups of smaller ones as soon as they are free
//! (benches/record/static_file.csv). That is more calls of the system than glibc's, all while a session is
//! prepared: runs do not allocate. Huge pages are asked for by address, of any allocator's memory.

#[cfg(target_os = "linux")]
use super::machine::HUGE_PAGE;
use std::ptr::NonNull;

/// Bytes from which a block is mapped on its own. Of a network whose layers grow little by little, each
/// one's weights as drawn fit into no hole that another's left: PyramidNet's small ones took 4 MB so.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: libc::c_int = 64 << 10;

/// Fixes the size from which blocks are mapped on their own, where the allocator is one that moves it, and
/// has all threads allocate from one heap: each device is measured on a thread of its own, and what one left
/// free in its heap another could not use (2 MB of the 14 that PyramidNet's profile held of its own, one thread,
/// 2026-11-28). Runs do not allocate, so that nobody waits for it. To be called first in a program.
pub fn configure_allocator() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the calls take the allocator's lock and set a number each; a thread that allocates meanwhile
    // sees the old one or the new. Any value is allowed, and one that were refused would change nothing.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Asks for huge pages for `bytes` bytes from `start` on, where these are whole ones. What was touched
/// already stays in the pages that it has.
pub(super) fn in_huge_pages(start: NonNull<u8>, bytes: usize) {
    #[cfg(target_os = "linux")]
    if bytes >= HUGE_PAGE && start.align_offset(HUGE_PAGE) == 0 {
        // SAFETY: the advice changes no byte, wherever it points, and where it is refused nothing happens.
        unsafe {
            libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (start, bytes);
}
