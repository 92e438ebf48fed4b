//! AVX-512F: sixteen lanes, thirty-two registers, masks.

use super::{Lanes, Vectorised, first_of_each, lanes::ROOT_OF_HALF};
use std::arch::x86_64::*;

/// Runs `v` with AVX-512F switched on.
///
/// # Safety
/// The processor has AVX-512F, AVX2 and FMA.
#[inline]
#[target_feature(enable = "avx512f,avx2,fma")]
pub(super) unsafe fn run<V: Vectorised>(v: V) -> V::Output {
    v.run::<Avx512>()
}

/// Sixteen floats in one register.
#[derive(Clone, Copy)]
pub(super) struct Avx512(__m512);

// SAFETY: reached only through `run`; masked loads and stores touch only the lanes named.
unsafe impl Lanes for Avx512 {
    const N: usize = 16;
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm512_set1_ps(x) })
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        // SAFETY: as above, and the caller vouches for the elements.
        Self(unsafe { _mm512_loadu_ps(p) })
    }
    #[inline(always)]
    unsafe fn load_first(p: *const f32, n: usize) -> Self {
        // SAFETY: as above, and the caller vouches for the elements.
        Self(unsafe { _mm512_maskz_loadu_ps(first(n), p) })
    }
    #[inline(always)]
    unsafe fn broadcast(p: *const f32) -> Self {
        // SAFETY: as above, and the caller vouches for the elements.
        Self(unsafe { _mm512_set1_ps(*p) })
    }
    #[inline(always)]
    fn prefetch(p: *const f32) {
        // SAFETY: a hint, which no address makes wrong.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(p.cast()) };
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        // SAFETY: as above, and the caller vouches for the elements.
        unsafe { _mm512_storeu_ps(p, self.0) }
    }
    #[inline(always)]
    unsafe fn store_first(self, p: *mut f32, n: usize) {
        // SAFETY: as above, and the caller vouches for the elements.
        unsafe { _mm512_mask_storeu_ps(p, first(n), self.0) }
    }
    #[inline(always)]
    fn fma(self, a: Self, b: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm512_fmadd_ps(a.0, b.0, self.0) })
    }
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm512_add_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm512_sub_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn mul(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm512_mul_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn div(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm512_div_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn max(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm512_max_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn min(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm512_min_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm512_sqrt_ps(self.0) })
    }
    #[inline(always)]
    fn inverse_sqrt_estimate(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm512_rsqrt14_ps(self.0) })
    }
    #[inline(always)]
    fn round(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe {
            _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)
        })
    }
    #[inline(always)]
    fn exp2_of_integer(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            let biased = _mm512_add_epi32(_mm512_cvtps_epi32(self.0), _mm512_set1_epi32(127));
            Self(_mm512_castsi512_ps(_mm512_slli_epi32::<23>(biased)))
        }
    }
    #[inline(always)]
    fn mantissa_and_exponent(self) -> (Self, Self) {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            let bits = _mm512_castps_si512(self.0);
            let above = _mm512_sub_epi32(bits, _mm512_set1_epi32(ROOT_OF_HALF));
            let k = _mm512_srai_epi32::<23>(above);
            let m = _mm512_sub_epi32(bits, _mm512_slli_epi32::<23>(k));
            (Self(_mm512_castsi512_ps(m)), Self(_mm512_cvtepi32_ps(k)))
        }
    }
    #[inline(always)]
    fn times_power(self, k: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm512_scalef_ps(self.0, k.0) })
    }
    #[inline(always)]
    fn spread<const G: usize>(self, k: usize) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set; sixteen indices are read.
        unsafe {
            let first = _mm512_loadu_si512(const { &first_of_each::<G, 16>() }.as_ptr().cast());
            let picked = _mm512_add_epi32(first, _mm512_set1_epi32(k as i32));
            Self(_mm512_permutexvar_ps(picked, self.0))
        }
    }
    #[inline(always)]
    fn interleave(self, o: Self) -> (Self, Self) {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            // Index 16 + i is lane i of the second operand.
            let first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            let second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
            (
                Self(_mm512_permutex2var_ps(self.0, first, o.0)),
                Self(_mm512_permutex2var_ps(self.0, second, o.0)),
            )
        }
    }
    #[inline(always)]
    fn deinterleave(self, o: Self) -> (Self, Self) {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
            (
                Self(_mm512_permutex2var_ps(self.0, even, o.0)),
                Self(_mm512_permutex2var_ps(self.0, odd, o.0)),
            )
        }
    }
    #[inline(always)]
    fn interleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        let third = |k| picked(self, o, p, &INTERLEAVED, k);
        (third(0), third(1), third(2))
    }
    #[inline(always)]
    fn deinterleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        let third = |k| picked(self, o, p, &APART, k);
        (third(0), third(1), third(2))
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe { _mm512_reduce_add_ps(self.0) }
    }
    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe { _mm512_reduce_max_ps(self.0) }
    }
}

