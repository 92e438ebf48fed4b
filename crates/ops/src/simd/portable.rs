//! Lanes without vector instructions: one float, and arrays of any width.
//!
//! A lone `f32` is the scalar instruction set. [`Portable`] has any number of lanes, so that kernels can be
//! tested with one that no instruction set at hand has, and with memory that they must not touch. Its
//! methods are never inlined: unrolled kernels over wide arrays would take minutes to compile.

#[cfg(test)]
use super::guard::touch;
use super::{Lanes, lanes::ROOT_OF_HALF};

/// Tests hear of every access here; elsewhere it is nothing.
#[cfg(not(test))]
#[inline(always)]
const fn touch(_: *const f32, _: usize) {}

/// `N` floats in an array.
#[derive(Clone, Copy, Debug)]
pub struct Portable<const N: usize>([f32; N]);

impl<const N: usize> Portable<N> {
    #[inline(always)]
    fn zip(self, o: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], o.0[i])))
    }

    #[inline(always)]
    fn map(self, f: impl Fn(f32) -> f32) -> Self {
        Self(self.0.map(f))
    }
}

/// 2^x for an integral x in −126 ..= 127, by writing the exponent's bits.
#[inline(always)]
fn exp2_of_integer(x: f32) -> f32 {
    f32::from_bits(((x as i32 + 127) as u32) << 23)
}

/// (m, k) with x = m·2ᵏ and √½ ≤ m < √2, by moving the exponent's bits.
#[inline(always)]
const fn mantissa_and_exponent(x: f32) -> (f32, f32) {
    let bits = x.to_bits().cast_signed();
    let k = bits.wrapping_sub(ROOT_OF_HALF) >> 23;
    (f32::from_bits(bits.wrapping_sub(k << 23).cast_unsigned()), k as f32)
}

// SAFETY: plain array code needs no instruction set; loads and stores touch the elements named.
unsafe impl<const N: usize> Lanes for Portable<N> {
    const N: usize = N;
    /// Four lanes are like NEON's, so that tests on any processor see what kernels do with those.
    const REGISTERS: usize = if N >= 16 || N == 4 { 32 } else { 16 };
    const BY_LANE: bool = N == 4;

    #[inline(never)]
    fn splat(x: f32) -> Self {
        Self([x; N])
    }
    #[inline(never)]
    unsafe fn load(p: *const f32) -> Self {
        touch(p, N);
        // SAFETY: the caller vouches for N elements.
        Self(std::array::from_fn(|i| unsafe { p.add(i).read() }))
    }
    #[inline(never)]
    unsafe fn load_first(p: *const f32, n: usize) -> Self {
        touch(p, n);
        // SAFETY: the caller vouches for n elements; no lane past them is read.
        Self(std::array::from_fn(|i| if i < n { unsafe { p.add(i).read() } } else { 0.0 }))
    }
    #[inline(never)]
    unsafe fn broadcast(p: *const f32) -> Self {
        touch(p, 1);
        // SAFETY: the caller vouches for one element.
        Self([unsafe { p.read() }; N])
    }
    #[inline(never)]
    unsafe fn store(self, p: *mut f32) {
        touch(p, N);
        // SAFETY: the caller vouches for N elements.
        (0..N).for_each(|i| unsafe { p.add(i).write(self.0[i]) });
    }
    #[inline(never)]
    unsafe fn store_first(self, p: *mut f32, n: usize) {
        touch(p, n);
        // SAFETY: the caller vouches for n elements.
        (0..n).for_each(|i| unsafe { p.add(i).write(self.0[i]) });
    }
    #[inline(never)]
    fn fma(self, a: Self, b: Self) -> Self {
        // Not `mul_add`: without an FMA instruction that is a slow library call.
        Self(std::array::from_fn(|i| self.0[i] + a.0[i] * b.0[i]))
    }
    #[inline(never)]
    fn add(self, o: Self) -> Self {
        self.zip(o, |a, b| a + b)
    }
    #[inline(never)]
    fn sub(self, o: Self) -> Self {
        self.zip(o, |a, b| a - b)
    }
    #[inline(never)]
    fn mul(self, o: Self) -> Self {
        self.zip(o, |a, b| a * b)
    }
    #[inline(never)]
    fn div(self, o: Self) -> Self {
        self.zip(o, |a, b| a / b)
    }
    #[inline(never)]
    fn max(self, o: Self) -> Self {
        self.zip(o, |a, b| if a > b { a } else { b })
    }
    #[inline(never)]
    fn min(self, o: Self) -> Self {
        self.zip(o, |a, b| if a < b { a } else { b })
    }
    #[inline(never)]
    fn sqrt(self) -> Self {
        self.map(f32::sqrt)
    }
    #[inline(never)]
    fn inverse_sqrt_estimate(self) -> Self {
        self.map(Lanes::inverse_sqrt_estimate)
    }
    #[inline(never)]
    fn round(self) -> Self {
        self.map(f32::round_ties_even)
    }
    #[inline(never)]
    fn exp2_of_integer(self) -> Self {
        self.map(exp2_of_integer)
    }
    #[inline(never)]
    fn mantissa_and_exponent(self) -> (Self, Self) {
        (self.map(|x| mantissa_and_exponent(x).0), self.map(|x| mantissa_and_exponent(x).1))
    }
    #[inline(never)]
    fn spread<const G: usize>(self, k: usize) -> Self {
        Self(std::array::from_fn(|i: usize| self.0[i / G * G + k]))
    }
    #[inline(never)]
    fn interleave(self, o: Self) -> (Self, Self) {
        let lane = |i: usize| if i.is_multiple_of(2) { self.0[i / 2] } else { o.0[i / 2] };
        (Self(std::array::from_fn(lane)), Self(std::array::from_fn(|i| lane(N + i))))
    }
    #[inline(never)]
    fn deinterleave(self, o: Self) -> (Self, Self) {
        let lane = |i: usize| if i < N { self.0[i] } else { o.0[i - N] };
        (Self(std::array::from_fn(|i| lane(2 * i))), Self(std::array::from_fn(|i| lane(2 * i + 1))))
    }
    #[inline(never)]
    fn interleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        let third = |k: usize| {
            Self(std::array::from_fn(|i: usize| [self, o, p][(k + i) % 3].0[(k + i) / 3]))
        };
        (third(0), third(N), third(2 * N))
    }
    #[inline(never)]
    fn deinterleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        let third = |k: usize| {
            let from = |i: usize| 3 * i + k;
            Self(std::array::from_fn(|i| [self, o, p][from(i) / N].0[from(i) % N]))
        };
        (third(0), third(1), third(2))
    }
    #[inline(never)]
    fn sum(self) -> f32 {
        self.0.iter().sum()
    }
    #[inline(never)]
    fn largest(self) -> f32 {
        self.0.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }
}

