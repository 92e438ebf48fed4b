//! The shape of an activation: always four axes, always named N, C, H, W.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An activation's shape: batch, channels, height, width.
///
/// Written and serialised in the order N, C, H, W (`[1, 24, 56, 56]`, shown `1×24×56×56`),
/// although every buffer in the lab is laid out N, H, W, C.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "[usize; 4]", into = "[usize; 4]")]
pub struct Shape {
    /// Batch.
    pub n: usize,
    /// Channels.
    pub c: usize,
    /// Height in pixels.
    pub h: usize,
    /// Width in pixels.
    pub w: usize,
}

impl Shape {
    /// The shape N×C×H×W.
    pub const fn new(n: usize, c: usize, h: usize, w: usize) -> Self {
        Self { n, c, h, w }
    }

    /// A row of `c` features per image: N×C×1×1.
    pub const fn features(n: usize, c: usize) -> Self {
        Self::new(n, c, 1, 1)
    }

    /// Several as text: `1×24×56×56 and 1×24×1×1`.
    pub fn list<'a>(shapes: impl IntoIterator<Item = &'a Self>) -> String {
        shapes.into_iter().map(Self::to_string).collect::<Vec<_>>().join(" and ")
    }

    /// Number of elements: N·C·H·W. Those of a graph's maps and weights have so few that this, like all
    /// products of some of the four axes, cannot overflow.
    pub const fn elements(self) -> usize {
        self.n * self.c * self.h * self.w
    }

    /// Pixels of one image: H·W.
    pub const fn area(self) -> usize {
        self.h * self.w
    }

    /// Pixels of the whole batch: N·H·W.
    pub const fn pixels(self) -> usize {
        self.n * self.h * self.w
    }

    /// The same shape with another number of channels.
    pub const fn with_channels(self, c: usize) -> Self {
        Self { c, ..self }
    }

    /// The same shape with another height and width.
    pub const fn with_size(self, h: usize, w: usize) -> Self {
        Self { h, w, ..self }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}×{}×{}×{}", self.n, self.c, self.h, self.w))
    }
}

impl From<[usize; 4]> for Shape {
    fn from([n, c, h, w]: [usize; 4]) -> Self {
        Self { n, c, h, w }
    }
}

impl From<Shape> for [usize; 4] {
    fn from(s: Shape) -> Self {
        [s.n, s.c, s.h, s.w]
    }
}
