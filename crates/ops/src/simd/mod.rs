//! Lanes: the few vector operations that every CPU kernel is written over.
//!
//! A kernel is one algorithm, generic over [`Lanes`], wrapped in a [`Vectorised`] value.
//! [`Isa::run`] enters it once per instruction set through a shell that switches the instruction
//! set on for the compiler; everything below the shell is inlined into it. An [`Isa`] can only be
//! had for a processor that has it, which is what makes the shell sound.
//!
//! Every memory access of a kernel goes through `Lanes`, so a kernel can be run on lanes that count
//! and trace instead of computing fast.

pub(crate) mod math;
mod portable;
mod reduce;

#[cfg(target_arch = "x86_64")]
#[cfg_attr(fuzzing, allow(dead_code, reason = "see `Isa::run`"))]
mod avx2;
#[cfg(target_arch = "x86_64")]
#[cfg_attr(fuzzing, allow(dead_code, reason = "see `Isa::run`"))]
mod avx512;
#[cfg(test)]
pub(crate) mod guard;
#[cfg(target_arch = "aarch64")]
mod neon;

pub use portable::Portable;
pub(crate) use reduce::{largest, total};

use std::{fmt, str::FromStr};

/// A vector of `N` 32-bit floats.
///
/// # Safety
/// An implementation's methods are called only where its instruction set is present
/// ([`Isa::run`] sees to it). Loads and stores touch exactly the elements named.
pub unsafe trait Lanes: Copy + Send + Sync + 'static {
    /// Lanes in a vector.
    const N: usize;
    /// Vector registers that the instruction set has: a tile's accumulators must fit.
    const REGISTERS: usize;

    /// `x` in every lane.
    fn splat(x: f32) -> Self;

    /// The `N` elements from `p`.
    ///
    /// # Safety
    /// `p` is valid for reading `N` elements; no alignment is needed.
    unsafe fn load(p: *const f32) -> Self;

    /// The first `n < N` lanes from `p`, the rest 0.
    ///
    /// # Safety
    /// `p` is valid for reading `n` elements, `n < N`.
    unsafe fn load_first(p: *const f32, n: usize) -> Self;

    /// The one element at `p` in every lane.
    ///
    /// # Safety
    /// `p` is valid for reading.
    unsafe fn broadcast(p: *const f32) -> Self;

    /// Writes all lanes to `p`.
    ///
    /// # Safety
    /// `p` is valid for writing `N` elements; no alignment is needed.
    unsafe fn store(self, p: *mut f32);

    /// Writes the first `n < N` lanes to `p`.
    ///
    /// # Safety
    /// `p` is valid for writing `n` elements, `n < N`.
    unsafe fn store_first(self, p: *mut f32, n: usize);

    /// Hints that the cache line at `p` will be read soon, though not next: brings it into the second
    /// level. Nothing is read, so that any address will do. Does nothing where Rust has no such hint yet
    /// (NEON).
    #[inline(always)]
    fn prefetch(_: *const f32) {}

    /// `self + a·b`, rounded once where the instruction set can.
    fn fma(self, a: Self, b: Self) -> Self;
    /// Lane by lane.
    fn add(self, o: Self) -> Self;
    /// Lane by lane.
    fn sub(self, o: Self) -> Self;
    /// Lane by lane.
    fn mul(self, o: Self) -> Self;
    /// Lane by lane.
    fn div(self, o: Self) -> Self;
    /// The larger, lane by lane.
    ///
    /// Where one of the two is no number, `o` or no number: a clamp that has what is clamped as `o` keeps it.
    fn max(self, o: Self) -> Self;
    /// The smaller, lane by lane, and as [`Lanes::max`] where one is no number.
    fn min(self, o: Self) -> Self;
    /// Square root, lane by lane.
    fn sqrt(self) -> Self;
    /// 1/√x to at least 11 bits, lane by lane, for normal numbers above 0 ([`math::inverse_sqrt`] makes
    /// more of it).
    fn inverse_sqrt_estimate(self) -> Self;
    /// The nearest integer, ties to even, lane by lane.
    fn round(self) -> Self;
    /// 2^`self` for lanes that hold integers in −126 ..= 127.
    fn exp2_of_integer(self) -> Self;
    /// Lane `k` of every `G` lanes in all of these: lane `i` holds what lane `i / G · G + k` held. `G`
    /// divides `N`, `k < G`.
    fn spread<const G: usize>(self, k: usize) -> Self;
    /// Lanes of `self` and `o` in turn: the first half of s₀ o₀ s₁ o₁ …, and the second.
    fn interleave(self, o: Self) -> (Self, Self);
    /// As [`Lanes::interleave`], of three.
    fn interleave3(self, o: Self, p: Self) -> (Self, Self, Self);
    /// The inverse of [`Lanes::interleave3`].
    fn deinterleave3(self, o: Self, p: Self) -> (Self, Self, Self);
    /// Sum of all lanes.
    fn sum(self) -> f32;
    /// Largest of all lanes.
    fn largest(self) -> f32;

    /// [`Self::load`] where `n` is `N`, else [`Self::load_first`].
    ///
    /// # Safety
    /// `p` is valid for reading `n` elements, `n <= N`.
    #[inline(always)]
    unsafe fn load_up_to(p: *const f32, n: usize) -> Self {
        // SAFETY: passed on from the caller.
        unsafe { if n == Self::N { Self::load(p) } else { Self::load_first(p, n) } }
    }

    /// [`Self::store`] where `n` is `N`, else [`Self::store_first`].
    ///
    /// # Safety
    /// `p` is valid for writing `n` elements, `n <= N`.
    #[inline(always)]
    unsafe fn store_up_to(self, p: *mut f32, n: usize) {
        // SAFETY: passed on from the caller.
        unsafe { if n == Self::N { self.store(p) } else { self.store_first(p, n) } }
    }
}

