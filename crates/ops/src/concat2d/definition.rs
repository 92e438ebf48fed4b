//! Where each map lies in the one that they make side by side.

use profile::Shape;

/// Maps one below the other, or one beside the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concat2d {
    /// Rows of all maps.
    Height,
    /// Columns of all maps.
    Width,
}

impl Concat2d {
    /// The first row and column of each of `inputs` in the output.
    pub(crate) fn corners(self, inputs: impl Iterator<Item = Shape>) -> Vec<(usize, usize)> {
        let mut corner = (0, 0);
        let mut next = |x: Shape| {
            let here = corner;
            match self {
                Self::Height => corner.0 += x.h,
                Self::Width => corner.1 += x.w,
            }
            here
        };
        inputs.map(&mut next).collect()
    }
}
