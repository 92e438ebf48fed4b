//! Lanes without vector instructions: a lone float, which is the scalar instruction set.

use super::{Lanes, lanes::ROOT_OF_HALF};

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
