//! Floats that start on a cache line, many of them in huge pages.
//!
//! A large map or matrix of weights has a page every 4 KiB. Each is one more address for the processor to
//! look up, and most prefetchers stop where a page ends. So a buffer of the size of a huge page or more starts
//! where such a page may, and is put into them where the system gives them to those who ask.

use super::heap;
use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error},
    ptr::NonNull,
};

/// Floats in a cache line.
pub(crate) const LINE: usize = 16;

/// `floats` rounded up to an odd number of cache lines, so that rows of so many do not fall on the same
/// lines of a cache.
pub(crate) const fn odd_lines(floats: usize) -> usize {
    (floats.div_ceil(LINE) | 1) * LINE
}

/// A buffer of floats whose first one starts a cache line; its length is rounded up to whole lines.
pub(crate) struct Lines {
    start: NonNull<f32>,
    /// Floats in it.
    len: usize,
}

// SAFETY: a buffer owns its floats, and shares them only as its borrows allow.
unsafe impl Send for Lines {}
// SAFETY: as above.
unsafe impl Sync for Lines {}

impl Lines {
    /// At least `len` zeros.
    pub fn zeros(len: usize) -> Self {
        let len = len.next_multiple_of(LINE);
        let layout = layout(len);
        if len == 0 {
            return Self { start: NonNull::dangling(), len };
        }
        // SAFETY: the layout is not empty.
        let start = unsafe { alloc(layout) };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        // Before any of it is touched: pages come with the first touch.
        heap::in_huge_pages(start, layout.size());
        // SAFETY: the layout is of so many floats.
        unsafe { start.cast::<f32>().write_bytes(0, len) };
        Self { start: start.cast(), len }
    }

    /// Floats in it.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Where it starts.
    pub const fn as_ptr(&self) -> *const f32 {
        self.start.as_ptr()
    }

    /// Where it starts.
    pub const fn as_mut_ptr(&mut self) -> *mut f32 {
        self.start.as_ptr()
    }

    /// All of it.
    pub const fn as_slice(&self) -> &[f32] {
        // SAFETY: so many floats start there, all written by `zeros`.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), self.len) }
    }

    /// All of it.
    pub const fn as_mut_slice(&mut self) -> &mut [f32] {
        // SAFETY: as above, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr(), self.len) }
    }
}

impl Clone for Lines {
    fn clone(&self) -> Self {
        let mut copy = Self::zeros(self.len);
        copy.as_mut_slice().copy_from_slice(self.as_slice());
        copy
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if self.len > 0 {
            // SAFETY: `zeros` allocated it with the same layout.
            unsafe { dealloc(self.start.as_ptr().cast(), layout(self.len)) }
        }
    }
}

/// How a buffer of `len` floats lies in memory.
///
/// # Panics
/// Where that is more than can be addressed.
fn layout(len: usize) -> Layout {
    let floats = Layout::array::<f32>(len).expect("fewer floats than can be addressed");
    let start = if floats.size() < heap::HUGE { LINE * size_of::<f32>() } else { heap::HUGE };
    floats.align_to(start).expect("a power of two")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_zeros_that_start_on_lines_and_large_ones_on_huge_pages() {
        let huge = heap::HUGE / size_of::<f32>();
        for (len, start) in
            [(0, 4), (1, 64), (huge - 16, 64), (huge - 15, heap::HUGE), (3 * huge + 1, heap::HUGE)]
        {
            let lines = Lines::zeros(len);
            assert_eq!(lines.len(), len.next_multiple_of(LINE));
            assert_eq!(lines.as_ptr().align_offset(start), 0, "{len}");
            assert!(lines.as_slice().iter().all(|&x| x == 0.0), "{len}");
        }
    }

    #[test]
    fn a_copy_has_the_same_floats_and_is_another_buffer() {
        let mut lines = Lines::zeros(20);
        lines.as_mut_slice()[19] = 7.0;
        let copy = lines.clone();
        lines.as_mut_slice()[19] = 8.0;
        assert_eq!((copy.as_slice()[19], copy.len()), (7.0, 32));
    }
}
