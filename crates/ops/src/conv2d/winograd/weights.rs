//! The kernels' values at the points: kept, or made from the taps whenever they are needed.
//!
//! At the points there are (m + 2)²/9 times as many values as taps: 4 times for F(4×4, 3×3). Layers of
//! large maps have few weights, and keep their values. Those of small maps have most of a network's: kept,
//! they would multiply its memory, so every run makes them anew, a block at a time in the nearest caches. That
//! takes about as long as reading them: 0.86 to 1.17 of the time on the 16×16 to 7×7 maps of ResNet-18, GoogLeNet
//! and Highway-19, and 0.62 for ResNet-18's 7×7 on AVX2 (medians of three runs of each in turn, one thread, Zen
//! 4, 2026-11-27). Larger maps of few channels make theirs, too.

#![expect(clippy::needless_range_loop, reason = "points are told by their indices")]

use super::{
    super::gemm::{Generate, Generated, Product, ProductRows, WeightBlock},
    transform::Transform,
};
use crate::{
    Tensor, Weights,
    cpu::machine::L2,
    simd::{Isa, Lanes},
};
use profile::Shape;
use std::{marker::PhantomData, ops::Range};

/// Pixels from which a map's layer keeps its values,
const KEPT_FROM: usize = 24 * 24;

/// unless its transformed inputs are no more floats than these, which stay in a second-level cache from
/// panel to panel.
const FEW_INPUTS: usize = L2 / size_of::<f32>();

/// Taps of a 3×3 kernel.
const TAPS: usize = 9;

/// The kernels' values at `IN`×`IN` points.
pub(super) enum TransformedWeights<T, const IN: usize, const OUT: usize> {
    /// A product a point, in the order of the points.
    Kept(Product),
    /// As many products, made from the taps.
    Generated(Generated<Points<T, IN, OUT>>),
}

impl<T: Transform<IN, OUT>, const IN: usize, const OUT: usize> TransformedWeights<T, IN, OUT> {
    /// Of 3×3 kernels O×I×3×3 for an output map, at least so many tiles of it at a time.
    pub fn new(kernels: &Weights<'_>, output: Shape, tiles: usize, isa: Isa) -> Self {
        let s = kernels.kernel().unwrap_or(Shape::features(0, 0));
        let inputs = IN * IN * output.area() * s.c / (OUT * OUT);
        match output.area() < KEPT_FROM || inputs <= FEW_INPUTS {
            true => {
                let values = Shape::features(s.n, TAPS * s.c);
                Self::Generated(Generated::new(values, isa, tiles, |outputs| {
                    tap_by_tap(&kernels.of_outputs(outputs.clone())[0], outputs)
                }))
            }
            false => {
                let matrices = at_points::<T, IN, OUT>(&kernels.all()[0]);
                let matrices = Weights::held(vec![matrices]);
                Self::Kept(Product::new(&matrices, IN * IN, 1, isa))
            }
        }
    }

    /// Whether each run makes them.
    pub const fn are_made(&self) -> bool {
        matches!(self, Self::Generated(_))
    }

    /// Panels of output channels.
    pub const fn panels(&self) -> usize {
        match self {
            Self::Kept(product) => product.panels(),
            Self::Generated(made) => made.panels(),
        }
    }

    /// Output channels of some panels.
    pub const fn channels(&self, panels: &Range<usize>) -> Range<usize> {
        match self {
            Self::Kept(product) => product.channels(panels),
            Self::Generated(made) => made.channels(panels),
        }
    }

    /// Bytes that it keeps.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Kept(product) => product.bytes(),
            Self::Generated(made) => made.bytes(),
        }
    }

    /// Floats of scratch memory that [`Self::run`] needs.
    pub const fn scratch(&self) -> usize {
        match self {
            Self::Kept(_) => 0,
            Self::Generated(made) => made.scratch(),
        }
    }

    /// Multiplies `rows` by some panels at each point.
    ///
    /// # Safety
    /// Each row has the inputs of all points behind its pointers, and room for the panels' channels;
    /// `scratch` holds [`Self::scratch`] floats.
    pub unsafe fn run(&self, panels: Range<usize>, rows: ProductRows, scratch: &mut [f32]) {
        match self {
            Self::Kept(product) => {
                for first in (0..IN * IN).map(|point| point * product.panels()) {
                    // SAFETY: passed on from the caller.
                    unsafe { product.run(first + panels.start..first + panels.end, rows) };
                }
            }
            // SAFETY: passed on from the caller.
            Self::Generated(made) => unsafe { made.run(panels, rows, scratch) },
        }
    }
}

