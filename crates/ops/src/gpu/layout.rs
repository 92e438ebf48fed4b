//! How maps lie where several share the memory of one.

use super::quads;
use profile::Shape;

/// How a map lies in memory: channel c of pixel p is channel `first` + c · `step` of the p-th run of
/// `pitch` quads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Quads of one of the map's pixels.
    pub own: usize,
    /// Quads from one pixel to the next.
    pub pitch: usize,
    /// Where channel 0 of pixel 0 is, in channels.
    pub first: usize,
    /// Channels from one of the map's to its next: 1 or 2.
    pub step: usize,
}

impl Layout {
    /// Alone in its memory.
    pub const fn whole(shape: Shape) -> Self {
        let own = quads(shape.c);
        Self { own, pitch: own, first: 0, step: 1 }
    }

    /// Whether its quads are all that there is, one after the other.
    pub const fn is_whole(self) -> bool {
        self.own == self.pitch && self.first == 0 && self.step == 1
    }

    /// Whether its last quad may reach past the last pixel's run: a quad of it is made of two.
    pub const fn straddles(self) -> bool {
        self.step > 1 || !self.first.is_multiple_of(4)
    }
}

/// How the maps of a node lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layouts {
    /// Its inputs.
    pub inputs: Vec<Layout>,
    /// Its output.
    pub output: Layout,
    /// For each input, whether it lies in the output: what a concatenation need not copy.
    pub in_place: Vec<bool>,
    /// How the map lies that its stores write beside its output, if there is one: to the even channels
    /// where the output has the odd ones, or to those before the output's. It is bound as one more input.
    pub beside: Option<Layout>,
}
