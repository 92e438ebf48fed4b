//! The vector operations.

/// A vector of `N` 32-bit floats.
///
/// # Safety
/// An implementation's methods are called only where its instruction set is present
/// ([`Isa::run`](super::Isa::run) sees to it). Loads and stores touch exactly the elements named.
pub unsafe trait Lanes: Copy + Send + Sync + 'static {
    /// Lanes in a vector.
    const N: usize;
    /// Vector registers that the instruction set has: a tile's accumulators must fit.
    const REGISTERS: usize;
    /// Whether [`Lanes::fma_lane`] costs what [`Lanes::fma`] does. Inputs are then better loaded by the vector than
    /// broadcast one by one.
    const BY_LANE: bool = false;
    /// Whether long loops are unrolled: in vain where methods are calls, and compiling that would take minutes.
    const UNROLLED: bool = true;

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
    /// level. Nothing is read, so that any address will do. Does nothing where there is no such hint.
    #[inline(always)]
    fn prefetch(_: *const f32) {}

    /// `self + a·b`, rounded once where the instruction set can.
    fn fma(self, a: Self, b: Self) -> Self;
    /// `self + a·b[k]`: every lane of `a` times lane `k` of `b`, `k < N`.
    #[inline(always)]
    fn fma_lane(self, a: Self, b: Self, k: usize) -> Self {
        let b = match Self::N {
            4 => b.spread::<4>(k),
            8 => b.spread::<8>(k),
            16 => b.spread::<16>(k),
            _ => b,
        };
        self.fma(a, b)
    }
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
    /// 1/√x to at least 11 bits, lane by lane, for normal numbers above 0 ([`math::inverse_sqrt`](super::math::inverse_sqrt) makes
    /// more of it).
    fn inverse_sqrt_estimate(self) -> Self;
    /// The nearest integer, ties to even, lane by lane.
    fn round(self) -> Self;
    /// 2^`self` for lanes that hold integers in −126 ..= 127.
    fn exp2_of_integer(self) -> Self;
    /// (m, k) with `self` = m·2ᵏ and √½ ≤ m < √2, lane by lane, for normal numbers above 0.
    fn mantissa_and_exponent(self) -> (Self, Self);
    /// `self` · 2^`k` for lanes of `k` that hold integers in −126 ..= 127.
    #[inline(always)]
    fn times_power(self, k: Self) -> Self {
        self.mul(k.exp2_of_integer())
    }
    /// Lane `k` of every `G` lanes in all of these: lane `i` holds what lane `i / G · G + k` held. `G`
    /// divides `N`, `k < G`.
    fn spread<const G: usize>(self, k: usize) -> Self;
    /// Lanes of `self` and `o` in turn: the first half of s₀ o₀ s₁ o₁ …, and the second.
    fn interleave(self, o: Self) -> (Self, Self);
    /// The inverse of [`Lanes::interleave`].
    fn deinterleave(self, o: Self) -> (Self, Self);
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

/// The bits of √½: a number's less these have, above those of a mantissa, the exponent that
/// [`Lanes::mantissa_and_exponent`] makes.
pub(super) const ROOT_OF_HALF: i32 = std::f32::consts::FRAC_1_SQRT_2.to_bits().cast_signed();

/// For each of `N` lanes the first of the `G` that it is one of.
#[cfg(target_arch = "x86_64")]
pub(super) const fn first_of_each<const G: usize, const N: usize>() -> [i32; N] {
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
#[inline(always)]
fn deinterleave_all<L: Lanes, const G: usize>(v: [L; G]) -> [L; G] {
    if G == 3 {
        let (first, second, third) = L::deinterleave3(v[0], v[1], v[2]);
        return std::array::from_fn(|i| [first, second, third][i]);
    }
    // No `fold`: what is not inlined is not compiled for the instruction set.
    let mut v = v;
    for _ in 0..G.ilog2() {
        v = in_halves(v);
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

/// The inverse of [`halves_in_turn`].
#[inline(always)]
fn in_halves<L: Lanes, const G: usize>(before: [L; G]) -> [L; G] {
    let mut v = before;
    for i in 0..G / 2 {
        (v[i], v[i + G / 2]) = before[2 * i].deinterleave(before[2 * i + 1]);
    }
    v
}

/// Writes the first `n` lanes of all `G` vectors in turn, `G`·`n` elements from `y` on; `G` is 3 or a power of 2.
///
/// # Safety
/// `y` is valid for writing them, `1 <= n <= L::N`.
#[inline(always)]
pub(crate) unsafe fn interleave<L: Lanes, const G: usize>(v: [L; G], y: *mut f32, n: usize) {
    for (i, v) in interleave_all(v).into_iter().enumerate() {
        let left = (G * n).saturating_sub(i * L::N);
        if left > 0 {
            // SAFETY: the caller vouches for the elements.
            unsafe { v.store_up_to(y.add(i * L::N), left.min(L::N)) };
        }
    }
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