/// Makes nine taps' values at the points.
pub(super) struct Points<T, const IN: usize, const OUT: usize>(PhantomData<T>);

impl<T: Transform<IN, OUT>, const IN: usize, const OUT: usize> Generate for Points<T, IN, OUT> {
    const VALUES: usize = TAPS;
    /// A row of points.
    const GROUPS: usize = IN;
    const OF_GROUP: usize = IN;

    #[inline(always)]
    unsafe fn make<L: Lanes>(y: usize, of: WeightBlock) {
        // SAFETY: passed on from the caller. Where y is known, a row's points cost a few operations.
        unsafe {
            match y {
                0 => row::<T, L, IN, OUT>(0, of),
                1 => row::<T, L, IN, OUT>(1, of),
                2 => row::<T, L, IN, OUT>(2, of),
                3 => row::<T, L, IN, OUT>(3, of),
                4 => row::<T, L, IN, OUT>(4, of),
                _ => row::<T, L, IN, OUT>(5, of),
            }
        }
    }
}

/// Makes row `y` of the points, which the compiler should know.
///
/// # Safety
/// As [`Generate::make`].
#[inline(always)]
unsafe fn row<T, L, const IN: usize, const OUT: usize>(y: usize, of: WeightBlock)
where
    T: Transform<IN, OUT>,
    L: Lanes,
{
    for k in 0..of.count {
        for c in (0..of.width).step_by(L::N) {
            let mut columns = [L::splat(0.0); 3];
            for x in 0..3 {
                // SAFETY: the caller vouches for a vector at each tap.
                let taps = unsafe {
                    let top = of.from.add((k * TAPS + x) * of.width + c);
                    [L::load(top), L::load(top.add(3 * of.width)), L::load(top.add(6 * of.width))]
                };
                columns[x] = T::weight(taps, y);
            }
            let points = T::weights(columns);
            for x in 0..IN {
                // SAFETY: the caller vouches for room at each point.
                unsafe { points[x].store(of.to.add(x * of.pitch + k * of.width + c)) };
            }
        }
    }
}

/// Some outputs' kernels as features: input channel by input channel, each its taps.
fn tap_by_tap(kernels: &Tensor, outputs: Range<usize>) -> Tensor {
    let inputs = kernels.shape().c;
    let taps = outputs.clone().flat_map(|o| {
        let of_output = kernels.row(o);
        (0..inputs).flat_map(move |i| of_output[i..].iter().step_by(inputs).copied())
    });
    let shape = Shape::features(outputs.len(), TAPS * inputs);
    Tensor::from_nhwc(shape, taps.collect()).as_rows_from(outputs.start)
}

/// Kernels at the points: a matrix of output by input channels a point.
fn at_points<T: Transform<IN, OUT>, const IN: usize, const OUT: usize>(kernels: &Tensor) -> Tensor {
    let s = kernels.shape();
    let mut at = vec![0.0; IN * IN * s.n * s.c];
    for (o, i) in (0..s.n).flat_map(|o| (0..s.c).map(move |i| (o, i))) {
        let tap = |y, x| kernels.data()[kernels.offset([o, i, y, x])];
        let columns: [[f32; IN]; 3] =
            std::array::from_fn(|x| T::weights(std::array::from_fn(|y| tap(y, x))));
        for y in 0..IN {
            let row = T::weights(std::array::from_fn(|x| columns[x][y]));
            for x in 0..IN {
                at[((y * IN + x) * s.n + o) * s.c + i] = row[x];
            }
        }
    }
    Tensor::from_nhwc(Shape::features(IN * IN * s.n, s.c), at)
}
