//! The operator, and which elements share one sum.

use profile::Shape;

/// A softmax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Softmax(pub Along);

/// Which elements of an image share one sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// The channels of each pixel.
    Channels,
    /// Each column of a channel.
    Height,
    /// Each row of a channel.
    Width,
    /// All pixels of a channel.
    Map,
}

impl Along {
    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Channels => "channels",
            Self::Height => "height",
            Self::Width => "width",
            Self::Map => "map",
        }
    }

    /// The elements that share a sum with that at (n, c, h, w) of a map of shape `s`.
    pub(crate) fn places(
        self,
        s: Shape,
        [n, c, h, w]: [usize; 4],
    ) -> impl Iterator<Item = [usize; 4]> + Clone {
        let (channels, rows, columns) = match self {
            Self::Channels => (0..s.c, h..h + 1, w..w + 1),
            Self::Height => (c..c + 1, 0..s.h, w..w + 1),
            Self::Width => (c..c + 1, h..h + 1, 0..s.w),
            Self::Map => (c..c + 1, 0..s.h, 0..s.w),
        };
        channels.flat_map(move |c| {
            let columns = columns.clone();
            rows.clone().flat_map(move |h| columns.clone().map(move |w| [n, c, h, w]))
        })
    }

    /// The runs of pixels whose channels each share one sum, in a map of shape `s`.
    pub(crate) const fn runs(self, s: Shape) -> Runs {
        let image = s.h * s.w;
        match self {
            Self::Channels => Runs { count: s.n * image, len: 1, step: 1, beside: 1, apart: 1 },
            Self::Height => {
                Runs { count: s.n * s.w, len: s.h, step: s.w, beside: s.w, apart: image }
            }
            Self::Width => Runs { count: s.n * s.h, len: s.w, step: 1, beside: 1, apart: s.w },
            Self::Map => Runs { count: s.n, len: image, step: 1, beside: 1, apart: image },
        }
    }
}

/// Runs of pixels of all images.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runs {
    /// How many there are.
    pub count: usize,
    /// Pixels of each.
    pub len: usize,
    /// From each pixel of a run to the next.
    pub step: usize,
    /// So many runs begin side by side.
    pub beside: usize,
    /// From the first of these to the first of the next that do.
    pub apart: usize,
}

impl Runs {
    /// The first pixel of run `i`.
    pub const fn first(self, i: usize) -> usize {
        i / self.beside * self.apart + i % self.beside
    }
}