/// For each of `N` lanes the first of the `G` that it is one of.
#[cfg(target_arch = "x86_64")]
const fn first_of_each<const G: usize, const N: usize>() -> [i32; N] {
    let mut first = [0; N];
    let mut i = 0;
    while i < N {
        first[i] = (i / G * G) as i32;
        i += 1;
    }
    first
}

/// A computation written once over [`Lanes`]. `run` must be `#[inline(always)]`, and so must all
/// that it calls in its inner loops: only what is inlined is compiled for the instruction set.
pub trait Vectorised {
    /// What it returns.
    type Output;
    /// The computation.
    fn run<L: Lanes>(self) -> Self::Output;
}

/// The lanes 0 of all `G` vectors in their order, then the lanes 1, and so on; `G` is 3 or a power
/// of 2. With `G` = `N` that is a transposition.
#[inline(always)]
pub(crate) fn interleave_all<L: Lanes, const G: usize>(v: [L; G]) -> [L; G] {
    if G == 3 {
        let (first, second, third) = v[0].interleave3(v[1], v[2]);
        return std::array::from_fn(|i| [first, second, third][i]);
    }
    // No `fold`: what is not inlined is not compiled for the instruction set.
    let mut v = v;
    for _ in 0..G.ilog2() {
        v = halves_in_turn(v);
    }
    v
}

/// The inverse of [`interleave_all`]: of `G`·`N` elements every `G`th, from the first, from the
/// second, and so on.
///
/// Interleaving halves moves each bit of an element's place up by one: after as many times as places
/// have bits, all are back.
#[inline(always)]
fn deinterleave_all<L: Lanes, const G: usize>(v: [L; G]) -> [L; G] {
    if G == 3 {
        let (first, second, third) = L::deinterleave3(v[0], v[1], v[2]);
        return std::array::from_fn(|i| [first, second, third][i]);
    }
    // No `fold`: what is not inlined is not compiled for the instruction set.
    let mut v = v;
    for _ in 0..L::N.ilog2() {
        v = halves_in_turn(v);
    }
    v
}

/// The elements of the first half of the vectors and those of the second in turn.
#[inline(always)]
fn halves_in_turn<L: Lanes, const G: usize>(before: [L; G]) -> [L; G] {
    let mut v = before;
    for i in 0..G / 2 {
        (v[2 * i], v[2 * i + 1]) = before[i].interleave(before[i + G / 2]);
    }
    v
}

/// Of the `G`·`n` elements from `x` every `G`th, from the first, from the second, and so on; `G` is 3
/// or a power of 2.
///
/// # Safety
/// `x` is valid for reading `G`·`n` elements, `1 <= n <= L::N`.
#[inline(always)]
pub(crate) unsafe fn deinterleave<L: Lanes, const G: usize>(x: *const f32, n: usize) -> [L; G] {
    let mut v = [L::splat(0.0); G];
    for (i, v) in v.iter_mut().enumerate() {
        let left = (G * n).saturating_sub(i * L::N);
        if left > 0 {
            // SAFETY: the caller vouches for the elements.
            *v = unsafe { L::load_up_to(x.add(i * L::N), left.min(L::N)) };
        }
    }
    deinterleave_all(v)
}

