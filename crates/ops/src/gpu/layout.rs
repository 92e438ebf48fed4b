//! How maps lie where several share the memory of one.

use super::quads;
use profile::Shape;

/// How a map lies in memory: channel c of pixel p is channel [`at(c)`](Self::at) of the p-th run of `pitch` quads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Quads of one of the map's pixels.
    pub own: usize,
    /// Quads from one pixel to the next.
    pub pitch: usize,
    /// Where channel 0 of pixel 0 is, in channels.
    pub first: usize,
    /// Channels from one of the map's to its next: 1 or 2 where they are read.
    pub step: usize,
    /// Channels after which steps begin anew, one channel on: those of a map that is written shuffled. None where
    /// that is the largest number.
    pub round: usize,
}

/// Which channel channel `c` is of those from `first` on, in steps that begin anew after a round, one channel on.
pub(super) const fn channel_at(first: usize, step: usize, round: usize, c: usize) -> usize {
    first + c * step % round + c * step / round
}

impl Layout {
    /// Alone in its memory.
    pub const fn whole(shape: Shape) -> Self {
        let own = quads(shape.c);
        Self { own, pitch: own, first: 0, step: 1, round: usize::MAX }
    }

    /// Which channel of a run channel `c` is.
    pub const fn at(self, c: usize) -> usize {
        channel_at(self.first, self.step, self.round, c)
    }

    /// Whether it is written channel by channel.
    pub const fn is_shuffled(self) -> bool {
        self.step > 1 && self.round < usize::MAX
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
