//! Floats that start on a cache line, many of them in huge pages.
//!
//! A large map or matrix of weights has a page every 4 KiB. Each is one more address for the processor to
//! look up, and most prefetchers stop where a page ends. So a buffer of the size of a huge page or more starts
//! where such a page may, and is put into them where the system gives them to those who ask.

use super::{
    heap,
    machine::{HUGE_PAGE, LINE},
};
use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error},
    ptr::NonNull,
};

/// `floats` rounded up to an odd number of cache lines, so that rows of so many do not fall on the same
/// lines of a cache.
pub(crate) const fn odd_lines(floats: usize) -> usize {
    (floats.div_ceil(LINE) | 1) * LINE
}

/// A buffer of floats whose first one starts a cache line; its length is rounded up to whole lines.
pub(crate) struct AlignedBuffer {
    start: NonNull<f32>,
    /// Floats in it.
    len: usize,
    layout: Layout,
}

// SAFETY: a buffer owns its floats, and shares them only as its borrows allow.
unsafe impl Send for AlignedBuffer {}
// SAFETY: as above.
unsafe impl Sync for AlignedBuffer {}

impl AlignedBuffer {
    /// At least `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Self::laid_out(len, bytes(len))
    }

    /// At least `len` zeros that will be read from end to end, once a run: the last huge page is had whole
    /// where that takes a quarter more at most. (The last linear operator of MobileNetV1, 4.1 MB, has one
    /// huge page else and half its floats in small ones; benches/record/huge_pages.csv has what that costs.)
    pub fn streamed(len: usize) -> Self {
        let (exact, whole) = (bytes(len), bytes(len).next_multiple_of(HUGE_PAGE));
        Self::laid_out(len, if whole - exact <= exact / 4 { whole } else { exact })
    }

    /// Zeros in so many bytes, which are no fewer than [`bytes`] says.
    fn laid_out(len: usize, bytes: usize) -> Self {
        let len = len.next_multiple_of(LINE);
        let start = if bytes < HUGE_PAGE { LINE * size_of::<f32>() } else { HUGE_PAGE };
        let layout =
            Layout::from_size_align(bytes, start).expect("fewer bytes than can be addressed");
        if len == 0 {
            return Self { start: NonNull::dangling(), len, layout };
        }
        // SAFETY: the layout is not empty.
        let start = unsafe { alloc(layout) };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        // Before any of it is touched: pages come with the first touch.
        heap::in_huge_pages(start, layout.size());
        // SAFETY: the layout is of so many floats.
        unsafe { start.cast::<f32>().write_bytes(0, len) };
        Self { start: start.cast(), len, layout }
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

impl Clone for AlignedBuffer {
    fn clone(&self) -> Self {
        let mut copy = Self::zeros(self.len);
        copy.as_mut_slice().copy_from_slice(self.as_slice());
        copy
    }
}

impl Drop for AlignedBuffer {
    fn drop(&mut self) {
        if self.len > 0 {
            // SAFETY: `laid_out` allocated it with this layout.
            unsafe { dealloc(self.start.as_ptr().cast(), self.layout) }
        }
    }
}

/// Bytes of whole lines that hold `len` floats.
///
/// # Panics
/// Where those are more than can be counted.
const fn bytes(len: usize) -> usize {
    let lines = len.div_ceil(LINE);
    lines.checked_mul(LINE * size_of::<f32>()).expect("fewer bytes than can be counted")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_streamed_has_its_last_page_whole_where_that_is_cheap() {
        let huge = HUGE_PAGE / size_of::<f32>();
        let pages =
            |len: usize| AlignedBuffer::streamed(len).layout.size() as f64 / HUGE_PAGE as f64;
        assert_eq!(pages(4 * huge / 5), 1.0);
        assert_eq!(pages(3 * huge / 4), 0.75);
        assert_eq!(pages(2 * huge + huge / 2), 3.0);
        assert_eq!(pages(2 * huge), 2.0);
        let lines = AlignedBuffer::streamed(4 * huge / 5);
        assert_eq!(lines.as_ptr().align_offset(HUGE_PAGE), 0);
        assert_eq!(lines.len(), (4 * huge / 5).next_multiple_of(LINE));
        assert!(lines.as_slice().iter().all(|&x| x == 0.0));
    }

    #[test]
    fn buffers_are_zeros_that_start_on_lines_and_large_ones_on_huge_pages() {
        let huge = HUGE_PAGE / size_of::<f32>();
        for (len, start) in
            [(0, 4), (1, 64), (huge - 16, 64), (huge - 15, HUGE_PAGE), (3 * huge + 1, HUGE_PAGE)]
        {
            let lines = AlignedBuffer::zeros(len);
            assert_eq!(lines.len(), len.next_multiple_of(LINE));
            assert_eq!(lines.as_ptr().align_offset(start), 0, "{len}");
            assert!(lines.as_slice().iter().all(|&x| x == 0.0), "{len}");
        }
    }

    #[test]
    fn a_copy_has_the_same_floats_and_is_another_buffer() {
        let mut lines = AlignedBuffer::zeros(20);
        lines.as_mut_slice()[19] = 7.0;
        let copy = lines.clone();
        lines.as_mut_slice()[19] = 8.0;
        assert_eq!((copy.as_slice()[19], copy.len()), (7.0, 32));
    }
}