/// A mask of the first `n < 16` lanes.
#[inline(always)]
const fn first(n: usize) -> __mmask16 {
    (1 << n) - 1
}

/// Vector `k` of those that `tables` picks from the lanes of a, b and c.
#[inline(always)]
fn picked(a: Avx512, b: Avx512, c: Avx512, tables: &Tables, k: usize) -> Avx512 {
    // SAFETY: as in the methods above; each row of the tables holds sixteen integers.
    unsafe {
        let two = _mm512_loadu_si512(tables.of_two[k].as_ptr().cast());
        let three = _mm512_loadu_si512(tables.of_three[k].as_ptr().cast());
        Avx512(_mm512_permutex2var_ps(_mm512_permutex2var_ps(a.0, two, b.0), three, c.0))
    }
}

/// How three vectors are made of the lanes of three others, by two permutations each.
struct Tables {
    /// Which lane of the first two (16 + i: lane i of the second) goes where; 0 where one of the third
    /// goes.
    of_two: [[i32; 16]; 3],
    /// Which lanes stay where `of_two` put them, and which (16 + i) come from the third.
    of_three: [[i32; 16]; 3],
}

/// Three vectors interleaved.
const INTERLEAVED: Tables = tables(true);

/// Every third lane: undoes [`INTERLEAVED`].
const APART: Tables = tables(false);

const fn tables(interleaved: bool) -> Tables {
    let mut tables = Tables { of_two: [[0; 16]; 3], of_three: [[0; 16]; 3] };
    let mut at = 0;
    while at < 48 {
        let (vector, lane) = match interleaved {
            true => (at % 3, at / 3),
            false => (3 * (at % 16) / 16, 3 * (at % 16) % 16),
        };
        // Taken apart, vector k begins k lanes further on, perhaps in the next vector.
        let from = if interleaved { 16 * vector + lane } else { 16 * vector + lane + at / 16 };
        let last = from >= 32;
        tables.of_two[at / 16][at % 16] = if last { 0 } else { from as i32 };
        tables.of_three[at / 16][at % 16] = (if last { from - 16 } else { at % 16 }) as i32;
        at += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `_mm512_permutex2var_ps` does, on any processor.
    fn permuted(a: [usize; 16], index: [i32; 16], b: [usize; 16]) -> [usize; 16] {
        index.map(|i| if i < 16 { a[i as usize] } else { b[i as usize - 16] })
    }

    #[test]
    fn the_tables_interleave_three_vectors_and_take_them_apart() {
        // Lane i of vector v holds 3·i + v: its place in the three interleaved.
        let of_three = [0, 1, 2].map(|v| std::array::from_fn(|i| 3 * i + v));
        let in_turn = [0, 1, 2].map(|v| std::array::from_fn(|i| 16 * v + i));
        for (tables, [a, b, c], expected) in
            [(INTERLEAVED, of_three, in_turn), (APART, in_turn, of_three)]
        {
            for (k, expected) in expected.into_iter().enumerate() {
                let third = permuted(permuted(a, tables.of_two[k], b), tables.of_three[k], c);
                assert_eq!(third, expected);
            }
        }
    }

    #[test]
    fn a_mask_has_the_lanes_that_it_names() {
        assert_eq!([first(0), first(1), first(15)], [0, 1, 0x7fff]);
    }
}
