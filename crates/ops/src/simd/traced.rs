//! Lanes that tell what they do: a kernel computes as it would on an instruction set, and somebody counts.
//!
//! Their number says whose lanes they are: four are NEON's, eight AVX2's, sixteen those of AVX-512. They have its
//! registers, so that kernels choose its tiles, and issue the instructions that its lanes are compiled to; there is
//! no hint to fetch anything ahead. Every vector carries the cycle from which it is there, as the observer has it.
//! Without an observer they compute, no more. Their methods are never inlined: unrolled kernels over arrays would take
//! minutes to compile.

use super::Lanes;
use profile::Instruction;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// Somebody who hears of every instruction and every access of traced lanes.
pub trait Observer {
    /// An instruction whose operands are there from the cycle `operands` on, and the sum that it adds to from
    /// `sum` on (0 where it adds to none); the cycle from which its result is there.
    fn issue(&mut self, instruction: Instruction, operands: u64, sum: u64) -> u64;

    /// A load or a store of `bytes` bytes from `address` on.
    fn touch(&mut self, address: usize, bytes: usize, write: bool);

    /// Whatever was done since the last call belongs to the first (0) or the second (1) of two nodes that run in
    /// bands.
    fn part_ended(&mut self, _part: usize) {}
}

/// An observer, as both its owner and the lanes hold it.
pub type Observed = Rc<RefCell<dyn Observer>>;

thread_local! {
    static OBSERVER: RefCell<Option<Observed>> = const { RefCell::new(None) };
    /// Whether there is one: asked before each instruction.
    static IS_OBSERVED: Cell<bool> = const { Cell::new(false) };
}

/// Calls `f`; `observer` hears of what traced lanes do meanwhile on this thread.
pub fn observing<R>(observer: Observed, f: impl FnOnce() -> R) -> R {
    /// Ends it, whatever `f` does.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            IS_OBSERVED.set(false);
            OBSERVER.take();
        }
    }
    OBSERVER.set(Some(observer));
    IS_OBSERVED.set(true);
    let _end = End;
    f()
}

/// Tells the observer, if there is one, whose work it was that it heard of.
pub(crate) fn part_ended(part: usize) {
    told(|observer| observer.part_ended(part));
}

/// What the observer says, if there is one.
#[inline]
fn told<R: Default>(tell: impl FnOnce(&mut dyn Observer) -> R) -> R {
    if !IS_OBSERVED.get() {
        return R::default();
    }
    OBSERVER.with_borrow(|observer| {
        observer.as_ref().map_or_else(R::default, |observer| tell(&mut *observer.borrow_mut()))
    })
}

/// An instruction whose operands are there from a cycle on.
#[inline]
fn issue(instruction: Instruction, operands: u64) -> u64 {
    told(|observer| observer.issue(instruction, operands, 0))
}

/// `times` of them, each of which waits for the one before it.
fn issue_in_turn(instruction: Instruction, operands: u64, times: usize) -> u64 {
    (0..times).fold(operands, |ready, _| issue(instruction, ready))
}

/// An access to `n` floats at `p`.
#[inline]
fn touch(p: *const f32, n: usize, write: bool) {
    told(|observer| observer.touch(p.addr(), n * size_of::<f32>(), write));
}

/// `N` floats in an array.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traced<const N: usize> {
    lanes: [f32; N],
    /// The cycle from which it is there.
    ready: u64,
}

impl<const N: usize> Traced<N> {
    #[inline(always)]
    fn zip(self, o: Self, instruction: Instruction, f: impl Fn(f32, f32) -> f32) -> Self {
        let lanes = std::array::from_fn(|i| f(self.lanes[i], o.lanes[i]));
        Self { lanes, ready: issue(instruction, self.ready.max(o.ready)) }
    }

    #[inline(always)]
    fn map(self, instruction: Instruction, f: impl Fn(f32) -> f32) -> Self {
        Self { lanes: self.lanes.map(f), ready: issue(instruction, self.ready) }
    }

    /// Permutations of two vectors that make one of both: AVX2's stay within half a vector.
    const OF_TWO: usize = if N == 8 { 2 } else { 1 };

    /// The same of three: a look into a table of three registers, which cores do in as many steps; two of AVX-512.
    const OF_THREE: usize = if N == 16 { 2 } else { 3 };

    /// Whether a part of a vector is moved number by number, by way of an array.
    const BY_NUMBER: bool = N == 4;

