//! y = f(x), vector by vector.

use super::{
    Unary, UnaryFn,
    function::halves,
    vector::{
        Absolute, Ceil, Clip, ErrorFunction, Exponential, ExponentialLinear, Floor, Gelu, GeluTanh,
        HardSigmoid, HardSwish, KMinus, KOver, LeakyRelu, Logarithm, Mish, Offset, OneMinus, Power,
        QuickGelu, Ramp, Reciprocal, Relu, Relu6, Root, Round, Scale, Sigmoid, Sign, Silu,
        Softplus, Softsign, Square, Swish, Tanh, ThresholdedRelu,
    },
};
use crate::{
    cpu::{CpuKernel, Cut, Function, Io, ParallelFor, Pixels, parallel_for},
    simd::Lanes,
};
use std::ops::Range;

/// The kernels, best first.
pub(super) static KERNELS: &[CpuKernel<Unary>] = &[CpuKernel {
    name: "map",
    fits: |_, _| true,
    prepare: |op, site| {
        let pixels = Pixels::over_gaps(site.inputs[0], site.output);
        let shape = site.output.shape;
        let split = Cut::for_workers(shape.pixels(), 2 * shape.c, site.threads);
        parallel_for(Map { function: op.0, pixels }, site.isa, split)
    },
}];

struct Map {
    function: UnaryFn,
    pixels: Pixels,
}

impl ParallelFor for Map {
    #[inline(always)]
    unsafe fn run<L: Lanes>(&self, io: &Io, items: Range<usize>, _: *mut f32) {
        let pass = Pass { pixels: self.pixels, x: io.inputs[0], y: io.output, items };
        // SAFETY: the caller vouches for the operands.
        unsafe { with::<L>(self.function, pass) }
    }
}

/// Runs `pass` with `function`.
///
/// # Safety
/// As [`Pixels::map`].
#[inline(always)]
unsafe fn with<L: Lanes>(function: UnaryFn, pass: Pass) {
    // SAFETY: passed on from the caller.
    unsafe {
        match function {
            UnaryFn::Relu => pass.run::<L>(Relu),
            UnaryFn::Relu6 => pass.run::<L>(Relu6),
            UnaryFn::Sigmoid => pass.run::<L>(Sigmoid),
            UnaryFn::Tanh => pass.run::<L>(Tanh),
            UnaryFn::Silu => pass.run::<L>(Silu),
            UnaryFn::HardSigmoid => pass.run::<L>(HardSigmoid),
            UnaryFn::HardSwish => pass.run::<L>(HardSwish),
            UnaryFn::OneMinus => pass.run::<L>(OneMinus),
            UnaryFn::Scale(k) => pass.run::<L>(Scale(k)),
            UnaryFn::Offset(k) => pass.run::<L>(Offset(k)),
            UnaryFn::Clip(low, high) => pass.run::<L>(Clip(low, high)),
            UnaryFn::LeakyRelu(a) => pass.run::<L>(LeakyRelu(a)),
            UnaryFn::Gelu => pass.run::<L>(Gelu),
            UnaryFn::GeluTanh => pass.run::<L>(GeluTanh),
            UnaryFn::QuickGelu => pass.run::<L>(QuickGelu),
            UnaryFn::Elu(_) | UnaryFn::Selu | UnaryFn::Celu(_) => {
                let (positive, negative, inner) = function.branches().unwrap_or_default();
                pass.run::<L>(ExponentialLinear(positive, negative, inner));
            }
            UnaryFn::Softplus => pass.run::<L>(Softplus),
            UnaryFn::Mish => pass.run::<L>(Mish),
            UnaryFn::Abs => pass.run::<L>(Absolute),
            UnaryFn::Exp => pass.run::<L>(Exponential),
            UnaryFn::Sqrt => pass.run::<L>(Root),
            UnaryFn::Square => pass.run::<L>(Square),
            UnaryFn::Reciprocal => pass.run::<L>(Reciprocal),
            UnaryFn::KMinus(k) => pass.run::<L>(KMinus(k)),
            UnaryFn::KOver(k) => pass.run::<L>(KOver(k)),
            UnaryFn::Pow(exponent) => pass.run::<L>(Power { exponent, halves: halves(exponent) }),
            UnaryFn::Log => pass.run::<L>(Logarithm),
            UnaryFn::Erf => pass.run::<L>(ErrorFunction),
            UnaryFn::Softsign => pass.run::<L>(Softsign),
            UnaryFn::Swish(beta) => pass.run::<L>(Swish(beta)),
            UnaryFn::Ramp(a, b) => pass.run::<L>(Ramp(a, b)),
            UnaryFn::ThresholdedRelu(a) => pass.run::<L>(ThresholdedRelu(a)),
            UnaryFn::Sign => pass.run::<L>(Sign),
            UnaryFn::Floor => pass.run::<L>(Floor),
            UnaryFn::Ceil => pass.run::<L>(Ceil),
            UnaryFn::Round => pass.run::<L>(Round),
        }
    }
}

/// From one map to another, or to itself.
struct Pass {
    pixels: Pixels,
    x: *const f32,
    y: *mut f32,
    items: Range<usize>,
}

impl Pass {
    /// Runs it with a function known to the compiler, so that nothing is decided inside.
    ///
    /// # Safety
    /// As [`Pixels::map`].
    #[inline(always)]
    unsafe fn run<L: Lanes>(self, function: impl Function) {
        // SAFETY: passed on from the caller.
        unsafe { self.pixels.map::<L>(function, self.x, self.y, self.items) }
    }
}

/// y ← f(y) for `channels` of each of `pixels` pixels that are `pitch` elements apart.
///
/// # Safety
/// `map` points at the first channel of the first pixel, and holds them all.
#[inline(always)]
pub(super) unsafe fn in_place<L: Lanes>(
    function: UnaryFn,
    map: *mut f32,
    pixels: usize,
    pitch: usize,
    channels: usize,
) {
    let pixel = Pixels { channels, from: pitch, to: pitch };
    // SAFETY: passed on from the caller.
    unsafe { with::<L>(function, Pass { pixels: pixel, x: map, y: map, items: 0..pixels }) }
}
