//! What lies round a padded map, and what is left of a cropped one.

use crate::pick::{Pick, Source};
use profile::Shape;

/// A map with rows and columns added round it, or cut off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pad2d {
    /// Rows added above and below; below 0 they are cut off.
    pub vertical: (isize, isize),
    /// Columns added at the left and at the right; below 0 they are cut off.
    pub horizontal: (isize, isize),
    /// What is added.
    pub mode: PadMode,
}

/// What is added round a map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PadMode {
    /// This number.
    Constant(f32),
    /// The map mirrored at its edge pixels.
    Reflect,
    /// Its edge pixels.
    Edge,
}

impl Pad2d {
    /// With `p` zeros on all sides.
    pub const fn zeros(p: isize) -> Self {
        Self { vertical: (p, p), horizontal: (p, p), mode: PadMode::Constant(0.0) }
    }

    /// With `p` mirrored pixels on all sides.
    pub const fn reflect(p: isize) -> Self {
        Self { mode: PadMode::Reflect, ..Self::zeros(p) }
    }

    /// With so much cut off above, below, at the left and at the right.
    pub const fn crop(above: isize, below: isize, left: isize, right: isize) -> Self {
        Self { vertical: (-above, -below), horizontal: (-left, -right), ..Self::zeros(0) }
    }

    /// Whether nothing is added.
    pub(crate) const fn is_crop(&self) -> bool {
        self.vertical.0 <= 0
            && self.vertical.1 <= 0
            && self.horizontal.0 <= 0
            && self.horizontal.1 <= 0
    }

    /// Where pixel `i` of an axis of `len` pixels comes from that has `before` added in front of it.
    pub(crate) fn source(&self, i: usize, before: isize, len: usize) -> Source {
        let (at, last) = (i as isize - before, len as isize - 1);
        let at = match self.mode {
            PadMode::Constant(_) => at,
            PadMode::Edge => at.clamp(0, last),
            PadMode::Reflect => last - (last - at.abs()).abs(),
        };
        usize::try_from(at).ok().filter(|&at| at < len)
    }

    /// It as pixels that are picked.
    pub(crate) fn pick(&self, x: Shape, y: Shape) -> Pick {
        let fill = match self.mode {
            PadMode::Constant(fill) => fill,
            PadMode::Reflect | PadMode::Edge => 0.0,
        };
        Pick {
            rows: (0..y.h).map(|i| self.source(i, self.vertical.0, x.h)).collect(),
            columns: (0..y.w).map(|i| self.source(i, self.horizontal.0, x.w)).collect(),
            fill,
        }
    }
}
