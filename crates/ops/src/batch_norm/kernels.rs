//! y = a·x + b with a and b a channel made ready beforehand.
//!
//! Pixels of few channels make short runs. Where there are no gaps between pixels, a and b are
//! repeated for several of them, which then make one run. Several runs go side by side, so that a and b are
//! loaded once for all of them: loads would bind where the map is near.

use super::BatchNorm;
use crate::{
    cpu::{
        Bounds, CpuKernel, Io, Lines, Pixels, Ranged, RowsOfValues, Site, Split, ranged, write_runs,
    },
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<BatchNorm>] = &[CpuKernel {
    name: "scale_shift",
    fits: |_, _| true,
    prepare: |op, site| {
        let shape = site.output.shape;
        let split = Split::new(shape.pixels(), 2 * shape.c, site.threads);
        ranged(ScaleShift::new(op, site), site.isa, split)
    },
}];

/// Runs that go side by side.
const ROWS: usize = 4;

struct ScaleShift {
    pixels: Pixels,
    bounds: Bounds,
    /// Pixels to a run.
    together: usize,
    /// a and b for all channels of so many pixels.
    scale: Lines,
    shift: Lines,
}

impl ScaleShift {
    fn new(op: &BatchNorm, site: &Site<'_>) -> Self {
        let pixels = Pixels::new(site.inputs[0], site.output);
        let together = pixels.together();
        let (scale, shift): (Vec<f32>, Vec<f32>) = op
            .scale_and_shift(&site.weights.all())
            .into_iter()
            .map(|(a, b)| (a as f32, b as f32))
            .unzip();
        Self {
            pixels,
            bounds: Bounds::of(site.epilogue),
            together,
            scale: repeated(&scale, together),
            shift: repeated(&shift, together),
        }
    }

    /// `R` runs of `len` elements each from pixel `p` on.
    ///
    /// # Safety
    /// The operands have these elements.
    #[inline(always)]
    unsafe fn runs<L: Lanes, const R: usize>(&self, io: &Io, p: usize, len: usize) {
        let at = |r: usize, pixel: usize| (p + r * self.together) * pixel;
        // SAFETY: the caller vouches for the operands; scale and shift hold a value for every
        // element of a run.
        unsafe {
            let x = std::array::from_fn(|r| io.inputs[0].add(at(r, self.pixels.from)));
            let y = std::array::from_fn(|r| io.output.add(at(r, self.pixels.to)));
            let (scale, shift) = (self.scale.as_ptr(), self.shift.as_ptr());
            write_runs::<L, R>(len, y, Runs { x, scale, shift, bounds: self.bounds });
        }
    }
}

/// `values` so many times, from the start of a cache line on: a vector that lies on two is two loads.
fn repeated(values: &[f32], times: usize) -> Lines {
    let mut all = Lines::zeros(values.len() * times);
    all.as_mut_slice().iter_mut().zip(values.iter().cycle()).for_each(|(to, from)| *to = *from);
    all
}

impl Ranged for ScaleShift {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let (together, channels) = (self.together, self.pixels.channels);
        let mut p = items.start;
        while p < items.end {
            let left = items.end - p;
            // SAFETY: the caller vouches for the operands, which have the items.
            unsafe {
                if left >= ROWS * together {
                    self.runs::<L, ROWS>(io, p, together * channels);
                    p += ROWS * together;
                } else {
                    self.runs::<L, 1>(io, p, together.min(left) * channels);
                    p += together;
                }
            }
        }
    }
}

/// `R` runs.
#[derive(Clone, Copy)]
struct Runs<const R: usize> {
    x: [*const f32; R],
    scale: *const f32,
    shift: *const f32,
    bounds: Bounds,
}

impl<const R: usize> RowsOfValues<R> for Runs<R> {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> [L; R] {
        // SAFETY: `ScaleShift` makes it over whole runs.
        unsafe {
            let scale = L::load_up_to(self.scale.add(at), n);
            let shift = L::load_up_to(self.shift.add(at), n);
            let mut y = [shift; R];
            for (y, x) in y.iter_mut().zip(self.x) {
                *y = self.bounds.clamp(shift.fma(scale, L::load_up_to(x.add(at), n)));
            }
            y
        }
    }
}
