//! The processor that work is cut for: one that is small in each respect, so that what fits it fits others.
//!
//! Whatever depends on a cache's size is a fraction of a constant here. The fractions were measured.

/// Bytes of a core's first-level data cache.
pub(crate) const L1: usize = 32 << 10;

/// Bytes of a core's second-level cache.
pub(crate) const L2: usize = 512 << 10;

/// Bytes that a core of several has of the last-level cache.
pub(crate) const L3: usize = 8 << 20;

/// Bytes of a last-level cache that one core has alone: more than any that we know.
pub(crate) const L3_ALONE: usize = 64 << 20;

/// Floats in a cache line.
pub(crate) const LINE: usize = 16;

/// Bytes of a page, and of a way of a first-level cache.
pub(crate) const PAGE: usize = 4 << 10;

/// Bytes of a huge page, on x86 and on ARM with pages of 4 KiB.
pub(crate) const HUGE_PAGE: usize = 2 << 20;
