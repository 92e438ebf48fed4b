//! Depthwise convolution, and convolution in groups of a few channels, a vector of channels at a time.
//!
//! ```text
//! for each slice of channels:                      (the input rows of a band stay in the L2 cache)
//!     for each band of up to 2 output rows, for each block of up to 4 pixels across:
//!         for each vector of channels:
//!             acc[i][b] ← bias
//!             for each input row r under the band, for each of its output rows i:
//!                 ky = r − i·stride; where that is a kernel row, for each kernel column kx:
//!                     acc[i][b] += input[r][b·stride + kx·dilation] · weight[ky][kx]
//!             output[i][b] ← clamp(acc[i][b])
//! ```
//!
//! A block's pixels share the loads of weights and of the inputs that their windows have in common,
//! and eight sums in flight hide the latency of a multiply-add. Channels that are no whole number of
//! vectors end with a vector that overlaps the one before.
//!
//! In groups of G channels, G a divisor of the lanes, a tap is G multiply-adds: for each k < G, the k-th
//! channel of every group is spread over the lanes of its group, and multiplied by what it weighs in each
//! of that group's outputs. Only whole groups are in a vector, so that nothing is multiplied by a zero.
//!
//! [`mod@square`] is that for the kernels that networks have, with sizes that the compiler knows; [`mod@any`]
//! takes all others, groups too. [`row_streaming`] goes along whole rows instead of in blocks.

mod any;
mod kernel;
mod row_streaming;
mod square;

pub(super) use any::{Depthwise, narrow_groups, suits_narrow_groups};
pub(super) use row_streaming::{
    ahead as walk_ahead, prepare as walk, suits as suits_walk, suits_ahead as suits_walk_ahead,
};
pub(super) use square::{prepare as square, suits as suits_square};

use super::Conv2d;
use crate::cpu::{
    AlignedBuffer, Cut, Site,
    machine::{L1, L2, LINE},
    tasks_for,
};
use std::ops::Range;

/// Output pixels across a full block.
const BLOCK: usize = 4;

/// Output rows of a full band.
const BAND: usize = 2;

/// Bytes of input that a slice of channels may have under one band: what a second-level cache keeps
/// until the next band needs half of it again.
const SLICE_BYTES: usize = L2 / 2;

/// Bytes of weights that a slice may have: about half of a first-level cache, so that they are still
/// there for the next block.
const WEIGHT_BYTES: usize = L1 * 3 / 8;

/// Channels that a slice has at least: two cache lines.
const SLICE: usize = 2 * LINE;

/// Multiply-adds below which a task is not worth handing out (a few microseconds).
const TASK_MUL_ADDS: usize = 50_000;

/// How the work is cut.
struct Items {
    /// Output rows of a band.
    band: usize,
    /// Bands of an image.
    bands: usize,
    /// Images.
    images: usize,
    /// Vectors of channels, cut into slices.
    slices: Cut,
    /// Bands of all slices and images.
    tasks: Cut,
}

/// Output rows of an image, and vectors of channels.
struct Item {
    image: usize,
    rows: Range<usize>,
    vectors: Range<usize>,
}

impl Items {
    /// With bands of `band` output rows.
    fn new(conv: &Conv2d, site: &Site<'_>, band: usize) -> Self {
        let output = site.output.shape;
        let bands = output.h.div_ceil(band);
        let mul_adds = output.elements() * steps(conv);
        let wanted = tasks_for(site.threads, mul_adds, TASK_MUL_ADDS);
        let slices = slices(conv, site, band).max(wanted.div_ceil(output.n * bands));
        // Two vectors and more a slice: the last one, which overlaps the one before, never reaches
        // into another slice, whose channels may be another task's.
        let slices = slices.min((conv.out / SLICE).max(1));
        let all = output.n * bands * slices;
        let vectors = conv.out.div_ceil(site.isa.lanes());
        let (slices, tasks) = (Cut::new(vectors, slices), Cut::new(all, wanted.min(all)));
        Self { band, bands, images: output.n, slices, tasks }
    }

    /// Some output rows of an image: slice by slice.
    fn rows(&self, image: usize, rows: Range<usize>) -> impl Iterator<Item = Item> {
        self.slices.all().flat_map(move |vectors| {
            rows.clone().step_by(self.band).map({
                let end = rows.end;
                move |first| Item {
                    image,
                    rows: first..(first + self.band).min(end),
                    vectors: vectors.clone(),
                }
            })
        })
    }

    /// What a task does, in an output of `height` rows: slice by slice.
    fn of_task(&self, task: usize, height: usize) -> impl Iterator<Item = Item> {
        self.tasks.part(task).map(move |i| {
            let (slice, i) = (i / (self.images * self.bands), i % (self.images * self.bands));
            let first = i % self.bands * self.band;
            Item {
                image: i / self.bands,
                rows: first..(first + self.band).min(height),
                vectors: self.slices.part(slice),
            }
        })
    }
}

/// Slices of channels whose inputs under a band, and whose weights, stay in their caches.
fn slices(conv: &Conv2d, site: &Site<'_>, band: usize) -> usize {
    let rows = (band - 1) * conv.stride.0 + (conv.kernel.0 - 1) * conv.dilation.0 + 1;
    let channels = conv.out * size_of::<f32>();
    let inputs = rows * site.inputs[0].shape.w * channels;
    inputs.div_ceil(SLICE_BYTES).max(((1 + steps(conv)) * channels).div_ceil(WEIGHT_BYTES))
}

/// Channels of a group: as many outputs as inputs.
const fn group(conv: &Conv2d) -> usize {
    conv.out / conv.groups
}

/// Multiply-adds to an output: one for each tap and channel of the group.
const fn steps(conv: &Conv2d) -> usize {
    conv.taps() * group(conv)
}

/// The first channel of vector `v` of `lanes`: the last vector overlaps the one before.
const fn first_channel(v: usize, lanes: usize, channels: usize) -> usize {
    let last = channels.saturating_sub(lanes);
    if v * lanes < last { v * lanes } else { last }
}

/// For each vector of channels: biases, then for each tap one vector for every channel of a group.
fn pack(conv: &Conv2d, site: &Site<'_>) -> AlignedBuffer {
    let (lanes, steps) = (site.isa.lanes(), steps(conv));
    let vectors = conv.out.div_ceil(lanes);
    let weights = site.weights.all();
    let mut packed = AlignedBuffer::zeros(vectors * lanes * (1 + steps));
    for v in 0..vectors {
        let of = &mut packed.as_mut_slice()[v * lanes * (1 + steps)..];
        let first = first_channel(v, lanes, conv.out);
        for (lane, c) in (first..conv.out).take(lanes).enumerate() {
            of[lane] = weights.get(1).map_or(0.0, |bias| bias.data()[c]);
            let kernels = &weights[0].data()[c * steps..][..steps];
            for (i, &weight) in kernels.iter().enumerate() {
                of[(1 + i) * lanes + lane] = weight;
            }
        }
    }
    packed
}

/// Input rows under `height` output rows of `k`×`k` windows at stride `s`.
const fn rows(k: usize, s: usize, height: usize) -> usize {
    (height - 1) * s + k
}
