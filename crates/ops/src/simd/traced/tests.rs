//! What traced lanes tell, by hand.

use super::*;
use crate::simd::{Isa, Vectorised};
use profile::Vectors;
use std::collections::BTreeMap;

/// Counts; every instruction takes a cycle.
#[derive(Default)]
struct Count {
    instructions: BTreeMap<Instruction, usize>,
    read: usize,
    written: usize,
    latest: u64,
}

impl Observer for Count {
    fn issue(&mut self, instruction: Instruction, operands: u64, sum: u64) -> u64 {
        *self.instructions.entry(instruction).or_default() += 1;
        let ready = operands.max(sum) + 1;
        self.latest = self.latest.max(ready);
        ready
    }

    fn touch(&mut self, _: usize, bytes: usize, write: bool) {
        if write {
            self.written += bytes;
        } else {
            self.read += bytes;
        }
    }
}

/// What `work` on traced lanes does.
fn counted(vectors: Vectors, work: impl Vectorised) -> Count {
    let count = Rc::new(RefCell::new(Count::default()));
    observing(count.clone(), || Isa::traced(vectors).run(work));
    count.take()
}

/// y ← y + x·x over so many elements.
struct Squares<'a>(&'a [f32], &'a mut [f32]);

impl Vectorised for Squares<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        for at in (0..self.0.len()).step_by(L::N) {
            let n = L::N.min(self.0.len() - at);
            // SAFETY: both hold so many elements.
            unsafe {
                let y = self.1.as_mut_ptr().add(at);
                let x = L::load_up_to(self.0.as_ptr().add(at), n);
                L::load_up_to(y, n).fma(x, x).store_up_to(y, n);
            }
        }
    }
}

#[test]
fn instructions_and_bytes_are_those_of_the_loop() {
    use Instruction::{Fma, Load, LoadPart, Store, StorePart};
    let squares = |vectors: Vectors, elements: usize| {
        let (x, mut y) = (vec![2.0; elements], vec![1.0; elements]);
        let count = counted(vectors, Squares(&x, &mut y));
        assert!(y.iter().all(|y| *y == 5.0));
        count
    };
    // A last vector of three. On NEON one by one in and out, by way of an array; in with a mask on x86, and out in
    // two parts or with one.
    let parts = [
        (Vectors::Neon, [(Fma, 2), (Load, 4), (LoadPart, 9), (Store, 2), (StorePart, 9)]),
        (Vectors::Avx2, [(Fma, 2), (Load, 2), (LoadPart, 2), (Store, 1), (StorePart, 2)]),
        (Vectors::Avx512, [(Fma, 2), (Load, 2), (LoadPart, 2), (Store, 1), (StorePart, 1)]),
    ];
    for (vectors, expected) in parts {
        let lanes = vectors.lanes();
        assert_eq!(Isa::traced(vectors).lanes(), lanes);
        let whole = squares(vectors, 5 * lanes);
        assert_eq!(whole.instructions, BTreeMap::from([(Fma, 5), (Load, 10), (Store, 5)]));
        assert_eq!((whole.read, whole.written), (2 * 20 * lanes, 20 * lanes));
        // A load, a multiply-add, a store.
        assert_eq!(whole.latest, 3);
        let partial = squares(vectors, lanes + 3);
        assert_eq!(partial.instructions, BTreeMap::from(expected), "{vectors}");
        assert_eq!((partial.read, partial.written), (2 * 4 * (lanes + 3), 4 * (lanes + 3)));
    }
}

/// A sum in one chain of so many multiply-adds, whose total is asked for.
struct Chain(usize);

impl Vectorised for Chain {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let x = L::splat(1.0);
        let mut sum = L::splat(0.0);
        for _ in 0..self.0 {
            sum = sum.fma(x, x);
        }
        assert_eq!(sum.sum(), (self.0 * L::N) as f32);
    }
}

#[test]
fn vectors_carry_the_cycle_from_which_they_are_there() {
    assert_eq!(counted(Vectors::Neon, Chain(7)).latest, 7 + 1);
}

/// Every method that has an instruction of its own.
struct Each;

impl Vectorised for Each {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let mut memory = vec![1.0; L::N];
        // SAFETY: there are N elements.
        let (x, y) = unsafe { (L::load(memory.as_ptr()), L::broadcast(memory.as_ptr())) };
        let z = x.add(y).sub(y).mul(y).div(y).max(y).min(y).sqrt().round().fma(x, y);
        let z = z.spread::<2>(1).interleave(x).0;
        let z = L::splat(z.sum() + z.largest());
        // SAFETY: as above.
        unsafe {
            z.store(memory.as_mut_ptr());
            L::load_first(memory.as_ptr(), 1).store_first(memory.as_mut_ptr(), 1);
        }
    }
}

#[test]
fn every_kind_of_instruction_is_told() {
    // A vector spread, and two made of two.
    for (vectors, permutes) in [(Vectors::Neon, 3), (Vectors::Avx2, 5), (Vectors::Avx512, 3)] {
        let told = counted(vectors, Each).instructions;
        assert!(Instruction::all().all(|kind| told.contains_key(&kind)), "{told:?}");
        let counts = [Instruction::Permute, Instruction::Reduce].map(|kind| told[&kind]);
        assert_eq!(counts, [permutes, 2], "{vectors}");
    }
}

#[test]
fn whoever_looked_is_told_no_more() {
    let count = Rc::new(RefCell::new(Count::default()));
    observing(count.clone(), || ());
    let traced = Isa::traced(Vectors::Neon);
    traced.run(Chain(3));
    assert!(count.take().instructions.is_empty());
    assert!(!Isa::available().contains(&traced) && "traced".parse::<Isa>().is_err());
}
