//! Runs whose elements alternate, parted into runs of their own, and woven together again, in whole vectors.

use super::{PerVector, each_vector};
use crate::simd::{Lanes, deinterleave, interleave};

/// Whether so many runs can be parted and woven.
pub(crate) const fn weaves(parts: usize) -> bool {
    matches!(parts, 1 | 2 | 3 | 4 | 8 | 16)
}

/// Some runs of `len` elements each, `step` apart, as one run in which they alternate, or the reverse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strands {
    /// How many: one that [`weaves`] takes.
    pub parts: usize,
    pub len: usize,
    pub step: usize,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// One run to several.
    Part,
    /// Several runs to one.
    Weave,
}

impl Strands {
    /// Parts or weaves what is at these places behind `from` and `to`, from the first of each pair to the second.
    ///
    /// # Safety
    /// All are there, and do not overlap.
    #[inline(always)]
    pub unsafe fn run<L: Lanes>(
        self,
        way: Way,
        from: *const f32,
        to: *mut f32,
        places: &[(usize, usize)],
    ) {
        // SAFETY: passed on from the caller.
        unsafe {
            match self.parts {
                1 => self.of::<L, 1>(way, from, to, places),
                2 => self.of::<L, 2>(way, from, to, places),
                3 => self.of::<L, 3>(way, from, to, places),
                4 => self.of::<L, 4>(way, from, to, places),
                8 => self.of::<L, 8>(way, from, to, places),
                _ => self.of::<L, 16>(way, from, to, places),
            }
        }
    }

    /// The same for `G` parts.
    ///
    /// # Safety
    /// As [`Self::run`].
    #[inline(always)]
    unsafe fn of<L: Lanes, const G: usize>(
        self,
        way: Way,
        from: *const f32,
        to: *mut f32,
        places: &[(usize, usize)],
    ) {
        let Self { len, step, .. } = self;
        for &(read, write) in places {
            // SAFETY: passed on from the caller.
            unsafe {
                let (from, to) = (from.add(read), to.add(write));
                match way {
                    Way::Part => each_vector::<L>(len, Part::<G> { from, to, step }),
                    Way::Weave => each_vector::<L>(len, Weave::<G> { from, to, step }),
                }
            }
        }
    }
}

/// `G` runs made of one, walked over one of them.
#[derive(Clone, Copy)]
struct Part<const G: usize> {
    from: *const f32,
    to: *mut f32,
    step: usize,
}

impl<const G: usize> PerVector for Part<G> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        // SAFETY: `Strands` makes it over whole runs.
        unsafe {
            let parts = deinterleave::<L, G>(self.from.add(G * at), n);
            for (g, part) in parts.into_iter().enumerate() {
                part.store_up_to(self.to.add(g * self.step + at), n);
            }
        }
    }
}

/// The reverse.
#[derive(Clone, Copy)]
struct Weave<const G: usize> {
    from: *const f32,
    to: *mut f32,
    step: usize,
}

impl<const G: usize> PerVector for Weave<G> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, at: usize, n: usize) {
        let mut parts = [L::splat(0.0); G];
        for (g, part) in parts.iter_mut().enumerate() {
            // SAFETY: `Strands` makes it over whole runs.
            *part = unsafe { L::load_up_to(self.from.add(g * self.step + at), n) };
        }
        // SAFETY: as above.
        unsafe { interleave(parts, self.to.add(G * at), n) };
    }
}