    /// Three vectors, the `k`th with `lane(k, i)` as lane `i`.
    #[inline(always)]
    fn thirds(from: [Self; 3], lane: impl Fn(usize, usize) -> f32) -> (Self, Self, Self) {
        let operands = from.iter().map(|vector| vector.ready).max().unwrap_or(0);
        let third = |k: usize| Self {
            lanes: std::array::from_fn(|i| lane(k, i)),
            ready: issue_in_turn(Instruction::Permute, operands, Self::OF_THREE),
        };
        (third(0), third(1), third(2))
    }
}

// SAFETY: plain array code needs no instruction set; loads and stores touch the elements named.
unsafe impl<const N: usize> Lanes for Traced<N> {
    const N: usize = N;
    const REGISTERS: usize = if N == 8 { 16 } else { 32 };
    const BY_LANE: bool = N == 4;
    const UNROLLED: bool = false;

    /// No instruction: nearly all are constants, which a compiler keeps in registers.
    #[inline(never)]
    fn splat(x: f32) -> Self {
        Self { lanes: [x; N], ready: 0 }
    }
    #[inline(never)]
    unsafe fn load(p: *const f32) -> Self {
        touch(p, N, false);
        // SAFETY: the caller vouches for N elements.
        let lanes = std::array::from_fn(|i| unsafe { p.add(i).read() });
        Self { lanes, ready: issue(Instruction::Load, 0) }
    }
    /// One by one into an array, and from there; on x86 with a mask.
    #[inline(never)]
    unsafe fn load_first(p: *const f32, n: usize) -> Self {
        touch(p, n, false);
        // SAFETY: the caller vouches for n elements; no lane past them is read.
        let lanes = std::array::from_fn(|i| if i < n { unsafe { p.add(i).read() } } else { 0.0 });
        if !Self::BY_NUMBER {
            return Self { lanes, ready: issue(Instruction::LoadPart, 0) };
        }
        (0..n).for_each(|_| _ = issue(Instruction::StorePart, issue(Instruction::LoadPart, 0)));
        Self { lanes, ready: issue(Instruction::Load, 0) }
    }
    #[inline(never)]
    unsafe fn broadcast(p: *const f32) -> Self {
        touch(p, 1, false);
        // SAFETY: the caller vouches for one element.
        Self { lanes: [unsafe { p.read() }; N], ready: issue(Instruction::Broadcast, 0) }
    }
    #[inline(never)]
    unsafe fn store(self, p: *mut f32) {
        touch(p, N, true);
        issue(Instruction::Store, self.ready);
        // SAFETY: the caller vouches for N elements.
        (0..N).for_each(|i| unsafe { p.add(i).write(self.lanes[i]) });
    }
    /// Into an array, and from there one by one; on AVX2 halves of halves, on AVX-512 with a mask.
    #[inline(never)]
    unsafe fn store_first(self, p: *mut f32, n: usize) {
        touch(p, n, true);
        if Self::BY_NUMBER {
            issue(Instruction::Store, self.ready);
            (0..n).for_each(|_| _ = issue(Instruction::StorePart, issue(Instruction::LoadPart, 0)));
        } else {
            let parts = if N == 8 { n.count_ones() } else { 1 };
            (0..parts).for_each(|_| _ = issue(Instruction::StorePart, self.ready));
        }
        // SAFETY: the caller vouches for n elements.
        (0..n).for_each(|i| unsafe { p.add(i).write(self.lanes[i]) });
    }
    #[inline(never)]
    fn fma(self, a: Self, b: Self) -> Self {
        // Not `mul_add`: without an FMA instruction that is a slow library call.
        let lanes = std::array::from_fn(|i| self.lanes[i] + a.lanes[i] * b.lanes[i]);
        let operands = a.ready.max(b.ready);
        Self { lanes, ready: told(|o| o.issue(Instruction::Fma, operands, self.ready)) }
    }
    #[inline(never)]
    fn fma_lane(self, a: Self, b: Self, k: usize) -> Self {
        self.fma(a, Self { lanes: [b.lanes[k]; N], ready: b.ready })
    }
    #[inline(never)]
    fn add(self, o: Self) -> Self {
        self.zip(o, Instruction::Add, |a, b| a + b)
    }
    #[inline(never)]
    fn sub(self, o: Self) -> Self {
        self.zip(o, Instruction::Add, |a, b| a - b)
    }
    #[inline(never)]
    fn mul(self, o: Self) -> Self {
        self.zip(o, Instruction::Mul, |a, b| a * b)
    }
    #[inline(never)]
    fn div(self, o: Self) -> Self {
        self.zip(o, Instruction::Div, |a, b| a / b)
    }
    #[inline(never)]
    fn max(self, o: Self) -> Self {
        self.zip(o, Instruction::Compare, |a, b| if a > b { a } else { b })
    }
    #[inline(never)]
    fn min(self, o: Self) -> Self {
        self.zip(o, Instruction::Compare, |a, b| if a < b { a } else { b })
    }
    #[inline(never)]
    fn sqrt(self) -> Self {
        self.map(Instruction::Sqrt, f32::sqrt)
    }
    /// An estimate; NEON's is too coarse, and a step that makes it better takes three multiplications.
    #[inline(never)]
    fn inverse_sqrt_estimate(self) -> Self {
        let ready = issue_in_turn(Instruction::Mul, self.ready, if N == 4 { 4 } else { 1 });
        Self { lanes: self.lanes.map(Lanes::inverse_sqrt_estimate), ready }
    }
    #[inline(never)]
    fn round(self) -> Self {
        self.map(Instruction::Round, f32::round_ties_even)
    }
    /// A conversion, an addition, a shift.
    #[inline(never)]
    fn exp2_of_integer(self) -> Self {
        let ready = issue_in_turn(Instruction::Add, issue(Instruction::Round, self.ready), 2);
        Self { lanes: self.lanes.map(Lanes::exp2_of_integer), ready }
    }
    /// Two differences and two shifts of whole numbers, and a conversion.
    #[inline(never)]
    fn mantissa_and_exponent(self) -> (Self, Self) {
        let k = issue_in_turn(Instruction::Add, self.ready, 2);
        let m = issue_in_turn(Instruction::Add, k, 2);
        let parts = self.lanes.map(Lanes::mantissa_and_exponent);
        let of = |lanes, ready| Self { lanes, ready };
        (of(parts.map(|p| p.0), m), of(parts.map(|p| p.1), issue(Instruction::Round, k)))
    }
    /// One instruction of AVX-512; else as others do it.
    #[inline(never)]
    fn times_power(self, k: Self) -> Self {
        if N != 16 {
            return self.mul(k.exp2_of_integer());
        }
        self.zip(k, Instruction::Mul, |x, k| x * k.exp2_of_integer())
    }
    #[inline(never)]
    fn spread<const G: usize>(self, k: usize) -> Self {
        let lanes = std::array::from_fn(|i: usize| self.lanes[i / G * G + k]);
        let ready = if G == 1 { self.ready } else { issue(Instruction::Permute, self.ready) };
        Self { lanes, ready }
    }
    #[inline(never)]
    fn interleave(self, o: Self) -> (Self, Self) {
        let lane = |i: usize| if i.is_multiple_of(2) { self.lanes[i / 2] } else { o.lanes[i / 2] };
        let operands = self.ready.max(o.ready);
        let half = |start: usize| Self {
            lanes: std::array::from_fn(|i| lane(start + i)),
            ready: issue_in_turn(Instruction::Permute, operands, Self::OF_TWO),
        };
        (half(0), half(N))
    }
    #[inline(never)]
    fn deinterleave(self, o: Self) -> (Self, Self) {
        let lane = |i: usize| if i < N { self.lanes[i] } else { o.lanes[i - N] };
        let operands = self.ready.max(o.ready);
        let every_other = |start: usize| Self {
            lanes: std::array::from_fn(|i| lane(2 * i + start)),
            ready: issue_in_turn(Instruction::Permute, operands, Self::OF_TWO),
        };
        (every_other(0), every_other(1))
    }
    #[inline(never)]
    fn interleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        let from = [self, o, p];
        Self::thirds(from, |k, i| from[(k * N + i) % 3].lanes[(k * N + i) / 3])
    }
    #[inline(never)]
    fn deinterleave3(self, o: Self, p: Self) -> (Self, Self, Self) {
        let from = [self, o, p];
        Self::thirds(from, |k, i| from[(3 * i + k) / N].lanes[(3 * i + k) % N])
    }
    #[inline(never)]
    fn sum(self) -> f32 {
        issue(Instruction::Reduce, self.ready);
        self.lanes.iter().sum()
    }
    #[inline(never)]
    fn largest(self) -> f32 {
        issue(Instruction::Reduce, self.ready);
        self.lanes.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }
}

#[cfg(test)]
mod tests;
