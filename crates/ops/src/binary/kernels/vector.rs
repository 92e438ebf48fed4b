//! The functions, lane by lane, and the loops over pixels that hold a and b element by element.

use crate::{
    Epilogue,
    cpu::{Bounds, Io, Layout, Values, write_run},
    simd::Lanes,
};
use std::ops::Range;

/// A function of two numbers. Implementations are `#[inline(always)]`.
pub(crate) trait Function2: Copy + Send + Sync + 'static {
    fn of<L: Lanes>(self, a: L, b: L) -> L;
}

/// `Name(a, b) => value`: a function of lanes.
macro_rules! functions {
    ($($name:ident ($a:ident, $b:ident) => $value:expr;)*) => {
        $(
            #[derive(Clone, Copy)]
            pub(crate) struct $name;

            impl Function2 for $name {
                #[inline(always)]
                fn of<L: Lanes>(self, $a: L, $b: L) -> L {
                    $value
                }
            }
        )*
    };
}

functions! {
    Add(a, b) => a.add(b);
    Mul(a, b) => a.mul(b);
    Sub(a, b) => a.sub(b);
    ReverseSub(a, b) => b.sub(a);
    Div(a, b) => a.div(b);
    ReverseDiv(a, b) => b.div(a);
    Max(a, b) => a.max(b);
    Min(a, b) => a.min(b);
}

/// One run: b holds as many elements as a, or one where `ONE`.
#[derive(Clone, Copy)]
pub(super) struct Run<F, const ONE: bool> {
    pub function: F,
    pub bounds: Bounds,
    pub a: *const f32,
    pub b: *const f32,
}

impl<F: Function2, const ONE: bool> Values for Run<F, ONE> {
    #[inline(always)]
    unsafe fn of<L: Lanes>(self, at: usize, n: usize) -> L {
        // SAFETY: those who make it do so over whole runs.
        unsafe {
            let a = L::load_up_to(self.a.add(at), n);
            let b = if ONE { L::broadcast(self.b) } else { L::load_up_to(self.b.add(at), n) };
            self.bounds.clamp(self.function.of(a, b))
        }
    }
}

/// Two maps of one size.
pub(crate) struct Zip<F> {
    function: F,
    bounds: Bounds,
    channels: usize,
    /// Elements from pixel to pixel of a, b and y.
    pixel: [usize; 3],
}

impl<F: Function2> Zip<F> {
    /// Over maps that lie so: a, b and y.
    pub fn new(function: F, [a, b, y]: [Layout; 3], epilogue: Epilogue) -> Self {
        let channels = y.channels_over_gaps(&[a, b]);
        let bounds = Bounds::of(epilogue);
        Self { function, bounds, channels, pixel: [a.pixel, b.pixel, y.pixel] }
    }

    /// Elements from pixel to pixel of b.
    pub const fn pixel_of_b(&self) -> usize {
        self.pixel[1]
    }

    /// Computes these pixels; b's first stands at `b`.
    ///
    /// # Safety
    /// The operands hold the pixels, and b as many from there on.
    #[inline(always)]
    pub unsafe fn pixels<L: Lanes>(&self, io: &Io, pixels: Range<usize>, b: *const f32) {
        let Self { function, bounds, channels, pixel } = *self;
        // Without gaps all pixels are one run.
        let (runs, len) = if pixel == [channels; 3] {
            (1, pixels.len() * channels)
        } else {
            (pixels.len(), channels)
        };
        for i in 0..runs {
            let p = pixels.start + i;
            // SAFETY: the caller vouches for the operands.
            unsafe {
                let a = io.inputs[0].add(p * pixel[0]);
                let y = io.output.add(p * pixel[2]);
                let b = b.add(i * pixel[1]);
                write_run::<L>(len, y, Run::<F, false> { function, bounds, a, b });
            }
        }
    }

    /// The same of a b that has one value a pixel.
    ///
    /// # Safety
    /// As [`Self::pixels`].
    #[inline(always)]
    pub unsafe fn values<L: Lanes>(&self, io: &Io, pixels: Range<usize>, b: *const f32) {
        let Self { function, bounds, channels, pixel } = *self;
        let start = pixels.start;
        for p in pixels {
            // SAFETY: the caller vouches for the operands.
            unsafe {
                let (a, y) = (io.inputs[0].add(p * pixel[0]), io.output.add(p * pixel[2]));
                let b = b.add((p - start) * pixel[1]);
                write_run::<L>(channels, y, Run::<F, true> { function, bounds, a, b });
            }
        }
    }
}
