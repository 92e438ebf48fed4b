//! NEON: four lanes, thirty-two registers.

use super::{Lanes, Vectorised, lanes::ROOT_OF_HALF};
use std::arch::{aarch64::*, asm};

/// Runs `v` with NEON switched on.
///
/// # Safety
/// The processor has NEON.
#[inline]
#[target_feature(enable = "neon")]
pub(super) unsafe fn run<V: Vectorised>(v: V) -> V::Output {
    v.run::<Neon>()
}

/// Four floats in one register.
#[derive(Clone, Copy)]
pub(super) struct Neon(float32x4_t);

// SAFETY: reached only through `run`; partial loads and stores go element by element.
unsafe impl Lanes for Neon {
    const N: usize = 4;
    const REGISTERS: usize = 32;
    const BY_LANE: bool = true;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { vdupq_n_f32(x) })
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        // SAFETY: as above, and the caller vouches for the elements.
        Self(unsafe { vld1q_f32(p) })
    }
    #[inline(always)]
    unsafe fn load_first(p: *const f32, n: usize) -> Self {
        // SAFETY: as above, and the caller vouches for the elements. `lanes` holds four.
        unsafe {
            let mut lanes = [0.0; 4];
            for (i, lane) in lanes.iter_mut().enumerate().take(n) {
                *lane = p.add(i).read();
            }
            Self(vld1q_f32(lanes.as_ptr()))
        }
    }
    #[inline(always)]
    unsafe fn broadcast(p: *const f32) -> Self {
        // SAFETY: as above, and the caller vouches for the elements.
        Self(unsafe { vld1q_dup_f32(p) })
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        // SAFETY: as above, and the caller vouches for the elements.
        unsafe { vst1q_f32(p, self.0) }
    }
    #[inline(always)]
    unsafe fn store_first(self, p: *mut f32, n: usize) {
        // SAFETY: as above, and the caller vouches for the elements. `lanes` holds four.
        unsafe {
            let mut lanes = [0.0; 4];
            vst1q_f32(lanes.as_mut_ptr(), self.0);
            for (i, lane) in lanes.iter().enumerate().take(n) {
                p.add(i).write(*lane);
            }
        }
    }
    #[inline(always)]
    fn fma(self, a: Self, b: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { vfmaq_f32(self.0, a.0, b.0) })
    }
    #[inline(always)]
    fn fma_lane(self, a: Self, b: Self, k: usize) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe {
            match k {
                0 => vfmaq_laneq_f32::<0>(self.0, a.0, b.0),
                1 => vfmaq_laneq_f32::<1>(self.0, a.0, b.0),
                2 => vfmaq_laneq_f32::<2>(self.0, a.0, b.0),
                _ => vfmaq_laneq_f32::<3>(self.0, a.0, b.0),
            }
        })
    }
    #[inline(always)]
    fn prefetch(p: *const f32) {
        // SAFETY: a hint reads nothing and changes neither registers nor memory.
        unsafe {
            asm!("prfm pldl2keep, [{p}]", p = in(reg) p, options(nomem, nostack, preserves_flags));
        }
    }
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { vaddq_f32(self.0, o.0) })
    }
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { vsubq_f32(self.0, o.0) })
    }
    #[inline(always)]
    fn mul(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { vmulq_f32(self.0, o.0) })
    }
    #[inline(always)]
    fn div(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { vdivq_f32(self.0, o.0) })
    }
    #[inline(always)]
    fn max(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { vmaxq_f32(self.0, o.0) })
    }
    #[inline(always)]
    fn min(self, o: Self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { vminq_f32(self.0, o.0) })
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { vsqrtq_f32(self.0) })
    }
    #[inline(always)]
    fn inverse_sqrt_estimate(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            // Eight bits, and Newton's step makes sixteen of them.
            let rough = vrsqrteq_f32(self.0);
            Self(vmulq_f32(rough, vrsqrtsq_f32(vmulq_f32(self.0, rough), rough)))
        }
    }
    #[inline(always)]
    fn round(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe { vrndnq_f32(self.0) })
    }
    #[inline(always)]
    fn exp2_of_integer(self) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            let biased = vaddq_s32(vcvtq_s32_f32(self.0), vdupq_n_s32(127));
            Self(vreinterpretq_f32_s32(vshlq_n_s32::<23>(biased)))
        }
    }
    #[inline(always)]
    fn mantissa_and_exponent(self) -> (Self, Self) {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe {
            let bits = vreinterpretq_s32_f32(self.0);
            let k = vshrq_n_s32::<23>(vsubq_s32(bits, vdupq_n_s32(ROOT_OF_HALF)));
            let m = vsubq_s32(bits, vshlq_n_s32::<23>(k));
            (Self(vreinterpretq_f32_s32(m)), Self(vcvtq_f32_s32(k)))
        }
    }
    #[inline(always)]
    fn spread<const G: usize>(self, k: usize) -> Self {
        // SAFETY: `run` entered through a shell that has the instruction set.
        Self(unsafe {
            match (G, k) {
                (1, _) => self.0,
                (2, 0) => vtrn1q_f32(self.0, self.0),
                (2, _) => vtrn2q_f32(self.0, self.0),
                (_, 0) => vdupq_laneq_f32::<0>(self.0),
                (_, 1) => vdupq_laneq_f32::<1>(self.0),
                (_, 2) => vdupq_laneq_f32::<2>(self.0),
                (_, _) => vdupq_laneq_f32::<3>(self.0),
            }
        })
    }
    #[inline(always)]
    fn interleave(self, o: Self) -> (Self, Self) {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe { (Self(vzip1q_f32(self.0, o.0)), Self(vzip2q_f32(self.0, o.0))) }
    }
    #[inline(always)]
    fn deinterleave(self, o: Self) -> (Self, Self) {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe { (Self(vuzp1q_f32(self.0, o.0)), Self(vuzp2q_f32(self.0, o.0))) }
    }
    #[inline(always)]
    fn interleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        picked([self, o, p], &INTERLEAVED)
    }
    #[inline(always)]
    fn deinterleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        picked([self, o, p], &APART)
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe { vaddvq_f32(self.0) }
    }
    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: `run` entered through a shell that has the instruction set.
        unsafe { vmaxvq_f32(self.0) }
    }
}

