//! y = f(x), vector by vector.

use super::{Unary, UnaryFn};
use crate::{
    cpu::{CpuKernel, Function, Io, Pixels, Ranged, Split, ranged},
    simd::{
        Lanes,
        math::{sigmoid, tanh},
    },
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Unary>] = &[CpuKernel {
    name: "map",
    fits: |_, _| true,
    prepare: |op, site| {
        let pixels = Pixels::new(site.inputs[0], site.output);
        let shape = site.output.shape;
        let split = Split::new(shape.pixels(), 2 * shape.c, site.threads);
        ranged(Map { function: op.0, pixels }, site.isa, split)
    },
}];

struct Map {
    function: UnaryFn,
    pixels: Pixels,
}

impl Ranged for Map {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let pass = Pass { pixels: self.pixels, x: io.inputs[0], y: io.output, items };
        // SAFETY: the caller vouches for the operands.
        unsafe { with::<L>(self.function, pass) }
    }
}

/// A loop that needs to know its function, so as not to decide anything inside. Implementations
/// are `#[inline(always)]`.
trait Loop {
    /// Runs it.
    ///
    /// # Safety
    /// As the implementation says.
    unsafe fn run<L: Lanes>(self, function: impl Function);
}

/// Runs `body` with `function`.
///
/// # Safety
/// As `body` says.
#[inline(always)]
unsafe fn with<L: Lanes>(function: UnaryFn, body: impl Loop) {
    // SAFETY: passed on from the caller.
    unsafe {
        match function {
            UnaryFn::Relu => body.run::<L>(Relu),
            UnaryFn::Relu6 => body.run::<L>(Relu6),
            UnaryFn::Sigmoid => body.run::<L>(Sigmoid),
            UnaryFn::Tanh => body.run::<L>(Tanh),
            UnaryFn::Silu => body.run::<L>(Silu),
            UnaryFn::HardSigmoid => body.run::<L>(HardSigmoid),
            UnaryFn::HardSwish => body.run::<L>(HardSwish),
            UnaryFn::OneMinus => body.run::<L>(OneMinus),
            UnaryFn::Scale(k) => body.run::<L>(Scale(k)),
        }
    }
}

/// From one map to another.
struct Pass {
    pixels: Pixels,
    x: *const f32,
    y: *mut f32,
    items: Range<usize>,
}

impl Loop for Pass {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, function: impl Function) {
        // SAFETY: the caller vouches for the maps.
        unsafe { self.pixels.map::<L>(function, self.x, self.y, self.items) }
    }
}

/// y ← f(y) for `channels` of each of `pixels` pixels that are `pitch` elements apart.
///
/// # Safety
/// `map` points at the first channel of the first pixel, and holds them all.
#[inline(always)]
pub(crate) unsafe fn in_place<L: Lanes>(
    function: UnaryFn,
    map: *mut f32,
    pixels: usize,
    pitch: usize,
    channels: usize,
) {
    // Without gaps all is one run: a masked vector a pixel would make each wait for the one before.
    let (pixels, channels) =
        if pitch == channels { (1, pixels * channels) } else { (pixels, channels) };
    // SAFETY: passed on from the caller.
    unsafe { with::<L>(function, InPlace { map, pixels, pitch, channels }) }
}

/// The operands of [`in_place`].
struct InPlace {
    map: *mut f32,
    pixels: usize,
    pitch: usize,
    channels: usize,
}

impl Loop for InPlace {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, function: impl Function) {
        for pixel in 0..self.pixels {
            // No element may be computed twice, so the last vector is masked, not overlapped.
            for c in (0..self.channels).step_by(L::N) {
                let n = (self.channels - c).min(L::N);
                // SAFETY: the caller vouches for the map.
                unsafe {
                    let at = self.map.add(pixel * self.pitch + c);
                    function.of(L::load_up_to(at, n)).store_up_to(at, n);
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Relu;

impl Function for Relu {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        x.max(L::splat(0.0))
    }
}

#[derive(Clone, Copy)]
struct Relu6;

impl Function for Relu6 {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        Relu.of(x).min(L::splat(6.0))
    }
}

#[derive(Clone, Copy)]
struct Sigmoid;

impl Function for Sigmoid {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        sigmoid(x)
    }
}

#[derive(Clone, Copy)]
struct Tanh;

impl Function for Tanh {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        tanh(x)
    }
}

#[derive(Clone, Copy)]
struct Silu;

impl Function for Silu {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        x.mul(sigmoid(x))
    }
}

#[derive(Clone, Copy)]
struct HardSigmoid;

impl Function for HardSigmoid {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        Relu6.of(x.add(L::splat(3.0))).mul(L::splat(1.0 / 6.0))
    }
}

#[derive(Clone, Copy)]
struct HardSwish;

impl Function for HardSwish {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        x.mul(HardSigmoid.of(x))
    }
}

#[derive(Clone, Copy)]
struct OneMinus;

impl Function for OneMinus {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        L::splat(1.0).sub(x)
    }
}

#[derive(Clone, Copy)]
struct Scale(f32);

impl Function for Scale {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        x.mul(L::splat(self.0))
    }
}
