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
        let (pixels, x, y) = (self.pixels, io.inputs[0], io.output);
        // SAFETY: the caller vouches for the operands. One loop a function, so that none decides
        // anything inside.
        unsafe {
            match self.function {
                UnaryFn::Relu => pixels.map::<L>(Relu, x, y, items),
                UnaryFn::Relu6 => pixels.map::<L>(Relu6, x, y, items),
                UnaryFn::Sigmoid => pixels.map::<L>(Sigmoid, x, y, items),
                UnaryFn::Tanh => pixels.map::<L>(Tanh, x, y, items),
                UnaryFn::Silu => pixels.map::<L>(Silu, x, y, items),
                UnaryFn::HardSigmoid => pixels.map::<L>(HardSigmoid, x, y, items),
                UnaryFn::HardSwish => pixels.map::<L>(HardSwish, x, y, items),
                UnaryFn::OneMinus => pixels.map::<L>(OneMinus, x, y, items),
                UnaryFn::Scale(k) => pixels.map::<L>(Scale(k), x, y, items),
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