/// An instruction set that this processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Isa(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Set {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "aarch64")]
    Neon,
    /// Arrays of [`PORTABLE`] lanes.
    #[cfg(test)]
    Portable,
}

/// Lanes that no instruction set of the processor has: what is right with them is right with any number,
/// and they notice stray accesses.
#[cfg(test)]
const PORTABLE: usize = if cfg!(target_arch = "x86_64") { 4 } else { 8 };

impl Isa {
    /// Plain scalar code, there on every processor.
    pub const SCALAR: Self = Self(Set::Scalar);

    /// Every instruction set that this processor has, best first; ends with scalar.
    pub fn available() -> Vec<Self> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if avx2 && is_x86_feature_detected!("avx512f") {
                sets.push(Self(Set::Avx512));
            }
            if avx2 {
                sets.push(Self(Set::Avx2));
            }
        }
        #[cfg(target_arch = "aarch64")]
        sets.push(Self(Set::Neon));
        sets.push(Self::SCALAR);
        sets
    }

    /// All of those, and portable lanes; with `OPS_TEST_ISA` set to the name of one, that alone.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Vec<Self> {
        let only = std::env::var("OPS_TEST_ISA").ok();
        let wanted = |isa: &Self| only.as_ref().is_none_or(|name| name == isa.name());
        let all = Self::available().into_iter().chain([Self(Set::Portable)]);
        let wanted: Vec<Self> = all.filter(wanted).collect();
        assert!(!wanted.is_empty(), "there is no instruction set {only:?}");
        wanted
    }

    /// The best instruction set of this processor.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// The instruction sets that kernels are tried with where this one is asked for: itself, and
    /// narrower vectors where they may pay. Sixteen lanes leave more of the last vector of a pixel's
    /// channels empty than eight, split a cache line wherever they are not aligned, and on some
    /// processors (Zen 4) are no faster.
    pub(crate) fn contenders(self) -> Vec<Self> {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => vec![self, Self(Set::Avx2)],
            _ => vec![self],
        }
    }

    /// Its name on the command line and in files.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Set::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => "avx512",
            #[cfg(target_arch = "aarch64")]
            Set::Neon => "neon",
            #[cfg(test)]
            Set::Portable => "portable",
        }
    }

    /// Lanes in one of its vectors.
    pub fn lanes(self) -> usize {
        self.run(Width)
    }

    /// Runs `v` as scalar code: fuzzers run no kernel, and one set alone is compiled several times faster.
    #[cfg(fuzzing)]
    pub fn run<V: Vectorised>(self, v: V) -> V::Output {
        v.run::<f32>()
    }

    /// Runs `v` compiled for this instruction set. It and the shells are `#[inline]`, so that each kernel is
    /// compiled with its operator, where it is called, and again only when that changes.
    #[cfg(not(fuzzing))]
    #[inline]
    pub fn run<V: Vectorised>(self, v: V) -> V::Output {
        match self.0 {
            Set::Scalar => v.run::<f32>(),
            // SAFETY: `available` made this value after it had seen avx2 and fma.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { avx2::run(v) },
            // SAFETY: `available` made this value after it had seen avx512f, avx2 and fma.
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { avx512::run(v) },
            // SAFETY: every aarch64 processor that runs std has NEON.
            #[cfg(target_arch = "aarch64")]
            Set::Neon => unsafe { neon::run(v) },
            #[cfg(test)]
            Set::Portable => v.run::<Portable<PORTABLE>>(),
        }
    }
}

struct Width;

impl Vectorised for Width {
    type Output = usize;
    #[inline(always)]
    fn run<L: Lanes>(self) -> usize {
        L::N
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// An instruction set that is unknown or not on this processor.
#[derive(Debug, thiserror::Error)]
#[error("no instruction set {asked:?} on this processor: it has {available}")]
pub struct UnknownIsa {
    asked: String,
    available: String,
}

impl FromStr for Isa {
    type Err = UnknownIsa;
    fn from_str(s: &str) -> Result<Self, UnknownIsa> {
        let all = Self::available();
        all.iter().copied().find(|isa| isa.name() == s).ok_or_else(|| UnknownIsa {
            asked: s.to_owned(),
            available: all.iter().map(|i| i.name()).collect::<Vec<_>>().join(", "),
        })
    }
}

#[cfg(test)]
mod tests;
