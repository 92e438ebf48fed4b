//! Memory that a kernel under test must not touch.
//!
//! A value that a kernel loads beyond its operand but never uses shows in no result. Traced lanes tell of every
//! access, and one that meets a forbidden zone fails the test.

use super::{Observer, observing};
use profile::Instruction;
use std::{cell::RefCell, ops::Range, rc::Rc};

/// Zones that must not be touched (addresses in bytes).
struct Forbidden(Vec<Range<usize>>);

/// Calls `f`; traced lanes panic where they touch one of the `zones` (addresses in bytes).
pub(crate) fn forbidding<R>(zones: Vec<Range<usize>>, f: impl FnOnce() -> R) -> R {
    observing(Rc::new(RefCell::new(Forbidden(zones))), f)
}

impl Observer for Forbidden {
    fn issue(&mut self, _: Instruction, _: u64, _: u64) -> u64 {
        0
    }

    fn touch(&mut self, address: usize, bytes: usize, _: bool) {
        let end = address + bytes;
        let met = self.0.iter().any(|z| address < z.end && z.start < end && bytes > 0);
        assert!(!met, "a kernel touched {bytes} bytes that reach beyond its operand");
    }
}
