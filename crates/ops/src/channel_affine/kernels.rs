//! y = a·x + b, and functions like it, with a and b a channel made ready beforehand.
//!
//! Pixels of few channels make short runs. Where there are no gaps between pixels, a and b are
//! repeated for several of them, which then make one run. Several runs go side by side, so that a and b are
//! loaded once for all of them: loads would bind where the map is near. They lie as far apart as they can:
//! each walks through a part of the map of its own. (Alone in a loop, in place, 2.8 MB of 224 channels, eight
//! lanes: 160 GB/s with runs of neighbours, 169 so; 0.2 MB the other way round, 187 and 178. AMD EPYC Zen 4,
//! 2026-11-27.)

use super::definition::ChannelAffine;
use crate::{
    Epilogue,
    cpu::{
        AlignedBuffer, Bounds, CpuKernel, Cut, Function, Io, Kernel, ParallelFor, Pixels,
        RowsOfValues, Same, Site, machine::LINE, parallel_for, write_runs,
    },
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<ChannelAffine>] = &[CpuKernel {
    name: "scale_shift",
    fits: |_, _| true,
    prepare: |op, site| {
        let weights = site.weights.all();
        scale_shift((0..site.output.shape.c).map(|c| op.at(&weights, c)), site)
    },
}];

/// The kernel for a·x + b with these pairs (a, b), one a channel.
pub(crate) fn scale_shift(
    constants: impl Iterator<Item = (f64, f64)>,
    site: &Site<'_>,
) -> Box<dyn Kernel> {
    if site.epilogue == Epilogue::NONE {
        prepared(constants, site, (Affine, Same))
    } else {
        prepared(constants, site, (Affine, Bounds::of(site.epilogue)))
    }
}

/// The kernel for a·max(x, 0) + b·min(x, 0) with these pairs (a, b), one a channel.
pub(crate) fn two_slopes(
    constants: impl Iterator<Item = (f64, f64)>,
    site: &Site<'_>,
) -> Box<dyn Kernel> {
    prepared(constants, site, (TwoSlopes, Same))
}

fn prepared(
    constants: impl Iterator<Item = (f64, f64)>,
    site: &Site<'_>,
    functions: (impl OfConstants, impl Function),
) -> Box<dyn Kernel> {
    let shape = site.output.shape;
    let split = Cut::for_workers(shape.pixels(), 2 * shape.c, site.threads);
    parallel_for(ByChannel::new(constants, site, functions), site.isa, split)
}

/// A function of x and of two constants. Implementations are `#[inline(always)]`.
trait OfConstants: Copy + Send + Sync + 'static {
    fn of<L: Lanes>(self, x: L, a: L, b: L) -> L;
}

#[derive(Clone, Copy)]
struct Affine;

impl OfConstants for Affine {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L, a: L, b: L) -> L {
        b.fma(a, x)
    }
}

#[derive(Clone, Copy)]
struct TwoSlopes;

impl OfConstants for TwoSlopes {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L, a: L, b: L) -> L {
        let zero = L::splat(0.0);
        zero.max(x).mul(a).fma(b, zero.min(x))
    }
}

/// Runs that go side by side.
const ROWS: usize = 4;

struct ByChannel<G, F> {
    pixels: Pixels,
    /// The function, and what follows.
    functions: (G, F),
    /// Pixels to a run.
    together: usize,
    /// a and b for all channels of so many pixels.
    scale: AlignedBuffer,
    shift: AlignedBuffer,
}

impl<G: OfConstants, F: Function> ByChannel<G, F> {
    fn new(
        constants: impl Iterator<Item = (f64, f64)>,
        site: &Site<'_>,
        functions: (G, F),
    ) -> Self {
        let pixels = Pixels::over_gaps(site.inputs[0], site.output);
        let together = pixels.together();
        let (scale, shift): (Vec<f32>, Vec<f32>) =
            constants.map(|(a, b)| (a as f32, b as f32)).unzip();
        Self {
            pixels,
            functions,
            together,
            scale: repeated(scale, pixels.channels, together),
            shift: repeated(shift, pixels.channels, together),
        }
    }

    /// `R` runs of `len` elements each, from pixel `p` and every `apart` pixels after it on.
    ///
    /// # Safety
    /// The operands have these elements.
    #[inline(always)]
    unsafe fn runs<L: Lanes, const R: usize>(&self, io: &Io, p: usize, apart: usize, len: usize) {
        let at = |r: usize, pixel: usize| (p + r * apart) * pixel;
        // SAFETY: the caller vouches for the operands; scale and shift hold a value for every
        // element of a run.
        unsafe {
            let x = std::array::from_fn(|r| io.inputs[0].add(at(r, self.pixels.from)));
            let y = std::array::from_fn(|r| io.output.add(at(r, self.pixels.to)));
            let (scale, shift) = (self.scale.as_ptr(), self.shift.as_ptr());
            write_runs::<L, R>(len, y, Runs { x, scale, shift, functions: self.functions });
        }
    }
}

/// `values`, zeros up to `len` of them, all so many times, from the start of a cache line on: a vector that
/// lies on two is two loads.
fn repeated(mut values: Vec<f32>, len: usize, times: usize) -> AlignedBuffer {
    values.resize(len, 0.0);
    let mut all = AlignedBuffer::zeros(values.len() * times);
    all.as_mut_slice().iter_mut().zip(values.iter().cycle()).for_each(|(to, from)| *to = *from);
    all
}

impl<G: OfConstants, F: Function> ParallelFor for ByChannel<G, F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let (together, channels) = (self.together, self.pixels.channels);
        let apart = items.len() / (ROWS * together) * together;
        let side_by_side = items.start..items.start + apart;
        let rest = items.start + ROWS * apart..items.end;
        // After other operators the constants lie far away, on more lines than a walk along them asks
        // for at a time.
        for constants in [&self.scale, &self.shift] {
            constants.as_slice().chunks(LINE).for_each(|line| L::prefetch(line.as_ptr()));
        }
        // SAFETY: the caller vouches for the operands, which have the items.
        unsafe {
            for p in side_by_side.step_by(together) {
                self.runs::<L, ROWS>(io, p, apart, together * channels);
            }
            for p in rest.clone().step_by(together) {
                self.runs::<L, 1>(io, p, 0, together.min(rest.end - p) * channels);
            }
        }
    }
}

/// `R` runs.
#[derive(Clone, Copy)]
struct Runs<G, F, const R: usize> {
    x: [*const f32; R],
    scale: *const f32,
    shift: *const f32,
    functions: (G, F),
}

impl<G: OfConstants, F: Function, const R: usize> RowsOfValues<R> for Runs<G, F, R> {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> [L; R] {
        // SAFETY: `ByChannel` makes it over whole runs.
        let (scale, shift) =
            unsafe { (L::load_up_to(self.scale.add(at), n), L::load_up_to(self.shift.add(at), n)) };
        let (function, then) = self.functions;
        let mut y = [shift; R];
        for (y, x) in y.iter_mut().zip(self.x) {
            // SAFETY: as above.
            let x = unsafe { L::load_up_to(x.add(at), n) };
            *y = then.of(function.of(x, scale, shift));
        }
        y
    }
}