// SAFETY: plain scalar code needs no instruction set; loads and stores touch one element.
unsafe impl Lanes for f32 {
    const N: usize = 1;
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        x
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        // SAFETY: the caller vouches for one element.
        unsafe { p.read() }
    }
    #[inline(always)]
    unsafe fn load_first(_: *const f32, _: usize) -> Self {
        0.0
    }
    #[inline(always)]
    unsafe fn broadcast(p: *const f32) -> Self {
        // SAFETY: the caller vouches for one element.
        unsafe { p.read() }
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        // SAFETY: the caller vouches for one element.
        unsafe { p.write(self) }
    }
    #[inline(always)]
    unsafe fn store_first(self, _: *mut f32, _: usize) {}
    #[inline(always)]
    fn fma(self, a: Self, b: Self) -> Self {
        self + a * b
    }
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        self + o
    }
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        self - o
    }
    #[inline(always)]
    fn mul(self, o: Self) -> Self {
        self * o
    }
    #[inline(always)]
    fn div(self, o: Self) -> Self {
        self / o
    }
    #[inline(always)]
    fn max(self, o: Self) -> Self {
        if self > o { self } else { o }
    }
    #[inline(always)]
    fn min(self, o: Self) -> Self {
        if self < o { self } else { o }
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        f32::sqrt(self)
    }
    #[inline(always)]
    fn inverse_sqrt_estimate(self) -> Self {
        1.0 / f32::sqrt(self)
    }
    #[inline(always)]
    fn round(self) -> Self {
        self.round_ties_even()
    }
    #[inline(always)]
    fn exp2_of_integer(self) -> Self {
        exp2_of_integer(self)
    }
    #[inline(always)]
    fn mantissa_and_exponent(self) -> (Self, Self) {
        mantissa_and_exponent(self)
    }
    #[inline(always)]
    fn spread<const G: usize>(self, _: usize) -> Self {
        self
    }
    #[inline(always)]
    fn interleave(self, o: Self) -> (Self, Self) {
        (self, o)
    }
    #[inline(always)]
    fn deinterleave(self, o: Self) -> (Self, Self) {
        (self, o)
    }
    #[inline(always)]
    fn interleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        (self, o, p)
    }
    #[inline(always)]
    fn deinterleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        (self, o, p)
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        self
    }
    #[inline(always)]
    fn largest(self) -> f32 {
        self
    }
}
