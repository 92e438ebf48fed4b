//! Pixels added on the four sides of a map.

use profile::Attr;
use serde_json::json;

/// Pixels added on each side of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sides {
    /// Above and below.
    pub vertical: (usize, usize),
    /// At the left and at the right.
    pub horizontal: (usize, usize),
}

impl Sides {
    /// None.
    pub const NONE: Self = Self::even(0, 0);

    /// `h` above and below, `w` at the left and at the right.
    pub const fn even(h: usize, w: usize) -> Self {
        Self { vertical: (h, h), horizontal: (w, w) }
    }

    /// What is added above and at the left: where a kernel's first window begins. Where its last one ends, the
    /// output's size says.
    pub const fn first(self) -> (usize, usize) {
        (self.vertical.0, self.horizontal.0)
    }

    /// Above, at the left, below, at the right: the order of ONNX.
    pub const fn in_order(self) -> [usize; 4] {
        [self.vertical.0, self.horizontal.0, self.vertical.1, self.horizontal.1]
    }

    /// The most that is added on a side.
    pub(crate) fn largest(self) -> usize {
        self.in_order().into_iter().fold(0, usize::max)
    }

    /// Two numbers where opposite sides are equal, else all four in order.
    pub(crate) fn attr(self) -> Attr {
        let even = Self::even(self.vertical.0, self.horizontal.0) == self;
        if even { json!(self.first()) } else { json!(self.in_order()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sides_are_said_once() {
        assert_eq!(Sides::even(1, 2).attr(), json!([1, 2]));
        let sides = Sides { vertical: (0, 1), horizontal: (2, 3) };
        assert_eq!((sides.attr(), sides.first()), (json!([0, 2, 1, 3]), (0, 2)));
        assert_eq!(sides.largest(), 3);
    }
}
