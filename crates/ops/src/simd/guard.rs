//! Memory that a kernel under test must not touch.
//!
//! A value that a kernel loads beyond its operand but never uses shows in no result. So the
//! portable lanes report every access here, and one that meets a forbidden zone fails the test.

use std::{cell::RefCell, ops::Range};

thread_local! {
    static FORBIDDEN: RefCell<Vec<Range<usize>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f`; portable lanes panic where they touch one of the `zones` (addresses in bytes).
pub(crate) fn forbidding<R>(zones: Vec<Range<usize>>, f: impl FnOnce() -> R) -> R {
    FORBIDDEN.set(zones);
    let result = f();
    FORBIDDEN.set(Vec::new());
    result
}

/// Reports an access to `n` floats at `p`.
pub(super) fn touch(p: *const f32, n: usize) {
    let (start, end) = (p.addr(), p.addr() + n * size_of::<f32>());
    FORBIDDEN.with_borrow(|zones| {
        let met = zones.iter().any(|z| start < z.end && z.start < end && n > 0);
        assert!(!met, "a kernel touched {n} floats that reach beyond its operand");
    });
}
