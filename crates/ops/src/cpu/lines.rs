//! Floats that start on a cache line.

/// Floats in a cache line.
pub(crate) const LINE: usize = 16;

/// `floats` rounded up to an odd number of cache lines, so that rows of so many do not fall on the same
/// lines of a cache.
pub(crate) const fn odd_lines(floats: usize) -> usize {
    (floats.div_ceil(LINE) | 1) * LINE
}

/// A buffer of floats whose first one starts a cache line; its length is rounded up to whole lines.
#[derive(Clone)]
pub(crate) struct Lines(Vec<Line>);

#[derive(Clone, Copy)]
#[repr(align(64))]
#[expect(dead_code, reason = "read through pointers to its floats")]
struct Line([f32; LINE]);

impl Lines {
    /// At least `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Self(vec![Line([0.0; LINE]); len.div_ceil(LINE)])
    }

    /// Floats in it.
    pub fn len(&self) -> usize {
        self.0.len() * LINE
    }

    /// Where it starts.
    pub fn as_ptr(&self) -> *const f32 {
        self.0.as_ptr().cast()
    }

    /// Where it starts.
    pub fn as_mut_ptr(&mut self) -> *mut f32 {
        self.0.as_mut_ptr().cast()
    }

    /// All of it.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        // SAFETY: a line is `LINE` floats without padding, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr(), self.len()) }
    }
}
