//! Few channels, and a whole number of output columns to an input one: columns a whole pixel apart have the same shares,
//! so that they are mixed in vectors of them.
//!
//! ```text
//! part the channels of the row
//! for each channel, for each phase of the columns:
//!     for each vector of its columns: mix the K vectors under it
//! weave the phases of each channel, then the channels
//! ```

use super::{super::definition::Tap, mixed::Mixed};
use crate::{
    cpu::{Strands, Way, weaves, write_run},
    simd::Lanes,
};
use std::ops::Range;

/// Columns to either side of a strip that are kept with it.
const BESIDE: usize = 4;

/// Rows stretched by phases.
pub(super) struct Phases<const K: usize> {
    channels: usize,
    /// Columns of the input.
    width: usize,
    phases: Vec<Phase<K>>,
}

/// Output columns a whole input pixel apart.
struct Phase<const K: usize> {
    /// The first one's first tap, in columns, were there columns before the first.
    first: isize,
    shares: [f32; K],
}

impl<const K: usize> Phases<K> {
    /// Those of a resizing from rows of `width` columns, whose output columns have these taps; `None` where
    /// they are no phases, or channels not few enough.
    pub fn new(columns: &[[Tap; K]], width: usize, channels: usize) -> Option<Self> {
        let scale = columns.len() / width;
        let whole = columns.len().is_multiple_of(width) && scale > 1 && weaves(scale);
        if !whole || !weaves(channels) || width <= 2 * BESIDE {
            return None;
        }
        let middle = width / 2;
        let phase = |taps: &[Tap; K]| Phase {
            first: taps[0].at as isize - middle as isize,
            shares: taps.map(|tap| tap.share),
        };
        let phases: Vec<Phase<K>> = columns[middle * scale..][..scale].iter().map(phase).collect();
        let last = width as isize - 1;
        let right = |(column, taps): (usize, &[Tap; K])| {
            let phase = &phases[column % scale];
            let at = |k: usize| (column / scale) as isize + phase.first + k as isize;
            let place = |k: usize| at(k).clamp(0, last) as usize;
            (0..K).all(|k| taps[k].at == place(k) && taps[k].share == phase.shares[k])
        };
        let beside = BESIDE as isize;
        let near = |phase: &Phase<K>| (-beside..=beside - K as isize).contains(&phase.first);
        let fits = phases.iter().all(near) && columns.iter().enumerate().all(right);
        fits.then_some(Self { channels, width, phases })
    }

    /// Output columns to an input one.
    pub fn scale(&self) -> usize {
        self.phases.len()
    }

    /// Floats of scratch memory for a strip of so many output columns.
    pub fn scratch(&self, strip: usize) -> usize {
        self.channels * (2 * strip + strip / self.scale() + 2 * BESIDE)
    }

    /// Stretches a row of the input without gaps, of which `line` is the first pixel, to a strip of whole input columns.
    ///
    /// # Safety
    /// The row is there, `to` has room for the strip, and `scratch` has [`Self::scratch`].
    #[inline(always)]
    pub unsafe fn stretch<L: Lanes>(
        &self,
        strip: Range<usize>,
        line: *const f32,
        to: *mut f32,
        scratch: *mut f32,
    ) {
        let (scale, channels) = (self.scale(), self.channels);
        let (first, count) = (strip.start / scale, strip.len() / scale);
        let (before, after) = (first.min(BESIDE), (self.width - first - count).min(BESIDE));
        let room = count + 2 * BESIDE;
        // SAFETY: the caller vouches for the memory; each part of it has room for all channels.
        unsafe {
            let (mixed, woven) =
                (scratch.add(channels * room), scratch.add(channels * (room + strip.len())));
            let len = before + count + after;
            let row = Strands { parts: channels, len, step: room };
            let line = line.add((first - before) * channels);
            row.run::<L>(Way::Part, line, scratch.add(BESIDE - before), &[(0, 0)]);
            for c in 0..channels {
                let x = scratch.add(c * room);
                go_on(x, BESIDE - before..BESIDE + count + after, room);
                let (mixed, woven) = (mixed.add(c * strip.len()), woven.add(c * strip.len()));
                for (p, phase) in self.phases.iter().enumerate() {
                    let x = x.offset(BESIDE as isize + phase.first).cast_const();
                    let taps = std::array::from_fn(|k| x.add(k));
                    let mix = Mixed { taps, shares: phase.shares };
                    write_run::<L>(count, mixed.add(p * count), mix);
                }
                let of_phases = Strands { parts: scale, len: count, step: count };
                of_phases.run::<L>(Way::Weave, mixed, woven, &[(0, 0)]);
            }
            let all = Strands { parts: channels, len: strip.len(), step: strip.len() };
            all.run::<L>(Way::Weave, woven, to, &[(0, 0)]);
        }
    }
}

/// Writes the first and the last of the columns that are there to those beside them.
///
/// # Safety
/// `x` holds `room` columns.
#[inline(always)]
unsafe fn go_on(x: *mut f32, there: Range<usize>, room: usize) {
    // SAFETY: passed on from the caller.
    unsafe {
        let (first, last) = (f32::load(x.add(there.start)), f32::load(x.add(there.end - 1)));
        (0..there.start).for_each(|i| first.store(x.add(i)));
        (there.end..room).for_each(|i| last.store(x.add(i)));
    }
}