/// The three vectors whose bytes `table` picks from those of three others.
#[inline(always)]
fn picked([a, b, c]: [Neon; 3], table: &[[u8; 16]; 3]) -> (Neon, Neon, Neon) {
    // SAFETY: as in the methods above; each row of the table holds sixteen bytes.
    unsafe {
        let bytes = uint8x16x3_t(
            vreinterpretq_u8_f32(a.0),
            vreinterpretq_u8_f32(b.0),
            vreinterpretq_u8_f32(c.0),
        );
        let row =
            |k: usize| Neon(vreinterpretq_f32_u8(vqtbl3q_u8(bytes, vld1q_u8(table[k].as_ptr()))));
        (row(0), row(1), row(2))
    }
}

/// Three vectors interleaved, byte by byte.
const INTERLEAVED: [[u8; 16]; 3] = table(true);

/// Every third float of three vectors: undoes [`INTERLEAVED`].
const APART: [[u8; 16]; 3] = table(false);

const fn table(interleaved: bool) -> [[u8; 16]; 3] {
    let mut table = [[0; 16]; 3];
    let mut at = 0;
    while at < 48 {
        let (float, byte) = (at / 4, at % 4);
        let from = match interleaved {
            true => 4 * (float % 3) + float / 3,
            false => 3 * (float % 4) + float / 4,
        };
        table[at / 16][at % 16] = (4 * from + byte) as u8;
        at += 1;
    }
    table
}
