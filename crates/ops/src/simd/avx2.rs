//! AVX2 with FMA: eight lanes, sixteen registers.

use super::{Lanes, Vectorised, first_of_each, lanes::ROOT_OF_HALF};
use std::arch::x86_64::*;

/// Runs `v` with AVX2 and FMA switched on.
///
/// # Safety
/// The processor has AVX2 and FMA.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn run<V: Vectorised>(v: V) -> V::Output {
    v.run::<Avx2>()
}

/// Eight floats in one register.
#[derive(Clone, Copy)]
pub(super) struct Avx2(__m256);

// SAFETY: reached only through `run`; masked loads and stores touch only the lanes named.
unsafe impl Lanes for Avx2 {
    const N: usize = 8;
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm256_set1_ps(x) })
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        // SAFETY: as above, and the caller vouches for the elements.
        Self(unsafe { _mm256_loadu_ps(p) })
    }
    #[inline(always)]
    unsafe fn load_first(p: *const f32, n: usize) -> Self {
        // SAFETY: as above, and the caller vouches for the elements.
        Self(unsafe { _mm256_maskload_ps(p, first(n)) })
    }
    #[inline(always)]
    unsafe fn broadcast(p: *const f32) -> Self {
        // SAFETY: as above, and the caller vouches for the elements.
        Self(unsafe { _mm256_broadcast_ss(&*p) })
    }
    #[inline(always)]
    fn prefetch(p: *const f32) {
        // SAFETY: a hint, which no address makes wrong.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(p.cast()) };
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        // SAFETY: as above, and the caller vouches for the elements.
        unsafe { _mm256_storeu_ps(p, self.0) }
    }
    #[inline(always)]
    unsafe fn store_first(self, p: *mut f32, n: usize) {
        // Halves of halves: a masked store takes many times longer on some processors (Zen).
        // SAFETY: as above, and the caller vouches for the elements.
        unsafe {
            let (mut rest, mut p) = (_mm256_castps256_ps128(self.0), p);
            if n & 4 != 0 {
                _mm_storeu_ps(p, rest);
                (rest, p) = (_mm256_extractf128_ps::<1>(self.0), p.add(4));
            }
            if n & 2 != 0 {
                _mm_storel_pd(p.cast(), _mm_castps_pd(rest));
                (rest, p) = (_mm_movehl_ps(rest, rest), p.add(2));
            }
            if n & 1 != 0 {
                _mm_store_ss(p, rest);
            }
        }
    }
    #[inline(always)]
    fn fma(self, a: Self, b: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm256_fmadd_ps(a.0, b.0, self.0) })
    }
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm256_add_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm256_sub_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn mul(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm256_mul_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn div(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm256_div_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn max(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm256_max_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn min(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm256_min_ps(self.0, o.0) })
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm256_sqrt_ps(self.0) })
    }
    #[inline(always)]
    fn inverse_sqrt_estimate(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { _mm256_rsqrt_ps(self.0) })
    }
    #[inline(always)]
    fn round(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe {
            _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)
        })
    }
    #[inline(always)]
    fn exp2_of_integer(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            let biased = _mm256_add_epi32(_mm256_cvtps_epi32(self.0), _mm256_set1_epi32(127));
            Self(_mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased)))
        }
    }
    #[inline(always)]
    fn mantissa_and_exponent(self) -> (Self, Self) {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            let bits = _mm256_castps_si256(self.0);
            let above = _mm256_sub_epi32(bits, _mm256_set1_epi32(ROOT_OF_HALF));
            let k = _mm256_srai_epi32::<23>(above);
            let m = _mm256_sub_epi32(bits, _mm256_slli_epi32::<23>(k));
            (Self(_mm256_castsi256_ps(m)), Self(_mm256_cvtepi32_ps(k)))
        }
    }
    #[inline(always)]
    fn spread<const G: usize>(self, k: usize) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set; eight indices are read.
        unsafe {
            let first = _mm256_loadu_si256(const { &first_of_each::<G, 8>() }.as_ptr().cast());
            let picked = _mm256_add_epi32(first, _mm256_set1_epi32(k as i32));
            Self(_mm256_permutevar8x32_ps(self.0, picked))
        }
    }
    #[inline(always)]
    fn interleave(self, o: Self) -> (Self, Self) {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            // Within each half: 0 1 and 4 5 of both; 2 3 and 6 7 of both.
            let (low, high) = (_mm256_unpacklo_ps(self.0, o.0), _mm256_unpackhi_ps(self.0, o.0));
            (
                Self(_mm256_permute2f128_ps::<0x20>(low, high)),
                Self(_mm256_permute2f128_ps::<0x31>(low, high)),
            )
        }
    }
    #[inline(always)]
    fn deinterleave(self, o: Self) -> (Self, Self) {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            // Two of the one, two of the other, in each half: the middle pairs change places.
            let in_order = |pairs: __m256| {
                let pairs = _mm256_castps_pd(pairs);
                Self(_mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(pairs)))
            };
            (
                in_order(_mm256_shuffle_ps::<0b10_00_10_00>(self.0, o.0)),
                in_order(_mm256_shuffle_ps::<0b11_01_11_01>(self.0, o.0)),
            )
        }
    }
    #[inline(always)]
    fn interleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            let (s, o, p) = (self.0, o.0, p.0);
            // Lanes of the lower half; the upper half goes along with 4 added.
            let even = _mm256_shuffle_ps::<0b10_00_10_00>(s, o); // s0 s2 o0 o2
            let odd = _mm256_shuffle_ps::<0b11_01_11_01>(o, p); // o1 o3 p1 p3
            let rest = _mm256_shuffle_ps::<0b11_01_10_00>(p, s); // p0 p2 s1 s3
            let first = _mm256_shuffle_ps::<0b10_00_10_00>(even, rest); // s0 o0 p0 s1
            let second = _mm256_shuffle_ps::<0b11_01_10_00>(odd, even); // o1 p1 s2 o2
            let third = _mm256_shuffle_ps::<0b11_01_11_01>(rest, odd); // p2 s3 o3 p3
            (
                Self(_mm256_permute2f128_ps::<0x20>(first, second)),
                Self(_mm256_permute2f128_ps::<0x30>(third, first)),
                Self(_mm256_permute2f128_ps::<0x31>(second, third)),
            )
        }
    }
    #[inline(always)]
    fn deinterleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            // Each half holds four elements of each of the vectors a, b and c that come out.
            let first = _mm256_permute2f128_ps::<0x30>(self.0, o.0); // a0 b0 c0 a1
            let second = _mm256_permute2f128_ps::<0x21>(self.0, p.0); // b1 c1 a2 b2
            let third = _mm256_permute2f128_ps::<0x30>(o.0, p.0); // c2 a3 b3 c3
            let a23 = _mm256_shuffle_ps::<0b01_01_10_10>(second, third); // a2 a2 a3 a3
            let b01 = _mm256_shuffle_ps::<0b00_00_01_01>(first, second); // b0 b0 b1 b1
            let b23 = _mm256_shuffle_ps::<0b10_10_11_11>(second, third); // b2 b2 b3 b3
            let c01 = _mm256_shuffle_ps::<0b01_01_10_10>(first, second); // c0 c0 c1 c1
            (
                Self(_mm256_shuffle_ps::<0b10_00_11_00>(first, a23)),
                Self(_mm256_shuffle_ps::<0b10_00_10_00>(b01, b23)),
                Self(_mm256_shuffle_ps::<0b11_00_10_00>(c01, third)),
            )
        }
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            let four =
                _mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }
    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            let four =
                _mm_max_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)))
        }
    }
}

/// A mask of the first `n < 8` lanes.
#[inline(always)]
fn first(n: usize) -> __m256i {
    const ONES_THEN_ZEROS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    debug_assert!(n < 8);
    // SAFETY: n <= 8, so the eight integers from 8 - n lie inside the table; the instruction set is
    // there as in the methods above.
    unsafe { _mm256_loadu_si256(ONES_THEN_ZEROS.as_ptr().add(8 - n.min(8)).cast()) }
}
