//! A number of which the compiler should know nothing but its value.
//!
//! Of places at known distances that move by a known distance it makes a pointer each, and where there are
//! more of them than registers it moves most in memory. By a distance that may be another one every time,
//! one pointer moves, and the rest are reckoned from it.

/// The number, read anew.
#[inline(always)]
pub(crate) fn opaque(number: &usize) -> usize {
    // SAFETY: a reference can be read.
    unsafe { std::ptr::read_volatile(number) }
}
